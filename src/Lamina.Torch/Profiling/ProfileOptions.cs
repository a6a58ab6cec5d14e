namespace Lamina;

/// <summary>Options of a profile.</summary>
public sealed record ProfileOptions
{
    /// <summary>
    /// <see langword="true"/> for a training step; <see langword="false"/> for inference. Default:
    /// <see langword="true"/>.
    /// </summary>
    public bool Training { get; init; } = true;

    /// <summary>The device that runs the step. Default: <see cref="Device.Cpu"/>.</summary>
    public Device Device { get; init; }

    /// <summary>The precision in which the step computes. Default: <see cref="ComputePrecision.Float32"/>.</summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>
    /// The optimizer whose updates are timed. Default: SGD with a momentum of 0.9. It is used with a rate of 0, so that
    /// the model's weights do not change.
    /// </summary>
    public Optimizer? Optimizer { get; init; }

    /// <summary>
    /// The loss. Default: sparse cross-entropy if the output is (batch, classes), else the mean squared error.
    /// </summary>
    public Loss? Loss { get; init; }

    /// <summary>
    /// <see langword="true"/> to recompute activations for backward, as with <c>Compile</c>. Default:
    /// <see langword="false"/>.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>The number of steps before the first that counts, at least 1. Default: 2.</summary>
    public int WarmUp { get; init; } = 2;

    /// <summary>The minimum number of steps that count. Default: 7.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>The total duration for which rounds continue after <see cref="Rounds"/>. Default: 10 seconds.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);
}
