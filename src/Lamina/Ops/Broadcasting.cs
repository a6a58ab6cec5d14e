namespace Lamina;

/// <summary>Broadcasts shapes as NumPy does; the first dimension may be an unknown batch.</summary>
internal static class Broadcasting
{
    /// <summary>Returns the shape that all of these stretch to.</summary>
    /// <exception cref="ShapeException">
    /// Two dimensions differ and neither is 1, or the batch aligns with another dimension.
    /// </exception>
    public static Shape OutputShape(string op, ReadOnlySpan<Shape> inputs)
    {
        Shape result = inputs[0];
        foreach (Shape x in inputs[1..])
        {
            result = Stretch(op, result, x);
        }
        return result;
    }

    private static Shape Stretch(string op, Shape a, Shape b)
    {
        var dims = new int?[Math.Max(a.Rank, b.Rank)];
        for (int i = 1; i <= dims.Length; i++)
        {
            // A missing dimension counts as 1.
            int? left = i <= a.Rank ? a[^i] : 1;
            int? right = i <= b.Rank ? b[^i] : 1;
            bool fits = left == right || left == 1 || right == 1;
            int? size = left == 1 ? right : left;
            if (!fits || (size is null && i < dims.Length))
            {
                string why = left is null || right is null ? Batch : "each dimension must be equal or 1";
                throw new ShapeException($"{op} cannot combine {a} and {b}: {why}, counted from the last.");
            }
            dims[^i] = size;
        }
        return new Shape(dims);
    }

    private const string Batch = "the unknown batch (None) matches only another unknown batch, or 1";
}
