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
    /// <param name="addresses">The addresses of the first run of each row.</param>
    /// <param name="step">The distance to the addresses of the next run.</param>
    /// <param name="runs">The number of runs of a row.</param>
    /// <param name="pairs">The number of pairs of a run.</param>
    /// <param name="kernel">The kernel: for each pair of a row, two vectors of columns.</param>
    /// <param name="sums">The sums, two vectors for each row.</param>
    /// <param name="sumStep">The distance between rows of sums in elements.</param>
    /// <param name="start">What sums start from.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        short** addresses,
        nint step,
        int runs,
        nint pairs,
        short* kernel,
        int* sums,
        nint sumStep,
        SumStart start
    )
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
        for (; runs > 0; runs--, addresses += step)
        {
            int* a0 = (int*)addresses[0];
            int* a1 = (int*)addresses[1];
            int* a2 = (int*)addresses[2];
            int* a3 = (int*)addresses[3];
            int* a4 = TShape.Rows > 4 ? (int*)addresses[4] : null;
            int* a5 = TShape.Rows > 4 ? (int*)addresses[5] : null;
            for (nint i = 0; i < pairs; i++)
            {
                TVector left = TVector.Load(kernel);
                TVector right = TVector.Load(kernel + (2 * TVector.Count));
                TVector x = TVector.Create(a0[i]);
                l0 = TVector.MultiplyAdd(x, left, l0);
                r0 = TVector.MultiplyAdd(x, right, r0);
                x = TVector.Create(a1[i]);
                l1 = TVector.MultiplyAdd(x, left, l1);
                r1 = TVector.MultiplyAdd(x, right, r1);
                x = TVector.Create(a2[i]);
                l2 = TVector.MultiplyAdd(x, left, l2);
                r2 = TVector.MultiplyAdd(x, right, r2);
                x = TVector.Create(a3[i]);
                l3 = TVector.MultiplyAdd(x, left, l3);
                r3 = TVector.MultiplyAdd(x, right, r3);
                if (TShape.Rows > 4)
                {
                    x = TVector.Create(a4[i]);
                    l4 = TVector.MultiplyAdd(x, left, l4);
                    r4 = TVector.MultiplyAdd(x, right, r4);
                    x = TVector.Create(a5[i]);
                    l5 = TVector.MultiplyAdd(x, left, l5);
                    r5 = TVector.MultiplyAdd(x, right, r5);
                }
                kernel += 4 * TVector.Count;
            }
        }
        sums = Store(sums, sumStep, l0, r0, start);
        sums = Store(sums, sumStep, l1, r1, start);
        sums = Store(sums, sumStep, l2, r2, start);
        sums = Store(sums, sumStep, l3, r3, start);
        if (TShape.Rows > 4)
        {
            sums = Store(sums, sumStep, l4, r4, start);
            Store(sums, sumStep, l5, r5, start);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int* Store(int* sums, nint sumStep, TVector left, TVector right, SumStart start)
    {
        if (start != SumStart.Zero)
        {
            TVector before = TVector.Load(sums);
            TVector next = TVector.Load(sums + TVector.Count);
            left += start == SumStart.FourTimesSums ? before << 2 : before;
            right += start == SumStart.FourTimesSums ? next << 2 : next;
        }
        left.Store(sums);
        right.Store(sums + TVector.Count);
        return sums + sumStep;
    }
}

/// <summary>What the sums of a tile start from.</summary>
internal enum SumStart
{
    /// <summary>0.</summary>
    Zero,

    /// <summary>The sums that are there.</summary>
    Sums,

    /// <summary>4 times the sums that are there.</summary>
    FourTimesSums,
}
