namespace Lamina;

/// <summary>Shapes of gradients: sums over dimensions that were repeated, and repetition of those that were summed.</summary>
internal static class GradientShapes
{
    /// <summary>Returns ones in the shape of a tensor; no gradient flows to it.</summary>
    public static Symbol Ones(Symbol x) => Ops.Equal(x, x);

    /// <summary>Returns zeros in the shape of a tensor; no gradient flows to it.</summary>
    public static Symbol Zeros(Symbol x) => Ops.NotEqual(x, x);

    /// <summary>Sums a gradient over the dimensions along which a tensor of a shape was repeated.</summary>
    public static Symbol SumTo(Symbol gradient, Shape shape)
    {
        int lacking = gradient.Shape.Rank - shape.Rank;
        if (lacking > 0)
        {
            gradient = Ops.Sum(gradient, [.. Enumerable.Range(0, lacking)]);
        }
        int[] repeated = [.. Enumerable.Range(0, shape.Rank).Where(i => shape[i] == 1 && gradient.Shape[i] != 1)];
        return repeated.Length == 0 ? gradient : Ops.Sum(gradient, repeated, keepDims: true);
    }

    /// <summary>Returns a reduced tensor in a shape that broadcasts to the one before the reduction.</summary>
    /// <param name="reduced">The tensor without the axes.</param>
    /// <param name="x">The shape before.</param>
    /// <param name="axes">The axes of the reduction.</param>
    /// <param name="keepDims"><see langword="true"/> if the axes have size 1 in the tensor.</param>
    public static Symbol Spread(Symbol reduced, Shape x, IReadOnlyList<int> axes, bool keepDims)
    {
        int first = Enumerable.Range(0, x.Rank).Where(a => !axes.Contains(a)).DefaultIfEmpty(x.Rank).First();
        if (keepDims || first >= x.Rank - 1)
        {
            return reduced;
        }
        int[] rest =
        [
            .. Enumerable.Range(first + 1, x.Rank - first - 1).Select(a => axes.Contains(a) ? 1 : x[a]!.Value),
        ];
        return Ops.Reshape(reduced, Shape.Of(rest));
    }

    /// <summary>Returns the axes before the last.</summary>
    public static int[] AllButLast(Shape shape) => [.. Enumerable.Range(0, shape.Rank - 1)];
}
