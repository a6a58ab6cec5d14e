using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>What a saved model holds beside its architecture and weights.</summary>
public sealed record SaveOptions
{
    /// <summary>The optimizer's state, by names of the caller's choice; <see langword="null"/> for none.</summary>
    public IReadOnlyDictionary<string, NDArray>? OptimizerState { get; init; }

    /// <summary>
    /// What the caller wants to find again: class names, preprocessing, compile arguments, the epoch.
    /// <see langword="null"/> for nothing. At most 60 levels deep.
    /// </summary>
    public JsonObject? Metadata { get; init; }
}
