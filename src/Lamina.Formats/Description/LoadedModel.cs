using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A model that was loaded from a file of any format with graphs.</summary>
/// <param name="Model">The model with its weights.</param>
/// <param name="Metadata">
/// The file's metadata, with the keys of saved models (<c>classes</c>, <c>preprocessing</c>…); empty if there is none.
/// </param>
public sealed record LoadedModel(Model Model, JsonObject Metadata)
{
    /// <summary>The verification of weights that are mapped, which fails with a <see cref="ModelFileException"/>.</summary>
    internal Task Verification { get; init; } = Task.CompletedTask;
}
