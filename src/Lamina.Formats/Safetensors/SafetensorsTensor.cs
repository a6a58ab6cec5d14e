using System.Globalization;

namespace Lamina;

/// <summary>The description of a tensor in a safetensors header.</summary>
/// <param name="Name">The name, unique in the file.</param>
/// <param name="Dtype">The type of an element.</param>
/// <param name="Dimensions">The sizes, outermost first; empty for a scalar. A size may be 0.</param>
/// <param name="Offset">The position of its bytes, counted from the end of the header.</param>
/// <param name="ByteCount">The number of its bytes: elements × size of an element.</param>
public sealed record SafetensorsTensor(
    string Name,
    SafetensorsDtype Dtype,
    IReadOnlyList<long> Dimensions,
    long Offset,
    long ByteCount
)
{
    /// <summary>The number of elements.</summary>
    public long ElementCount => ByteCount / Dtype.Size();

    /// <summary>Returns <see langword="true"/> if the tensor has exactly this shape.</summary>
    public bool HasShape(Shape shape)
    {
        if (shape.HasUnknownBatch || shape.Rank != Dimensions.Count)
        {
            return false;
        }
        for (int i = 0; i < shape.Rank; i++)
        {
            if (shape[i] != Dimensions[i])
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The dimensions as text: <c>(3, 3, 96, 256)</c>.</summary>
    internal string DimensionsText
    {
        get
        {
            var sizes = Dimensions.Take(17).Select(d => d.ToString(CultureInfo.InvariantCulture)).ToList();
            return sizes.Count switch
            {
                1 => $"({sizes[0]},)",
                17 => $"({string.Join(", ", sizes.Take(16))}, …)",
                _ => $"({string.Join(", ", sizes)})",
            };
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Quoted.Name(Name)} {Dtype.FileName()} {DimensionsText}";
}
