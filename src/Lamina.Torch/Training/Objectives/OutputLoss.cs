namespace Lamina;

/// <summary>The loss of one of a model's outputs.</summary>
/// <param name="Output">The index of the output.</param>
/// <param name="Name">
/// The output's name, which is the prefix of its names in logs; empty if the model has one output.
/// </param>
/// <param name="Loss">The loss.</param>
/// <param name="Weight">The factor of the loss in the sum that training minimizes.</param>
internal sealed record OutputLoss(int Output, string Name, Loss Loss, double Weight = 1)
{
    /// <summary>Returns the name in logs of a value of this output: <c>loss</c>, or <c>main_loss</c>.</summary>
    public string Key(string of) => Name.Length == 0 ? of : $"{Name}_{of}";
}

/// <summary>A metric of one of a model's outputs.</summary>
/// <param name="Term">The index of the output's loss.</param>
/// <param name="Key">The name in logs.</param>
/// <param name="Metric">The metric.</param>
/// <param name="IsWeighted"><see langword="true"/> if sample weights apply.</param>
internal sealed record OutputMetric(int Term, string Key, Metric Metric, bool IsWeighted = false)
{
    /// <summary>Returns the same metric before any sample.</summary>
    public OutputMetric Fresh() => this with { Metric = Metric.Fresh() };
}

/// <summary>The loss of a batch.</summary>
/// <param name="Total">The weighted sum over outputs.</param>
/// <param name="Parts">The loss of each output, without its weight; empty if there is one.</param>
internal readonly record struct BatchLoss(double Total, double[] Parts)
{
    /// <summary>The number of samples of all ranks' parts; <see langword="null"/> for those of the batch.</summary>
    public int? Samples { get; init; }

    /// <summary>The values that a program's own step returned; <see langword="null"/> for a compiled step.</summary>
    public IReadOnlyDictionary<string, double>? Logs { get; init; }
}
