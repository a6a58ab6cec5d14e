using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>What <see cref="ModelFile.Load"/> found: a model with its weights, and what was saved beside it.</summary>
public sealed class SavedModel
{
    internal SavedModel(
        Model model,
        JsonObject metadata,
        IReadOnlyDictionary<string, NDArray> optimizerState,
        string createdBy
    ) => (Model, Metadata, OptimizerState, CreatedBy) = (model, metadata, optimizerState, createdBy);

    /// <summary>The model, its weights set.</summary>
    public Model Model { get; }

    /// <summary>The metadata; empty if none was saved.</summary>
    public JsonObject Metadata { get; }

    /// <summary>The optimizer's state; empty if none was saved.</summary>
    public IReadOnlyDictionary<string, NDArray> OptimizerState { get; }

    /// <summary>The program and version that saved the model: <c>Lamina 0.1.0</c>.</summary>
    public string CreatedBy { get; }
}
