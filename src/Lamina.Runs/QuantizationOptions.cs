namespace Lamina.Runs;

/// <summary>The images that a quantized model is calibrated on, and the file that is written.</summary>
public sealed record QuantizationOptions
{
    /// <summary>
    /// A folder of images like those to predict, in class folders or not, or of IDX files. Default: <see langword="null"/>,
    /// the training images of the run.
    /// </summary>
    public string? Calibrate { get; init; }

    /// <summary>The format of <see cref="Calibrate"/>. Default: <see langword="null"/>, recognized from its content.</summary>
    public DataFormat? Format { get; init; }

    /// <summary>The number of images, the choice of ranges, and the layers that stay float32.</summary>
    public QuantizeOptions Quantize { get; init; } = new();

    /// <summary>
    /// The file to write, or a run folder. Default: <see langword="null"/>, <c>model.int8.safetensors</c> in the run folder,
    /// or a file beside a model that is not in one.
    /// </summary>
    public string? Output { get; init; }
}
