namespace Lamina.Torch.Tests.References;

/// <summary>One element of many, the place of the greatest, and rows with a single 1.</summary>
internal static class ReduceReference
{
    public static Array64 Reduce(ReduceOp op, Array64 x)
    {
        int[] kept = [.. x.Sizes.Select((size, d) => op.Axes.Contains(d) ? 1 : size)];
        Dictionary<int, List<double>> groups = [];
        var places = new Array64(kept, [.. Enumerable.Range(0, Array64.Product(kept)).Select(i => (double)i)]);
        foreach (int[] at in x.Indices())
        {
            int place = (int)places[[.. at.Select((i, d) => op.Axes.Contains(d) ? 0 : i)]];
            (groups.TryGetValue(place, out List<double>? group) ? group : groups[place] = []).Add(x[at]);
        }
        double[] values = [.. groups.OrderBy(g => g.Key).Select(g => One(op.Kind, g.Value))];
        return new Array64(op.KeepDims ? kept : [.. kept.Where((_, d) => !op.Axes.Contains(d))], values);
    }

    public static Array64 ArgMax(ArgMaxOp op, Array64 x)
    {
        var y = new Array64([.. x.Sizes.Where((_, d) => d != op.Axis)]);
        foreach (int[] at in y.Indices())
        {
            double[] row =
            [
                .. Enumerable.Range(0, x.Sizes[op.Axis]).Select(i => x[[.. at[..op.Axis], i, .. at[op.Axis..]]]),
            ];
            y[at] = Array.IndexOf(row, row.Max());
        }
        return y;
    }

    public static Array64 OneHot(OneHotOp op, Array64 x)
    {
        var y = new Array64([.. x.Sizes, op.Classes]);
        foreach (int[] at in y.Indices())
        {
            y[at] = x[at.AsSpan(0, at.Length - 1)] == at[^1] ? 1 : 0;
        }
        return y;
    }

    private static double One(ReduceKind kind, List<double> values) =>
        kind switch
        {
            ReduceKind.Sum => values.Sum(),
            ReduceKind.Max => values.Max(),
            ReduceKind.Min => values.Min(),
            ReduceKind.LogSumExp => Math.Log(values.Sum(Math.Exp)),
            _ => throw new NotSupportedException($"{kind} has no reference."),
        };
}
