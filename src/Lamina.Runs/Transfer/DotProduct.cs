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
}
