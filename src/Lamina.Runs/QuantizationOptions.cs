namespace Lamina.Runs;

/// <summary>The options for quantizing a model.</summary>
public sealed record QuantizationOptions
{
    /// <summary>
    /// The folder of calibration images, in class folders or not, or of IDX files. Default: <see langword="null"/>, the
    /// training images of the run.
    /// </summary>
    public string? Calibrate { get; init; }

    /// <summary>The format of <see cref="Calibrate"/>. Default: <see langword="null"/>, detected from the content.</summary>
    public DataFormat? Format { get; init; }

    /// <summary>The number of images, the choice of ranges, and the layers to keep in float32.</summary>
    public QuantizeOptions Quantize { get; init; } = new();

    /// <summary>
    /// The file to write, or a run folder. Default: <see langword="null"/>, <c>model.int8.safetensors</c> in the run folder,
    /// or a file beside a model that is not in one.
    /// </summary>
    public string? Output { get; init; }
}
