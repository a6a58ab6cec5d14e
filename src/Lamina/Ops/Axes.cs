namespace Lamina;

/// <summary>Axes counted from either end, and ops that know only the last.</summary>
internal static class Axes
{
    /// <summary>The axis from the front, after the batch's.</summary>
    public static int Resolve(int axis, Shape shape)
    {
        int resolved = axis < 0 ? axis + shape.Rank : axis;
        return resolved >= 1 && resolved < shape.Rank
            ? resolved
            : throw new ShapeException($"axis {axis} is not an axis of {shape} after its batch.");
    }

    /// <summary>Applies what works on the last axis to another, by moving it there and back.</summary>
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
