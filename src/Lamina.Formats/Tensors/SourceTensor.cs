using System.Globalization;

namespace Lamina;

/// <summary>A tensor of a file, before its values are read.</summary>
/// <param name="Name">The name in the file's state dict.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="TypeName">The element type as the format spells it.</param>
/// <param name="Dimensions">The sizes, outermost first; empty for a scalar. A size may be 0.</param>
internal abstract record SourceTensor(string Name, ElementType Type, string TypeName, IReadOnlyList<long> Dimensions)
{
    /// <summary>
    /// The number of elements; the creator of a tensor has verified that it has at most 2^63 - 1 bytes.
    /// </summary>
    public long Count { get; } = Dimensions.Aggregate(1L, (product, d) => checked(product * d));

    /// <summary>The dimensions as text: <c>(64, 3, 11, 11)</c>.</summary>
    public string Shape => Text(Dimensions);

    /// <inheritdoc/>
    public sealed override string ToString() => $"{Quoted.Name(Name)} {TypeName} {Shape}";

    /// <summary>Dimensions as text, cut after 16.</summary>
    public static string Text(IReadOnlyList<long> dimensions)
    {
        var sizes = dimensions.Take(16).Select(d => d.ToString(CultureInfo.InvariantCulture)).ToList();
        return dimensions.Count switch
        {
            1 => $"({sizes[0]},)",
            > 16 => $"({string.Join(", ", sizes)}, …)",
            _ => $"({string.Join(", ", sizes)})",
        };
    }
}
