using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>What a file of a model or of weights holds, told without loading the tensors' values.</summary>
/// <param name="Format">The format and its version: <c>safetensors</c>, <c>ONNX, IR 8, opset 17</c>…</param>
/// <param name="Tensors">The tensors in the file's order.</param>
/// <param name="Notes">Further facts, a line each, for a person: the graph's inputs and outputs, who wrote it…</param>
/// <param name="Metadata">The file's own metadata; <see langword="null"/> if it has none.</param>
public sealed record FileDescription(
    string Format,
    IReadOnlyList<TensorDescription> Tensors,
    IReadOnlyList<string> Notes,
    JsonObject? Metadata = null
);
