using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>What a model is written with, in formats that can hold it.</summary>
public sealed record ModelWriteOptions
{
    /// <summary>Classes, preprocessing and more, as saved models have it; <see langword="null"/> for nothing.</summary>
    public JsonObject? Metadata { get; init; }
}
