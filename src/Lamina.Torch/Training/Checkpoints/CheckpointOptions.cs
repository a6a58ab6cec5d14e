using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>How a run keeps checkpoints.</summary>
internal sealed record CheckpointOptions
{
    /// <summary>When they are saved; null for only when the run is asked to end.</summary>
    public Frequency? Frequency { get; init; } = Lamina.Frequency.Epoch;

    /// <summary>How many are kept while the run goes on, at least 1.</summary>
    public int Keep { get; init; } = 1;

    /// <summary>Whether one is saved when the run has reached its end, if none was just then.</summary>
    public bool SaveAtEnd { get; init; }

    /// <summary>Whether they are removed when the run has reached its end.</summary>
    public bool DeleteAtEnd { get; init; }

    /// <summary>What else is to be in their metadata.</summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>Gets a line for each damaged one that was passed over.</summary>
    public required Action<string> OnDamaged { get; init; }

    /// <summary>Called when a run goes on from one.</summary>
    public Action<FitState>? OnResumed { get; init; }
}
