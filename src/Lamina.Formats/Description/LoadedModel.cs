using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A model from a file of any format that holds graphs.</summary>
/// <param name="Model">The model, its weights set.</param>
/// <param name="Metadata">
/// What the file says beside it, by the names of saved models (<c>classes</c>, <c>preprocessing</c>…); empty if nothing.
/// </param>
public sealed record LoadedModel(Model Model, JsonObject Metadata);
