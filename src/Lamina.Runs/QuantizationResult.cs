namespace Lamina.Runs;

/// <summary>What a quantization came to.</summary>
public sealed record QuantizationResult
{
    /// <summary>The file that was written.</summary>
    public required string File { get; init; }

    /// <summary>The size of the file in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The size of the float32 weights in bytes.</summary>
    public required long FloatBytes { get; init; }

    /// <summary>The number of images that the model was calibrated on.</summary>
    public required int CalibrationImages { get; init; }

    /// <summary>The float32 model on the run's test images; <see langword="null"/> if there are none.</summary>
    public Evaluation? FloatTest { get; init; }

    /// <summary>The quantized model on the run's test images; <see langword="null"/> if there are none.</summary>
    public Evaluation? Test { get; init; }
}
