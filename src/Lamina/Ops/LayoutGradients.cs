namespace Lamina;

/// <summary>Gradients of reductions and of ops that move elements, in ops.</summary>
internal static class LayoutGradients
{
    public static Symbol Mean(MeanOp op, Symbol x, Symbol g)
    {
        double count = op.Axes.Aggregate(1.0, (n, a) => n * x.Shape[a]!.Value);
        return GradientShapes.Ones(x) * (GradientShapes.Spread(g, x.Shape, op.Axes, op.KeepDims) / count);
    }

    public static Symbol Reduce(ReduceOp op, Symbol x, Symbol y, Symbol g)
    {
        Symbol spread = GradientShapes.Spread(g, x.Shape, op.Axes, op.KeepDims);
        if (op.Kind == ReduceKind.Sum)
        {
            return GradientShapes.Ones(x) * spread;
        }
        Symbol result = GradientShapes.Spread(y, x.Shape, op.Axes, op.KeepDims);
        if (op.Kind == ReduceKind.LogSumExp)
        {
            return Ops.Exp(x - result) * spread;
        }
        Symbol chosen = Ops.Equal(x, result);
        return chosen / Ops.Sum(chosen, op.Axes, keepDims: true) * spread;
    }

    public static Symbol Transpose(TransposeOp op, Symbol g)
    {
        int first = op.Permutation.Contains(0) ? 0 : 1;
        var inverse = new int[op.Permutation.Count];
        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[op.Permutation[i] - first] = i + first;
        }
        return Ops.Transpose(g, inverse);
    }

    public static Symbol Pad(PadOp op, Shape x, Symbol g)
    {
        Symbol rows = Ops.Slice(g, 1, op.Pads.Top, x[1]!.Value);
        return Ops.Slice(rows, 2, op.Pads.Left, x[2]!.Value);
    }

    public static Symbol[] Concat(ConcatOp op, Symbol[] x, Symbol g)
    {
        var results = new Symbol[x.Length];
        int start = 0;
        for (int i = 0; i < x.Length; i++)
        {
            int count = x[i].Shape[op.Axis]!.Value;
            results[i] = Ops.Slice(g, op.Axis, start, count);
            start += count;
        }
        return results;
    }

    public static Symbol Slice(SliceOp op, Symbol x, Symbol g)
    {
        int end = op.Start + op.Count;
        int rest = x.Shape[op.Axis]!.Value - end;
        List<Symbol> parts = [g];
        if (op.Start > 0)
        {
            parts.Insert(0, GradientShapes.Zeros(Ops.Slice(x, op.Axis, 0, op.Start)));
        }
        if (rest > 0)
        {
            parts.Add(GradientShapes.Zeros(Ops.Slice(x, op.Axis, end, rest)));
        }
        return parts.Count == 1 ? g : Ops.Concat(parts, op.Axis);
    }

    /// <summary>Returns the window of an adaptive pooling that divides images evenly; <see langword="null"/> if it does not.</summary>
    public static Size2? Even(AdaptiveAveragePoolOp op, Shape x)
    {
        (int height, int width) = (x[1]!.Value, x[2]!.Value);
        return height % op.Output.Height == 0 && width % op.Output.Width == 0
            ? new Size2(height / op.Output.Height, width / op.Output.Width)
            : null;
    }

    /// <summary>Returns the gradient of averages over windows that lie side by side: each pixel has its share.</summary>
    public static Symbol Windows(Size2 window, Shape x, Shape y, Symbol g)
    {
        (int rows, int columns, int channels) = (y[1]!.Value, y[2]!.Value, y[3]!.Value);
        Symbol pixels =
            Ops.Reshape(g / (window.Height * window.Width), Shape.Of(rows, 1, columns, 1, channels))
            * Constants.Ones(1, window.Height, 1, window.Width, 1);
        Symbol image = Ops.Reshape(pixels, Shape.Of(rows * window.Height, columns * window.Width, channels));
        // Pixels that no window covers.
        var rest = new Pads2(0, x[1]!.Value - (rows * window.Height), 0, x[2]!.Value - (columns * window.Width));
        return rest == Pads2.None ? image : Ops.Pad(image, rest);
    }
}
