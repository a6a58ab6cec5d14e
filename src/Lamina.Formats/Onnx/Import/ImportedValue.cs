namespace Lamina;

/// <summary>
/// A value of the file during import: a constant, or a symbol whose dimensions may be in another order. Images are (N,
/// C, H, W) in the file and (N, H, W, C) in Lamina, and a Transpose in the file only changes the order here.
/// </summary>
internal sealed class ImportedValue
{
    private ImportedValue(OnnxTensor? constant, Symbol? symbol, int[] axes, ImportedFlat? flat) =>
        (Constant, Made, Axes, Flat) = (constant, symbol, axes, flat);

    public static ImportedValue Of(OnnxTensor constant) => new(constant, null, [], null);

    /// <summary>Creates a value from sizes that depend on the batch: a shape, or a value computed from one.</summary>
    public static ImportedValue Of(FoldedTensor sizes) => new(null, null, [], null) { Sizes = sizes };

    /// <summary>Creates a value from a part of a normalization that will become one layer.</summary>
    public static ImportedValue Of(ChannelMean mean) => new(null, null, [], null) { Mean = mean };

    /// <summary>Creates a value from a symbol.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="axes">
    /// The symbol's dimension for each dimension in the file; <see langword="null"/> if they are the same.
    /// </param>
    /// <param name="flat">
    /// The origin of a value that was flattened in another order than the file's; <see langword="null"/> if there is
    /// none.
    /// </param>
    public static ImportedValue Of(Symbol symbol, int[]? axes = null, ImportedFlat? flat = null) =>
        new(null, symbol, axes ?? [.. Enumerable.Range(0, symbol.Shape.Rank)], flat);

    /// <summary>The constant; <see langword="null"/> if the value is none.</summary>
    public OnnxTensor? Constant { get; }

    /// <summary>The sizes that depend on the batch; <see langword="null"/> if the value is none.</summary>
    public FoldedTensor? Sizes { get; private init; }

    /// <summary>The part of a normalization; <see langword="null"/> if the value is none.</summary>
    public ChannelMean? Mean { get; private init; }

    /// <summary><see langword="true"/> if a layer computes the value; <see langword="false"/> if it is known when the file is read.</summary>
    public bool IsComputed => Constant is null && Sizes is null;

    /// <summary><see langword="true"/> if the value is a symbol.</summary>
    public bool HasSymbol => Made is not null;

    /// <summary>The symbol, if the value is computed.</summary>
    public Symbol Symbol =>
        Made
        ?? throw new InvalidOperationException(
            Mean is null
                ? "it reads a shape or a constant where Lamina's layer requires a computed value"
                : "it reads a mean over channels that is not PyTorch's LocalResponseNorm, the only use that Lamina supports"
        );

    private Symbol? Made { get; }

    /// <summary>The symbol's dimension for each dimension in the file.</summary>
    public int[] Axes { get; }

    public ImportedFlat? Flat { get; }

    public int Rank => Made is null && Mean is not null ? Mean.Sample.Length + 1 : Axes.Length;

    /// <summary>Returns the size of a dimension in the file; <see langword="null"/> for that of the batch.</summary>
    public int? Size(int axis) => Symbol.Shape[Axes[axis]];

    /// <summary>The shape of a sample in the file.</summary>
    public int[] Sample =>
        Made is null && Mean is not null ? Mean.Sample : [.. Axes.Skip(1).Select(a => Symbol.Shape[a]!.Value)];

    /// <summary><see langword="true"/> if the symbol has the file's order.</summary>
    public bool IsPlain => Flat is null && Axes.SequenceEqual(Enumerable.Range(0, Rank));

    /// <summary><see langword="true"/> if the value is images in the order of Lamina's layers.</summary>
    public bool IsImages => Axes is [0, 3, 1, 2];

    /// <summary>Returns the value of a layer that does not change the order.</summary>
    public ImportedValue With(Symbol symbol) => Of(symbol, Axes, Flat);

    /// <summary>Returns the same value, which is also the beginning of a normalization.</summary>
    public ImportedValue With(ChannelMean mean) => new(null, Made, Axes, Flat) { Mean = mean };
}

/// <summary>A tensor that was flattened in Lamina's order, which differs from the file's.</summary>
/// <param name="Sample">The sample's dimensions before, in the file's order.</param>
/// <param name="Axes">The dimension in Lamina for each of these, including the batch.</param>
internal sealed record ImportedFlat(int[] Sample, int[] Axes)
{
    /// <summary>Returns the position in Lamina's order of each element in the file's order.</summary>
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

    /// <summary>Lamina's dimensions before flattening.</summary>
    public int[] LaminaSample =>
        [.. Enumerable.Range(0, Sample.Length).OrderBy(i => Axes[i + 1]).Select(i => Sample[i])];

    /// <summary>Returns <see langword="true"/> if two were flattened alike.</summary>
    public bool IsLike(ImportedFlat? other) =>
        other is not null && Sample.SequenceEqual(other.Sample) && Axes.SequenceEqual(other.Axes);
}
