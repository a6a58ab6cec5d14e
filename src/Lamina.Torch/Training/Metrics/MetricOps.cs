namespace Lamina.Torch;

/// <summary>Parts that several metrics in ops share. A row is the last axis of an output.</summary>
internal static class MetricOps
{
    /// <summary>Returns the output with a last axis, if it has only a batch.</summary>
    public static Symbol Rows(Symbol output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return output.Shape.Rank < 2 ? Ops.Reshape(output, Shape.Of(1)) : output;
    }

    /// <summary>Returns the class of each row's target: its index, or that of the greatest value.</summary>
    /// <exception cref="LaminaException">The shapes do not match.</exception>
    public static Symbol Labels(string metric, Symbol target, Symbol rows) =>
        rows.Shape[^1] > 1 && IsDense(metric, target, rows)
            ? Ops.ArgMax(Ops.Reshape(target, rows.Shape.Sample))
            : Ops.Reshape(target, WithoutLast(rows.Shape.Sample));

    /// <summary>Returns 1 for each element whose target is right, by its class index or its value, and 0 for others.</summary>
    /// <exception cref="LaminaException">The shapes do not match.</exception>
    public static Symbol Positives(string metric, Symbol target, Symbol rows) =>
        IsDense(metric, target, rows)
            ? Ops.NotEqual(Ops.Reshape(target, rows.Shape.Sample), 0)
            : Ops.OneHot(Labels(metric, target, rows), rows.Shape[^1]!.Value);

    /// <summary>Returns <see langword="true"/> if a target has a value for each element; otherwise it has class indices.</summary>
    /// <exception cref="LaminaException">The shapes do not match.</exception>
    public static bool IsDense(string metric, Symbol target, Symbol rows)
    {
        ArgumentNullException.ThrowIfNull(target);
        long count = target.Shape.SampleCount;
        return count == rows.Shape.SampleCount
            || (
                count * rows.Shape[^1] == rows.Shape.SampleCount
                    ? false
                    : throw new LaminaException(
                        $"{metric}: targets {target.Shape} do not match the output {rows.Shape}. Pass one class index, or one value for each class, per row."
                    )
            );
    }

    /// <summary>Returns 1 for values above a threshold, as float64 compares them, and 0 for others.</summary>
    public static Symbol Above(Symbol x, double threshold)
    {
        var nearest = (float)threshold;
        return Ops.Greater(x, nearest > threshold ? MathF.BitDecrement(nearest) : nearest);
    }

    /// <summary>Returns 1 for the k greatest values of each row, the first of equal ones, and 0 for others.</summary>
    public static Symbol Greatest(Symbol rows, int k)
    {
        int size = rows.Shape[^1]!.Value;
        if (k >= size)
        {
            return Ops.Equal(rows, rows);
        }
        Symbol chosen = Ops.OneHot(Ops.ArgMax(rows), size);
        for (int i = 1; i < k; i++)
        {
            Symbol rest = Ops.Where(chosen, double.NegativeInfinity, rows);
            chosen = Ops.Maximum(chosen, Ops.OneHot(Ops.ArgMax(rest), size));
        }
        return chosen;
    }

    /// <summary>Returns values as the columns of rows: (batch, …) becomes (batch, …, n).</summary>
    public static Symbol Columns(params IReadOnlyList<Symbol> values) =>
        Ops.Concat([.. values.Select(v => Ops.Reshape(v, new Shape([.. v.Shape.Sample, 1])))]);

    /// <summary>Throws if a class index is not one of a class of the output.</summary>
    /// <exception cref="LaminaException">An index is not allowed.</exception>
    public static void RequireLabels(string metric, NDArray target, Shape output)
    {
        int classes = output.Rank < 2 ? 1 : output[^1]!.Value;
        if (classes == 1 || target.Values.Length != target.Count * (output.SampleCount / classes))
        {
            return;
        }
        foreach (float label in target.Values)
        {
            if (!(label >= 0 && label < classes && label == MathF.Floor(label)))
            {
                throw new LaminaException(
                    FormattableString.Invariant(
                        $"{metric}: the label {label} is not a class index from 0 to {classes - 1}. "
                    ) + "Check the labels, or the units of the last layer."
                );
            }
        }
    }

    private static Shape WithoutLast(Shape sample) => new([.. sample.Take(sample.Rank - 1)]);
}
