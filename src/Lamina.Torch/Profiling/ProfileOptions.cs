namespace Lamina;

/// <summary>How a model is profiled.</summary>
public sealed record ProfileOptions
{
    /// <summary>Whether a step is one of training; else it is one of inference. Standard: training.</summary>
    public bool Training { get; init; } = true;

    /// <summary>The device that runs the step. Default: <see cref="Device.Cpu"/>.</summary>
    public Device Device { get; init; }

    /// <summary>
    /// The optimizer whose updates are timed. Standard: SGD with a momentum of 0.9. It is taken at a rate of 0, so that the
    /// model's weights stay as they are.
    /// </summary>
    public Optimizer? Optimizer { get; init; }

    /// <summary>
    /// The loss. Standard: sparse cross-entropy where the output is (batch, classes), else the mean squared error.
    /// </summary>
    public Loss? Loss { get; init; }

    /// <summary>Whether activations are computed again for backward, as <c>Compile</c> offers. Standard: no.</summary>
    public bool Recompute { get; init; }

    /// <summary>Steps before the first that counts, at least 1. Standard: 2.</summary>
    public int WarmUp { get; init; } = 2;

    /// <summary>Steps that count, at least. Standard: 7.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>How long to go on with rounds after <see cref="Rounds"/>. Standard: 10 seconds in all.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);
}
