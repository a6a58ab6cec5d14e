using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The innermost loop of products of 16-bit integers, summed in 32 bits: a tile of 6 or 4 rows and two vectors of columns in
/// registers. The instruction multiplies pairs, so neighbors in a row meet pairs in the kernel.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <typeparam name="TShape">The tile's shape, of which only the number of rows counts.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Compile-time constants of a type argument.")]
internal static unsafe class PairTile<TVector, TShape>
    where TVector : unmanaged, IIntegers<TVector>
    where TShape : struct, ITileShape
{
    /// <summary>Computes the sums of a tile.</summary>
    /// <param name="a">The rows.</param>
    /// <param name="rowStep">The distance between rows in elements.</param>
    /// <param name="pairs">The number of pairs of a row.</param>
    /// <param name="b">The kernel: for each pair of a row, two vectors of columns.</param>
    /// <param name="c">The sums, two vectors for each row.</param>
    /// <param name="cStep">The distance between rows of sums in elements.</param>
    /// <param name="start">The values that sums start from.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(short* a, nint rowStep, nint pairs, short* b, int* c, nint cStep, SumStart start)
    {
        TVector l0 = default,
            l1 = default,
            l2 = default,
            l3 = default,
            l4 = default,
            l5 = default,
            r0 = default,
            r1 = default,
            r2 = default,
            r3 = default,
            r4 = default,
            r5 = default;
        short* a1 = a + rowStep;
        short* a2 = a1 + rowStep;
        short* a3 = a2 + rowStep;
        short* a4 = a3 + rowStep;
        short* a5 = a4 + rowStep;
        for (nint i = 0; i < pairs; i++)
        {
            TVector left = TVector.Load(b);
            TVector right = TVector.Load(b + (2 * TVector.Count));
            TVector x = TVector.Create(((int*)a)[i]);
            l0 = TVector.MultiplyAdd(x, left, l0);
            r0 = TVector.MultiplyAdd(x, right, r0);
            x = TVector.Create(((int*)a1)[i]);
            l1 = TVector.MultiplyAdd(x, left, l1);
            r1 = TVector.MultiplyAdd(x, right, r1);
            x = TVector.Create(((int*)a2)[i]);
            l2 = TVector.MultiplyAdd(x, left, l2);
            r2 = TVector.MultiplyAdd(x, right, r2);
            x = TVector.Create(((int*)a3)[i]);
            l3 = TVector.MultiplyAdd(x, left, l3);
            r3 = TVector.MultiplyAdd(x, right, r3);
            if (TShape.Rows > 4)
            {
                x = TVector.Create(((int*)a4)[i]);
                l4 = TVector.MultiplyAdd(x, left, l4);
                r4 = TVector.MultiplyAdd(x, right, r4);
                x = TVector.Create(((int*)a5)[i]);
                l5 = TVector.MultiplyAdd(x, left, l5);
                r5 = TVector.MultiplyAdd(x, right, r5);
            }
            b += 4 * TVector.Count;
        }
        Store(c, l0, r0, start);
        Store(c + cStep, l1, r1, start);
        Store(c + (2 * cStep), l2, r2, start);
        Store(c + (3 * cStep), l3, r3, start);
        if (TShape.Rows > 4)
        {
            Store(c + (4 * cStep), l4, r4, start);
            Store(c + (5 * cStep), l5, r5, start);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(int* c, TVector left, TVector right, SumStart start)
    {
        if (start != SumStart.Zero)
        {
            int shift = start == SumStart.FourTimesSums ? 2 : 0;
            left += TVector.Load(c) << shift;
            right += TVector.Load(c + TVector.Count) << shift;
        }
        left.Store(c);
        right.Store(c + TVector.Count);
    }
}

/// <summary>The values that the sums of a tile start from.</summary>
internal enum SumStart
{
    /// <summary>0.</summary>
    Zero,

    /// <summary>The sums that are there.</summary>
    Sums,

    /// <summary>4 times the sums that are there.</summary>
    FourTimesSums,
}
