namespace Lamina.Runs.Results;

/// <summary>The result of a finished run.</summary>
/// <param name="Model">The trained model.</param>
/// <param name="History">The epochs.</param>
/// <param name="Result">The results of the test.</param>
/// <param name="Images">The images of the test.</param>
/// <param name="Elapsed">The duration of the run.</param>
/// <param name="Baselines">The baselines; null if not computed.</param>
internal sealed record RunOutcome(
    Model Model,
    IReadOnlyList<EpochLog> History,
    Evaluation Result,
    LabeledImages Images,
    TimeSpan Elapsed,
    Baselines? Baselines
);
