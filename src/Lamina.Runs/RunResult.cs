using Lamina.Runs.Results;

namespace Lamina.Runs;

/// <summary>What a run came to.</summary>
public sealed record RunResult
{
    /// <summary>The run folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The trained model.</summary>
    public required Model Model { get; init; }

    /// <summary>The classes, the preprocessing and the data.</summary>
    public required RunInfo Info { get; init; }

    /// <summary>The epochs that were finished, those before an interruption included.</summary>
    public required History History { get; init; }

    /// <summary>The number of epochs that the recipe asks for.</summary>
    public required int Epochs { get; init; }

    /// <summary>The results on the test images; <see langword="null"/> if the run was interrupted.</summary>
    public Evaluation? Test { get; init; }

    /// <summary>What the model must exceed; <see langword="null"/> for a resumed run that began without them.</summary>
    public Baselines? Baselines { get; init; }

    /// <summary>The time that the run took since it was begun or resumed.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary><see langword="true"/> if the run was canceled and can be resumed.</summary>
    public bool IsInterrupted => Test is null;

    /// <summary>A line if the model is no better than the baselines; <see langword="null"/> otherwise.</summary>
    public string? Warning => Test is { } test && Baselines is { } b ? BaselineText.Warning(b, test.Top1) : null;
}
