using Lamina.Runs.Results;

namespace Lamina.Runs;

/// <summary>The result of a run.</summary>
public sealed record RunResult
{
    /// <summary>The run folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The trained model.</summary>
    public required Model Model { get; init; }

    /// <summary>The classes, the preprocessing and the data.</summary>
    public required RunInfo Info { get; init; }

    /// <summary>The finished epochs, including those before an interruption.</summary>
    public required History History { get; init; }

    /// <summary>The number of epochs in the recipe.</summary>
    public required int Epochs { get; init; }

    /// <summary>The results on the test images; <see langword="null"/> if the run was interrupted.</summary>
    public Evaluation? Test { get; init; }

    /// <summary>The baselines; <see langword="null"/> for a resumed run that was started without them.</summary>
    public Baselines? Baselines { get; init; }

    /// <summary>The duration of the run since it was started or resumed.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary><see langword="true"/> if the run was canceled and can be resumed.</summary>
    public bool IsInterrupted => Test is null;

    /// <summary>The warning if the model is no better than the baselines; otherwise <see langword="null"/>.</summary>
    public string? Warning => Test is { } test && Baselines is { } b ? BaselineText.Warning(b, test.Top1) : null;
}
