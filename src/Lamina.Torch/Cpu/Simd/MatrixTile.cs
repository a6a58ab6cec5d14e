using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>The shape of a tile of a matrix product that is held in registers.</summary>
[SuppressMessage("Design", "CA1000", Justification = "A compile-time constant of a type argument.")]
internal interface ITileShape
{
    /// <summary>The number of rows: 4, 6, 8 or 12.</summary>
    static abstract int Rows { get; }

    /// <summary>
    /// <see langword="true"/> if it has two vectors of columns; <see langword="false"/> for one.
    /// </summary>
    static abstract bool Wide { get; }
}

/// <summary>
/// The innermost loop of a matrix product C = A·B: one tile of C in registers, at most 24 of 32 or 12 of 16. Rows of A
/// are broadcast, one or two vectors of columns of B are read in order.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <typeparam name="TShape">The tile's shape. The JIT omits what a smaller one does not use.</typeparam>
internal static unsafe class MatrixTile<TVector, TShape>
    where TVector : unmanaged, IFloats<TVector>
    where TShape : struct, ITileShape
{
    /// <summary>Computes a tile of C.</summary>
    /// <param name="depth">The number of columns of A and rows of B.</param>
    /// <param name="a">The first element of A.</param>
    /// <param name="rowStep">The distance between rows of A in elements.</param>
    /// <param name="depthStep">The distance between columns of A in elements.</param>
    /// <param name="b">The first element of B.</param>
    /// <param name="bStep">The distance between rows of B in elements.</param>
    /// <param name="c">The first element of the tile.</param>
    /// <param name="cStep">The distance between rows of C in elements.</param>
    /// <param name="add"><see langword="true"/> to add to C instead of replacing it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        nint depth,
        float* a,
        nint rowStep,
        nint depthStep,
        float* b,
        nint bStep,
        float* c,
        nint cStep,
        bool add
    )
    {
        nint one = rowStep * sizeof(float);
        nint two = one * 2;
        nint three = one * 3;
        depthStep *= sizeof(float);
        byte* a0 = (byte*)a;
        byte* a4 = a0 + (one * 4);
        byte* a8 = a4 + (one * 4);
        TVector l0 = default,
            l1 = default,
            l2 = default,
            l3 = default,
            l4 = default,
            l5 = default,
            l6 = default,
            l7 = default,
            l8 = default,
            l9 = default,
            l10 = default,
            l11 = default,
            r0 = default,
            r1 = default,
            r2 = default,
            r3 = default,
            r4 = default,
            r5 = default,
            r6 = default,
            r7 = default,
            r8 = default,
            r9 = default,
            r10 = default,
            r11 = default;
        for (; depth > 0; depth--)
        {
            TVector b0 = TVector.Load(b);
            TVector b1 = TShape.Wide ? TVector.Load(b + TVector.Count) : default;
            TVector x;
            x = Broadcast(a0);
            l0 = MultiplyAdd(x, b0, l0);
            r0 = TShape.Wide ? MultiplyAdd(x, b1, r0) : r0;
            x = Broadcast(a0 + one);
            l1 = MultiplyAdd(x, b0, l1);
            r1 = TShape.Wide ? MultiplyAdd(x, b1, r1) : r1;
            x = Broadcast(a0 + two);
            l2 = MultiplyAdd(x, b0, l2);
            r2 = TShape.Wide ? MultiplyAdd(x, b1, r2) : r2;
            x = Broadcast(a0 + three);
            l3 = MultiplyAdd(x, b0, l3);
            r3 = TShape.Wide ? MultiplyAdd(x, b1, r3) : r3;
            if (TShape.Rows > 4)
            {
                x = Broadcast(a4);
                l4 = MultiplyAdd(x, b0, l4);
                r4 = TShape.Wide ? MultiplyAdd(x, b1, r4) : r4;
                x = Broadcast(a4 + one);
                l5 = MultiplyAdd(x, b0, l5);
                r5 = TShape.Wide ? MultiplyAdd(x, b1, r5) : r5;
            }
            if (TShape.Rows > 6)
            {
                x = Broadcast(a4 + two);
                l6 = MultiplyAdd(x, b0, l6);
                r6 = TShape.Wide ? MultiplyAdd(x, b1, r6) : r6;
                x = Broadcast(a4 + three);
                l7 = MultiplyAdd(x, b0, l7);
                r7 = TShape.Wide ? MultiplyAdd(x, b1, r7) : r7;
            }
            if (TShape.Rows > 8)
            {
                x = Broadcast(a8);
                l8 = MultiplyAdd(x, b0, l8);
                r8 = TShape.Wide ? MultiplyAdd(x, b1, r8) : r8;
                x = Broadcast(a8 + one);
                l9 = MultiplyAdd(x, b0, l9);
                r9 = TShape.Wide ? MultiplyAdd(x, b1, r9) : r9;
                x = Broadcast(a8 + two);
                l10 = MultiplyAdd(x, b0, l10);
                r10 = TShape.Wide ? MultiplyAdd(x, b1, r10) : r10;
                x = Broadcast(a8 + three);
                l11 = MultiplyAdd(x, b0, l11);
                r11 = TShape.Wide ? MultiplyAdd(x, b1, r11) : r11;
            }
            a0 += depthStep;
            a4 += depthStep;
            a8 += depthStep;
            b += bStep;
        }
        c = Store(c, cStep, l0, r0, add);
        c = Store(c, cStep, l1, r1, add);
        c = Store(c, cStep, l2, r2, add);
        c = Store(c, cStep, l3, r3, add);
        if (TShape.Rows > 4)
        {
            c = Store(c, cStep, l4, r4, add);
            c = Store(c, cStep, l5, r5, add);
        }
        if (TShape.Rows > 6)
        {
            c = Store(c, cStep, l6, r6, add);
            c = Store(c, cStep, l7, r7, add);
        }
        if (TShape.Rows > 8)
        {
            c = Store(c, cStep, l8, r8, add);
            c = Store(c, cStep, l9, r9, add);
            c = Store(c, cStep, l10, r10, add);
            c = Store(c, cStep, l11, r11, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Broadcast(byte* value) => TVector.Create(*(float*)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector MultiplyAdd(TVector x, TVector y, TVector sum) => TVector.MultiplyAdd(x, y, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Store(float* c, nint cStep, TVector left, TVector right, bool add)
    {
        if (add)
        {
            left += TVector.Load(c);
            right = TShape.Wide ? right + TVector.Load(c + TVector.Count) : right;
        }
        left.Store(c);
        if (TShape.Wide)
        {
            right.Store(c + TVector.Count);
        }
        return c + cStep;
    }
}
