using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The transforms of one tile, a vector of channels at a time: products with matrices of small integers, as sums. Each works
/// along the columns and then along the rows. Pointers to vectors point to scratch memory; a point's vectors are
/// <c>step</c> elements apart.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class TileTransforms<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    private const int Size = TileScheme.Size;

    /// <summary>Computes Bᵀ·d·B: 36 pixels to 36 points.</summary>
    /// <param name="pixels">The address of each pixel's first channel.</param>
    /// <param name="channel">The first of the channels.</param>
    /// <param name="points">Receives the values of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(float** pixels, nint channel, float* points, nint step)
    {
        float* middle = stackalloc float[TileScheme.Points * TVector.Count];
        for (int x = 0; x < Size; x++)
        {
            InputLine(
                TVector.Load(pixels[x] + channel),
                TVector.Load(pixels[Size + x] + channel),
                TVector.Load(pixels[(2 * Size) + x] + channel),
                TVector.Load(pixels[(3 * Size) + x] + channel),
                TVector.Load(pixels[(4 * Size) + x] + channel),
                TVector.Load(pixels[(5 * Size) + x] + channel),
                middle + (x * TVector.Count),
                Size * TVector.Count
            );
        }
        for (int y = 0; y < Size; y++)
        {
            float* row = middle + (y * Size * TVector.Count);
            InputLine(
                TVector.Load(row),
                TVector.Load(row + TVector.Count),
                TVector.Load(row + (2 * TVector.Count)),
                TVector.Load(row + (3 * TVector.Count)),
                TVector.Load(row + (4 * TVector.Count)),
                TVector.Load(row + (5 * TVector.Count)),
                points + (y * Size * step),
                step
            );
        }
    }

    /// <summary>Computes Aᵀ·m·A: 36 points to 4×4 or 2×2 outputs.</summary>
    /// <param name="outputs">The number of outputs along an axis, 4 or 2.</param>
    /// <param name="points">The values of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    /// <param name="result">Receives the outputs, row by row, a vector each.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(int outputs, float* points, nint step, float* result)
    {
        float* middle = stackalloc float[4 * Size * TVector.Count];
        for (int x = 0; x < Size; x++)
        {
            OutputLine(outputs, points + (x * step), Size * step, middle + (x * TVector.Count), Size * TVector.Count);
        }
        for (int y = 0; y < outputs; y++)
        {
            OutputLine(
                outputs,
                middle + (y * Size * TVector.Count),
                TVector.Count,
                result + (y * outputs * TVector.Count),
                TVector.Count
            );
        }
    }

    /// <summary>
    /// Computes A·y·Aᵀ, the transpose of <see cref="Output"/>: 4×4 or 2×2 gradients of outputs to 36 points.
    /// </summary>
    /// <param name="outputs">The number of outputs along an axis, 4 or 2.</param>
    /// <param name="pixels">The address of each output's first channel.</param>
    /// <param name="channel">The first of the channels.</param>
    /// <param name="points">Receives the values of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OutputGradient(int outputs, float** pixels, nint channel, float* points, nint step)
    {
        float* middle = stackalloc float[4 * Size * TVector.Count];
        for (int x = 0; x < outputs; x++)
        {
            float** column = pixels + x;
            TVector y0 = TVector.Load(column[0] + channel);
            TVector y1 = TVector.Load(column[outputs] + channel);
            if (outputs == 4)
            {
                TVector y2 = TVector.Load(column[8] + channel);
                TVector y3 = TVector.Load(column[12] + channel);
                GradientLine(y0, y1, y2, y3, middle + (x * TVector.Count), 4 * TVector.Count);
            }
            else
            {
                GradientLine(y0, y1, middle + (x * TVector.Count), 4 * TVector.Count);
            }
        }
        for (int y = 0; y < Size; y++)
        {
            float* row = middle + (y * 4 * TVector.Count);
            float* to = points + (y * Size * step);
            TVector y0 = TVector.Load(row);
            TVector y1 = TVector.Load(row + TVector.Count);
            if (outputs == 4)
            {
                GradientLine(
                    y0,
                    y1,
                    TVector.Load(row + (2 * TVector.Count)),
                    TVector.Load(row + (3 * TVector.Count)),
                    to,
                    step
                );
            }
            else
            {
                GradientLine(y0, y1, to, step);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputLine(
        TVector d0,
        TVector d1,
        TVector d2,
        TVector d3,
        TVector d4,
        TVector d5,
        float* to,
        nint step
    )
    {
        TVector four = TVector.Create(4f);
        TVector minusFive = TVector.Create(-5f);
        TVector even = d4 - (four * d2);
        TVector odd = d3 - (four * d1);
        TVector nearEven = d4 - d2;
        TVector nearOdd = d3 - d1;
        nearOdd += nearOdd;
        TVector.MultiplyAdd(minusFive, d2, TVector.MultiplyAdd(four, d0, d4)).Store(to);
        (even + odd).Store(to + step);
        (even - odd).Store(to + (2 * step));
        (nearEven + nearOdd).Store(to + (3 * step));
        (nearEven - nearOdd).Store(to + (4 * step));
        TVector.MultiplyAdd(minusFive, d3, TVector.MultiplyAdd(four, d1, d5)).Store(to + (5 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputLine(int outputs, float* from, nint step, float* to, nint toStep)
    {
        TVector m0 = TVector.Load(from);
        TVector m1 = TVector.Load(from + step);
        TVector m2 = TVector.Load(from + (2 * step));
        TVector m3 = TVector.Load(from + (3 * step));
        TVector m4 = TVector.Load(from + (4 * step));
        TVector m5 = TVector.Load(from + (5 * step));
        TVector sum = m1 + m2;
        TVector difference = m1 - m2;
        TVector farSum = m3 + m4;
        TVector farDifference = m3 - m4;
        (m0 + sum + farSum).Store(to);
        TVector first = TVector.MultiplyAdd(TVector.Create(2f), farDifference, difference);
        if (outputs == 2)
        {
            (first + m5).Store(to + toStep);
            return;
        }
        first.Store(to + toStep);
        TVector.MultiplyAdd(TVector.Create(4f), farSum, sum).Store(to + (2 * toStep));
        (TVector.MultiplyAdd(TVector.Create(8f), farDifference, difference) + m5).Store(to + (3 * toStep));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientLine(TVector y0, TVector y1, TVector y2, TVector y3, float* to, nint step)
    {
        TVector four = TVector.Create(4f);
        TVector even = y0 + y2;
        TVector odd = y1 + y3;
        TVector farEven = TVector.MultiplyAdd(four, y2, y0);
        TVector farOdd = TVector.MultiplyAdd(four, y3, y1);
        farOdd += farOdd;
        y0.Store(to);
        (even + odd).Store(to + step);
        (even - odd).Store(to + (2 * step));
        (farEven + farOdd).Store(to + (3 * step));
        (farEven - farOdd).Store(to + (4 * step));
        y3.Store(to + (5 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientLine(TVector y0, TVector y1, float* to, nint step)
    {
        TVector twice = y1 + y1;
        y0.Store(to);
        (y0 + y1).Store(to + step);
        (y0 - y1).Store(to + (2 * step));
        (y0 + twice).Store(to + (3 * step));
        (y0 - twice).Store(to + (4 * step));
        y1.Store(to + (5 * step));
    }
}
