namespace Lamina.Serving;

/// <summary>
/// A model as the server sees it. The server calls <see cref="Predict"/> of an instance from one thread at a time, and
/// <see cref="DecodeImage"/> from any number of threads.
/// </summary>
public interface IInferenceModel : IDisposable
{
    /// <summary>The platform that the model metadata reports, as "project_format".</summary>
    string Platform { get; }

    /// <summary>The inputs, in the order of <see cref="Predict"/>.</summary>
    IReadOnlyList<TensorSpec> Inputs { get; }

    /// <summary>The outputs, in the order of <see cref="Predict"/>.</summary>
    IReadOnlyList<TensorSpec> Outputs { get; }

    /// <summary>The names of the classes, in the order of the output's values; empty if there are none.</summary>
    IReadOnlyList<string> Labels { get; }

    /// <summary><see langword="true"/> if the model knows how an encoded image becomes its input.</summary>
    bool AcceptsImages { get; }

    /// <summary>Computes the outputs of a batch.</summary>
    /// <param name="inputs">One array (batch, …) per input.</param>
    /// <returns>One array (batch, …) per output.</returns>
    IReadOnlyList<NDArray> Predict(IReadOnlyList<NDArray> inputs);

    /// <summary>Decodes an image file and prepares it as one sample of the first input.</summary>
    /// <param name="file">The bytes of a JPEG, PNG, or WebP file.</param>
    /// <param name="name">The image's name in errors.</param>
    /// <param name="maxPixels">The largest image; one that declares more is refused before it is decoded.</param>
    /// <returns>(1, height, width, channels).</returns>
    /// <exception cref="DataException">The bytes cannot be read as an image.</exception>
    NDArray DecodeImage(ReadOnlySpan<byte> file, string name, long maxPixels);
}
