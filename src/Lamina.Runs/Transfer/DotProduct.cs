using System.Numerics;

namespace Lamina.Runs.Transfer;

/// <summary>Sums of products, with the processor's vectors.</summary>
internal static class DotProduct
{
    /// <summary>Returns the sum of the products of the elements of two spans of one length.</summary>
    public static T Of<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
        where T : struct, INumber<T>
    {
        Vector<T> sum = Vector<T>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            sum += new Vector<T>(a[i..]) * new Vector<T>(b[i..]);
        }
        T rest = Vector.Sum(sum);
        for (; i < a.Length; i++)
        {
            rest += a[i] * b[i];
        }
        return rest;
    }

    /// <summary>Adds a multiple of one span to another of the same length.</summary>
    public static void AddScaled<T>(Span<T> sums, ReadOnlySpan<T> values, T factor)
        where T : struct, INumber<T>
    {
        var factors = new Vector<T>(factor);
        int i = 0;
        for (; i <= sums.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            (new Vector<T>(sums[i..]) + (factors * new Vector<T>(values[i..]))).CopyTo(sums[i..]);
        }
        for (; i < sums.Length; i++)
        {
            sums[i] += factor * values[i];
        }
    }
}
