namespace Lamina.Torch.Tests.References;

/// <summary>A dense row-major float64 array: what the references compute with.</summary>
internal sealed class Array64
{
    public Array64(params int[] sizes)
        : this(sizes, new double[Product(sizes)]) { }

    public Array64(int[] sizes, double[] values)
    {
        Assert.Equal(Product(sizes), values.Length);
        (Sizes, Values) = (sizes, values);
    }

    public int[] Sizes { get; }

    public double[] Values { get; }

    public int Rank => Sizes.Length;

    /// <summary>The element at these indices, one a dimension.</summary>
    public double this[params ReadOnlySpan<int> indices]
    {
        get => Values[Offset(indices)];
        set => Values[Offset(indices)] = value;
    }

    /// <summary>Every multi-index, in row-major order; the one array is used again for each.</summary>
    public IEnumerable<int[]> Indices()
    {
        var index = new int[Rank];
        for (int n = 0; n < Values.Length; n++)
        {
            int rest = n;
            for (int d = Rank - 1; d >= 0; d--)
            {
                index[d] = rest % Sizes[d];
                rest /= Sizes[d];
            }
            yield return index;
        }
    }

    public Array64 Map(Func<double, double> f) => new(Sizes, [.. Values.Select(f)]);

    public Array64 Clone() => new(Sizes, [.. Values]);

    public float[] ToSingles() => [.. Values.Select(v => (float)v)];

    public static int Product(IEnumerable<int> sizes) => sizes.Aggregate(1, (a, b) => a * b);

    private int Offset(ReadOnlySpan<int> indices)
    {
        int offset = 0;
        for (int d = 0; d < Sizes.Length; d++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)indices[d], (uint)Sizes[d], nameof(indices));
            offset = (offset * Sizes[d]) + indices[d];
        }
        return offset;
    }
}
