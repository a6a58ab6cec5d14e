using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Options of writing a model, for formats that support them.</summary>
public sealed record ModelWriteOptions
{
    /// <summary>The metadata, such as classes and preprocessing; <see langword="null"/> for none.</summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>
    /// The names of a state dict's modules that have weights, in the model's order; <see langword="null"/> for the
    /// layers' names.
    /// </summary>
    public IReadOnlyList<string>? PyTorchModules { get; init; }

    /// <summary>The layout of images in ONNX: PyTorch's (the default), or Lamina's and Keras's.</summary>
    public OnnxLayout OnnxLayout { get; init; }
}
