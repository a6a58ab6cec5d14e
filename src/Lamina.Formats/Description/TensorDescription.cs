namespace Lamina;

/// <summary>A tensor of a file.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Dtype">The element type, as the format spells it: <c>F32</c>, <c>float32</c>…</param>
/// <param name="Shape">The dimensions, in the file's layout; empty for a scalar.</param>
/// <param name="Bytes">The size of its values in the file, uncompressed.</param>
public sealed record TensorDescription(string Name, string Dtype, IReadOnlyList<long> Shape, long Bytes);
