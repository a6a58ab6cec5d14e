using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The result of <see cref="OnnxFile.Import"/>: a model of Lamina's layers, and the file's metadata.</summary>
public sealed class OnnxModel
{
    internal OnnxModel(
        Model model,
        JsonObject metadata,
        IReadOnlyList<OnnxBinding> inputs,
        IReadOnlyList<OnnxBinding> outputs
    ) => (Model, Metadata, Inputs, Outputs) = (model, metadata, inputs, outputs);

    /// <summary>The model with its weights. Its images are (N, H, W, C), whatever the file's order.</summary>
    public Model Model { get; }

    /// <summary>
    /// The file's <c>metadata_props</c>; empty if it has none. Texts that are JSON objects or arrays are parsed.
    /// </summary>
    public JsonObject Metadata { get; }

    /// <summary>The model's inputs in the file.</summary>
    public IReadOnlyList<OnnxBinding> Inputs { get; }

    /// <summary>The model's outputs in the file.</summary>
    public IReadOnlyList<OnnxBinding> Outputs { get; }
}

/// <summary>An input or output of a model in the file that it was read from.</summary>
/// <param name="Name">The name.</param>
/// <param name="Layout">The order of dimensions of images in the file; in Lamina they are (N, H, W, C).</param>
public sealed record OnnxBinding(string Name, OnnxLayout Layout);
