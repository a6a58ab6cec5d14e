namespace Lamina.Runs.Results;

/// <summary>The result of a finished run.</summary>
/// <param name="Model">The trained model.</param>
/// <param name="History">The epochs.</param>
/// <param name="Result">The test's results.</param>
/// <param name="Images">The images of the test.</param>
/// <param name="Elapsed">How long the run took.</param>
/// <param name="Baselines">What a model must exceed; null if it was not computed.</param>
internal sealed record RunOutcome(
    Model Model,
    IReadOnlyList<EpochLog> History,
    Evaluation Result,
    LabeledImages Images,
    TimeSpan Elapsed,
    Baselines? Baselines
);
