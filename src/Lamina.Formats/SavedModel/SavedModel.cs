using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The result of <see cref="ModelFile.Load"/>: a model with its weights, and the data saved with it.</summary>
public sealed class SavedModel
{
    internal SavedModel(
        Model model,
        JsonObject metadata,
        IReadOnlyDictionary<string, NDArray> optimizerState,
        string createdBy
    ) => (Model, Metadata, OptimizerState, CreatedBy) = (model, metadata, optimizerState, createdBy);

    /// <summary>The model with its weights.</summary>
    public Model Model { get; }

    /// <summary>The metadata; empty if none was saved.</summary>
    public JsonObject Metadata { get; }

    /// <summary>The optimizer's state; empty if none was saved.</summary>
    public IReadOnlyDictionary<string, NDArray> OptimizerState { get; }

    /// <summary>
    /// The verification of the weights, which fails with a <see cref="ModelFileException"/>; completed unless they are
    /// mapped.
    /// </summary>
    internal Task Verification { get; init; } = Task.CompletedTask;

    /// <summary>The program and version that saved the model: <c>Lamina 0.1.0</c>.</summary>
    public string CreatedBy { get; }
}
