namespace Lamina;

/// <summary>Creates constants that layers compute with.</summary>
internal static class Constants
{
    /// <summary>Returns ones of a shape.</summary>
    public static Symbol Ones(params ReadOnlySpan<int> dims)
    {
        var ones = new NDArray(Shape.Of(dims));
        ones.Values.Fill(1);
        return Ops.Constant(ones);
    }

    /// <summary>Returns values of a shape.</summary>
    public static Symbol Of(float[] values, params ReadOnlySpan<int> dims) =>
        Ops.Constant(new NDArray(Shape.Of(dims), values));

    /// <summary>Returns 0, 1, 2, … along one axis of a shape whose other dimensions are 1.</summary>
    public static Symbol Range(int count, int axis, int rank)
    {
        int[] dims = [.. Enumerable.Range(0, rank).Select(d => d == axis ? count : 1)];
        return Of([.. Enumerable.Range(0, count).Select(i => (float)i)], dims);
    }
}
