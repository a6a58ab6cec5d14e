using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The content of a saved model besides its architecture and weights.</summary>
public sealed record SaveOptions
{
    /// <summary>The optimizer's state, under names chosen by the caller; <see langword="null"/> for none.</summary>
    public IReadOnlyDictionary<string, NDArray>? OptimizerState { get; init; }

    /// <summary>
    /// The caller's own data: class names, preprocessing, compile arguments, the epoch. <see langword="null"/> for
    /// none. At most 60 levels deep.
    /// </summary>
    public JsonObject? Metadata { get; init; }
}
