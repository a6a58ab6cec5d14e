using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The innermost loop of a convolution: a tile of 6 pixels and one or two vectors of filters in registers. The pixels'
/// windows are given by addresses of runs of neighboring elements, so that they need not be copied.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <typeparam name="TShape">The tile's shape, of which only the width counts.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Compile-time constants of a type argument.")]
internal static unsafe class PointerTile<TVector, TShape>
    where TVector : unmanaged, IFloats<TVector>
    where TShape : struct, ITileShape
{
    /// <summary>The number of pixels of a tile.</summary>
    public const int Rows = 6;

    /// <summary>Computes the sums of a tile.</summary>
    /// <param name="addresses">The addresses of the first run of each of the 6 pixels.</param>
    /// <param name="step">The distance to the addresses of the next run.</param>
    /// <param name="runs">The number of runs of a window.</param>
    /// <param name="length">The number of elements of a run.</param>
    /// <param name="kernel">The kernel's elements in the order of the window, one or two vectors of filters each.</param>
    /// <param name="sums">Receives 6 rows of two vectors; of the second nothing if the tile is one vector wide.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float** addresses, nint step, int runs, nint length, float* kernel, float* sums)
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
            float* a0 = addresses[0];
            float* a1 = addresses[1];
            float* a2 = addresses[2];
            float* a3 = addresses[3];
            float* a4 = addresses[4];
            float* a5 = addresses[5];
            for (nint i = 0; i < length; i++)
            {
                TVector left = TVector.Load(kernel);
                TVector right = TShape.Wide ? TVector.Load(kernel + TVector.Count) : default;
                TVector x = TVector.Create(a0[i]);
                l0 = TVector.MultiplyAdd(x, left, l0);
                r0 = TShape.Wide ? TVector.MultiplyAdd(x, right, r0) : r0;
                x = TVector.Create(a1[i]);
                l1 = TVector.MultiplyAdd(x, left, l1);
                r1 = TShape.Wide ? TVector.MultiplyAdd(x, right, r1) : r1;
                x = TVector.Create(a2[i]);
                l2 = TVector.MultiplyAdd(x, left, l2);
                r2 = TShape.Wide ? TVector.MultiplyAdd(x, right, r2) : r2;
                x = TVector.Create(a3[i]);
                l3 = TVector.MultiplyAdd(x, left, l3);
                r3 = TShape.Wide ? TVector.MultiplyAdd(x, right, r3) : r3;
                x = TVector.Create(a4[i]);
                l4 = TVector.MultiplyAdd(x, left, l4);
                r4 = TShape.Wide ? TVector.MultiplyAdd(x, right, r4) : r4;
                x = TVector.Create(a5[i]);
                l5 = TVector.MultiplyAdd(x, left, l5);
                r5 = TShape.Wide ? TVector.MultiplyAdd(x, right, r5) : r5;
                kernel += TShape.Wide ? 2 * TVector.Count : TVector.Count;
            }
        }
        Store(sums, l0, r0);
        Store(sums + (2 * TVector.Count), l1, r1);
        Store(sums + (4 * TVector.Count), l2, r2);
        Store(sums + (6 * TVector.Count), l3, r3);
        Store(sums + (8 * TVector.Count), l4, r4);
        Store(sums + (10 * TVector.Count), l5, r5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, TVector left, TVector right)
    {
        left.Store(to);
        if (TShape.Wide)
        {
            right.Store(to + TVector.Count);
        }
    }
}
