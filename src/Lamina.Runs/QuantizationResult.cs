namespace Lamina.Runs;

/// <summary>The result of a quantization.</summary>
public sealed record QuantizationResult
{
    /// <summary>The file that was written.</summary>
    public required string File { get; init; }

    /// <summary>The size of the file in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The size of the float32 weights in bytes.</summary>
    public required long FloatBytes { get; init; }

    /// <summary>The number of calibration images.</summary>
    public required int CalibrationImages { get; init; }

    /// <summary>The results of the float32 model on the run's test images; <see langword="null"/> if there are none.</summary>
    public Evaluation? FloatTest { get; init; }

    /// <summary>The results of the quantized model on the run's test images; <see langword="null"/> if there are none.</summary>
    public Evaluation? Test { get; init; }
}
