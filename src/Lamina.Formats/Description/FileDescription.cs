using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The content of a file with a model or weights, determined without loading the tensors' values.</summary>
/// <param name="Format">The format and its version: <c>safetensors</c>, <c>ONNX, IR 8, opset 17</c>…</param>
/// <param name="Tensors">The tensors in the order of the file.</param>
/// <param name="Notes">
/// Further facts for human readers, one line each: the graph's inputs and outputs, the producer…
/// </param>
/// <param name="Metadata">The file's own metadata; <see langword="null"/> if it has none.</param>
public sealed record FileDescription(
    string Format,
    IReadOnlyList<TensorDescription> Tensors,
    IReadOnlyList<string> Notes,
    JsonObject? Metadata = null
);
