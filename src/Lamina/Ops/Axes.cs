namespace Lamina;

/// <summary>Converts axes counted from either end, and applies ops that support only the last axis to others.</summary>
internal static class Axes
{
    /// <summary>Returns the axis counted from the front, which must come after the batch.</summary>
    public static int Resolve(int axis, Shape shape)
    {
        int resolved = axis < 0 ? axis + shape.Rank : axis;
        return resolved >= 1 && resolved < shape.Rank
            ? resolved
            : throw new ShapeException($"axis {axis} is not an axis of {shape} after its batch.");
    }

    /// <summary>Applies an op of the last axis to another axis, by moving it there and back.</summary>
    public static Symbol OnLast(Symbol x, int axis, Func<Symbol, Symbol> apply)
    {
        int rank = x.Shape.Rank;
        int from = Resolve(axis, x.Shape);
        if (from == rank - 1)
        {
            return apply(x);
        }
        int[] there = [.. Enumerable.Range(1, rank - 1).Where(a => a != from), from];
        int[] back = [.. Enumerable.Range(1, rank - 1).Select(a => Array.IndexOf(there, a) + 1)];
        return Ops.Transpose(apply(Ops.Transpose(x, there)), back);
    }
}
