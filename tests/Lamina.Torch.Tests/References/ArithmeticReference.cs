namespace Lamina.Torch.Tests.References;

/// <summary>Sums and products with stretched ones, constants, and means.</summary>
internal static class ArithmeticReference
{
    public static Array64 Combine(IReadOnlyList<Array64> inputs, Func<double, double, double> combine)
    {
        // Dimensions count from the last; one that an input lacks is a 1.
        int rank = inputs.Max(x => x.Rank);
        int SizeOf(Array64 x, int d) => d < rank - x.Rank ? 1 : x.Sizes[d - (rank - x.Rank)];
        var y = new Array64([.. Enumerable.Range(0, rank).Select(d => inputs.Max(x => SizeOf(x, d)))]);
        foreach (int[] at in y.Indices())
        {
            y[at] = inputs
                .Select(x => x[[.. at.Select((i, d) => SizeOf(x, d) == 1 ? 0 : i).Skip(rank - x.Rank)]])
                .Aggregate(combine);
        }
        return y;
    }

    public static Array64 Rescale(RescaleOp op, Array64 x)
    {
        var y = new Array64(x.Sizes);
        foreach (int[] at in x.Indices())
        {
            double scale = op.Scale.Count == 1 ? op.Scale[0] : op.Scale[at[^1]];
            double offset = op.Offset.Count == 1 ? op.Offset[0] : op.Offset[at[^1]];
            y[at] = (x[at] * scale) + offset;
        }
        return y;
    }

    public static Array64 Mean(MeanOp op, Array64 x)
    {
        bool Reduced(int d) => op.Axes.Contains(d);
        var kept = new Array64([.. x.Sizes.Select((size, d) => Reduced(d) ? 1 : size)]);
        double count = Array64.Product(x.Sizes.Where((_, d) => Reduced(d)));
        foreach (int[] at in x.Indices())
        {
            kept[[.. at.Select((i, d) => Reduced(d) ? 0 : i)]] += x[at] / count;
        }
        return op.KeepDims ? kept : new Array64([.. x.Sizes.Where((_, d) => !Reduced(d))], kept.Values);
    }

    public static Array64 Softmax(Array64 x)
    {
        Array64 y = x.Map(Math.Exp);
        int classes = x.Sizes[^1];
        for (int row = 0; row < y.Values.Length; row += classes)
        {
            double sum = y.Values[row..(row + classes)].Sum();
            for (int i = row; i < row + classes; i++)
            {
                y.Values[i] /= sum;
            }
        }
        return y;
    }
}
