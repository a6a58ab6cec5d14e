using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>What a model is written with, in formats that can hold it.</summary>
public sealed record ModelWriteOptions
{
    /// <summary>Classes, preprocessing and more, as saved models have it; <see langword="null"/> for nothing.</summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>
    /// What a state dict calls the modules that have weights, in the model's order; <see langword="null"/> for the layers'
    /// names.
    /// </summary>
    public IReadOnlyList<string>? PyTorchModules { get; init; }

    /// <summary>How ONNX has images: as PyTorch, the default, or as Lamina and Keras.</summary>
    public OnnxLayout OnnxLayout { get; init; }
}
