namespace Lamina;

/// <summary>One tensor of a file.</summary>
/// <param name="Name">The name, as the file has it.</param>
/// <param name="Dtype">The element type, in the format's own words: <c>F32</c>, <c>float32</c>…</param>
/// <param name="Shape">The dimensions, in the file's layout; none of a scalar.</param>
/// <param name="Bytes">The length of its values in the file, uncompressed.</param>
public sealed record TensorDescription(string Name, string Dtype, IReadOnlyList<long> Shape, long Bytes);
