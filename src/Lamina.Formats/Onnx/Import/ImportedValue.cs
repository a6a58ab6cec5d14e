namespace Lamina;

/// <summary>
/// A value of the file while it is read: a constant, or a symbol of Lamina's whose dimensions may come in another order.
/// Images are (N, C, H, W) in the file and (N, H, W, C) in Lamina, and a Transpose in the file only changes the order here.
/// </summary>
internal sealed class ImportedValue
{
    private ImportedValue(OnnxTensor? constant, Symbol? symbol, int[] axes, ImportedFlat? flat) =>
        (Constant, Made, Axes, Flat) = (constant, symbol, axes, flat);

    public static ImportedValue Of(OnnxTensor constant) => new(constant, null, [], null);

    /// <summary>Sizes that depend on the batch: a shape, or what is computed of one.</summary>
    public static ImportedValue Of(FoldedTensor sizes) => new(null, null, [], null) { Sizes = sizes };

    /// <summary>A part of a normalization that becomes one layer at its end.</summary>
    public static ImportedValue Of(ChannelMean mean) => new(null, null, [], null) { Mean = mean };

    /// <summary>A symbol.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="axes">For each dimension in the file, the symbol's; <see langword="null"/> if they are the same.</param>
    /// <param name="flat">What was flattened in another order than the file's, if anything was.</param>
    public static ImportedValue Of(Symbol symbol, int[]? axes = null, ImportedFlat? flat = null) =>
        new(null, symbol, axes ?? [.. Enumerable.Range(0, symbol.Shape.Rank)], flat);

    /// <summary>The constant, if the value is one.</summary>
    public OnnxTensor? Constant { get; }

    /// <summary>The sizes, if the value is some that depend on the batch.</summary>
    public FoldedTensor? Sizes { get; private init; }

    /// <summary>The part of a normalization that the value is, if it is one.</summary>
    public ChannelMean? Mean { get; private init; }

    /// <summary><see langword="true"/> if a layer computes the value; <see langword="false"/> if it is known when the file is read.</summary>
    public bool IsComputed => Constant is null && Sizes is null;

    /// <summary><see langword="true"/> if the value is a symbol.</summary>
    public bool HasSymbol => Made is not null;

    /// <summary>The symbol; only of a value that is computed.</summary>
    public Symbol Symbol =>
        Made
        ?? throw new InvalidOperationException(
            Mean is null
                ? "it reads a shape or a constant where Lamina's layer takes what is computed"
                : "it reads a mean over channels that is not PyTorch's LocalResponseNorm, which is all that Lamina has of it"
        );

    private Symbol? Made { get; }

    /// <summary>For each dimension in the file, the symbol's.</summary>
    public int[] Axes { get; }

    public ImportedFlat? Flat { get; }

    public int Rank => Made is null && Mean is not null ? Mean.Sample.Length + 1 : Axes.Length;

    /// <summary>The size of a dimension in the file; that of the batch is unknown.</summary>
    public int? Size(int axis) => Symbol.Shape[Axes[axis]];

    /// <summary>The shape of a sample in the file.</summary>
    public int[] Sample =>
        Made is null && Mean is not null ? Mean.Sample : [.. Axes.Skip(1).Select(a => Symbol.Shape[a]!.Value)];

    /// <summary>Whether the symbol's order is the file's.</summary>
    public bool IsPlain => Flat is null && Axes.SequenceEqual(Enumerable.Range(0, Rank));

    /// <summary>Whether it is images, as Lamina's layers take them.</summary>
    public bool IsImages => Axes is [0, 3, 1, 2];

    /// <summary>What a layer makes of this without touching the order.</summary>
    public ImportedValue With(Symbol symbol) => Of(symbol, Axes, Flat);

    /// <summary>The same value, which is also the beginning of a normalization.</summary>
    public ImportedValue With(ChannelMean mean) => new(null, Made, Axes, Flat) { Mean = mean };
}

/// <summary>A tensor flattened in Lamina's order, which is another than the file's.</summary>
/// <param name="Sample">The sample's dimensions before, in the file's order.</param>
/// <param name="Axes">For each of those, which of Lamina's it was, the batch included.</param>
internal sealed record ImportedFlat(int[] Sample, int[] Axes)
{
    /// <summary>For each element in the file's order, its place in Lamina's.</summary>
    public int[] Places()
    {
        int rank = Sample.Length;
        var strides = new int[rank];
        int stride = 1;
        foreach (int at in Enumerable.Range(0, rank).OrderByDescending(i => Axes[i + 1]))
        {
            strides[at] = stride;
            stride *= Sample[at];
        }
        var places = new int[stride];
        var index = new int[rank];
        int place = 0;
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = place;
            for (int d = rank - 1; d >= 0; d--)
            {
                place += strides[d];
                if (++index[d] < Sample[d])
                {
                    break;
                }
                place -= strides[d] * Sample[d];
                index[d] = 0;
            }
        }
        return places;
    }

    /// <summary>Lamina's dimensions before.</summary>
    public int[] LaminaSample =>
        [.. Enumerable.Range(0, Sample.Length).OrderBy(i => Axes[i + 1]).Select(i => Sample[i])];

    /// <summary>Whether two were flattened alike.</summary>
    public bool IsLike(ImportedFlat? other) =>
        other is not null && Sample.SequenceEqual(other.Sample) && Axes.SequenceEqual(other.Axes);
}
