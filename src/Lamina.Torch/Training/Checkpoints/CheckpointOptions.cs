using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Options of checkpoints.</summary>
internal sealed record CheckpointOptions
{
    /// <summary>The interval; <see langword="null"/> to save only when the run is asked to end.</summary>
    public Frequency? Frequency { get; init; } = Lamina.Frequency.Epoch;

    /// <summary>The number of checkpoints to keep during the run, at least 1.</summary>
    public int Keep { get; init; } = 1;

    /// <summary><see langword="true"/> to save a checkpoint at the end of the run, unless one was just saved.</summary>
    public bool SaveAtEnd { get; init; }

    /// <summary><see langword="true"/> to delete the checkpoints when the run is complete.</summary>
    public bool DeleteAtEnd { get; init; }

    /// <summary>Further metadata.</summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>Receives a line for each damaged checkpoint that was skipped.</summary>
    public required Action<string> OnDamaged { get; init; }

    /// <summary>Called when a run resumes from a checkpoint.</summary>
    public Action<FitState>? OnResumed { get; init; }
}
