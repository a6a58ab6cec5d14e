using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vector = System.Runtime.Intrinsics.Vector512<float>;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The transforms of one tile, 16 channels at a time: products with matrices of small integers, as sums. Each works
/// along the columns and then along the rows. Pointers to vectors point to scratch memory; a point's vectors are
/// <c>step</c> elements apart.
/// </summary>
internal static unsafe class TileTransforms
{
    private const int Size = TileScheme.Size;

    /// <summary>Computes Bᵀ·d·B: 36 pixels to 36 points.</summary>
    /// <param name="pixels">The address of each pixel's first channel.</param>
    /// <param name="channel">The first of the 16 channels.</param>
    /// <param name="points">Receives the 16 values of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(float** pixels, nint channel, float* points, nint step)
    {
        float* middle = stackalloc float[TileScheme.Points * 16];
        for (int x = 0; x < Size; x++)
        {
            InputLine(
                Vector512.Load(pixels[x] + channel),
                Vector512.Load(pixels[Size + x] + channel),
                Vector512.Load(pixels[(2 * Size) + x] + channel),
                Vector512.Load(pixels[(3 * Size) + x] + channel),
                Vector512.Load(pixels[(4 * Size) + x] + channel),
                Vector512.Load(pixels[(5 * Size) + x] + channel),
                middle + (x * 16),
                Size * 16
            );
        }
        for (int y = 0; y < Size; y++)
        {
            float* row = middle + (y * Size * 16);
            InputLine(
                Vector512.Load(row),
                Vector512.Load(row + 16),
                Vector512.Load(row + 32),
                Vector512.Load(row + 48),
                Vector512.Load(row + 64),
                Vector512.Load(row + 80),
                points + (y * Size * step),
                step
            );
        }
    }

    /// <summary>Computes Aᵀ·m·A: 36 points to 4×4 or 2×2 outputs.</summary>
    /// <param name="outputs">The number of outputs along an axis, 4 or 2.</param>
    /// <param name="points">The 16 values of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    /// <param name="result">Receives the outputs, row by row, 16 values each.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(int outputs, float* points, nint step, float* result)
    {
        float* middle = stackalloc float[4 * Size * 16];
        for (int x = 0; x < Size; x++)
        {
            OutputLine(outputs, points + (x * step), Size * step, middle + (x * 16), Size * 16);
        }
        for (int y = 0; y < outputs; y++)
        {
            OutputLine(outputs, middle + (y * Size * 16), 16, result + (y * outputs * 16), 16);
        }
    }

    /// <summary>
    /// Computes A·y·Aᵀ, the transpose of <see cref="Output"/>: 4×4 or 2×2 gradients of outputs to 36 points.
    /// </summary>
    /// <param name="outputs">The number of outputs along an axis, 4 or 2.</param>
    /// <param name="pixels">The address of each output's first channel.</param>
    /// <param name="channel">The first of the 16 channels.</param>
    /// <param name="points">Receives the 16 values of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OutputGradient(int outputs, float** pixels, nint channel, float* points, nint step)
    {
        float* middle = stackalloc float[4 * Size * 16];
        for (int x = 0; x < outputs; x++)
        {
            float** column = pixels + x;
            Vector y0 = Vector512.Load(column[0] + channel);
            Vector y1 = Vector512.Load(column[outputs] + channel);
            if (outputs == 4)
            {
                Vector y2 = Vector512.Load(column[8] + channel);
                Vector y3 = Vector512.Load(column[12] + channel);
                GradientLine(y0, y1, y2, y3, middle + (x * 16), 4 * 16);
            }
            else
            {
                GradientLine(y0, y1, middle + (x * 16), 4 * 16);
            }
        }
        for (int y = 0; y < Size; y++)
        {
            float* row = middle + (y * 4 * 16);
            float* to = points + (y * Size * step);
            Vector y0 = Vector512.Load(row);
            Vector y1 = Vector512.Load(row + 16);
            if (outputs == 4)
            {
                GradientLine(y0, y1, Vector512.Load(row + 32), Vector512.Load(row + 48), to, step);
            }
            else
            {
                GradientLine(y0, y1, to, step);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputLine(
        Vector d0,
        Vector d1,
        Vector d2,
        Vector d3,
        Vector d4,
        Vector d5,
        float* to,
        nint step
    )
    {
        Vector four = Vector512.Create(4f);
        Vector minusFive = Vector512.Create(-5f);
        Vector even = d4 - (four * d2);
        Vector odd = d3 - (four * d1);
        Vector nearEven = d4 - d2;
        Vector nearOdd = d3 - d1;
        nearOdd += nearOdd;
        Vector512.FusedMultiplyAdd(minusFive, d2, Vector512.FusedMultiplyAdd(four, d0, d4)).Store(to);
        (even + odd).Store(to + step);
        (even - odd).Store(to + (2 * step));
        (nearEven + nearOdd).Store(to + (3 * step));
        (nearEven - nearOdd).Store(to + (4 * step));
        Vector512.FusedMultiplyAdd(minusFive, d3, Vector512.FusedMultiplyAdd(four, d1, d5)).Store(to + (5 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputLine(int outputs, float* from, nint step, float* to, nint toStep)
    {
        Vector m0 = Vector512.Load(from);
        Vector m1 = Vector512.Load(from + step);
        Vector m2 = Vector512.Load(from + (2 * step));
        Vector m3 = Vector512.Load(from + (3 * step));
        Vector m4 = Vector512.Load(from + (4 * step));
        Vector m5 = Vector512.Load(from + (5 * step));
        Vector sum = m1 + m2;
        Vector difference = m1 - m2;
        Vector farSum = m3 + m4;
        Vector farDifference = m3 - m4;
        (m0 + sum + farSum).Store(to);
        Vector first = Vector512.FusedMultiplyAdd(Vector512.Create(2f), farDifference, difference);
        if (outputs == 2)
        {
            (first + m5).Store(to + toStep);
            return;
        }
        first.Store(to + toStep);
        Vector512.FusedMultiplyAdd(Vector512.Create(4f), farSum, sum).Store(to + (2 * toStep));
        (Vector512.FusedMultiplyAdd(Vector512.Create(8f), farDifference, difference) + m5).Store(to + (3 * toStep));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientLine(Vector y0, Vector y1, Vector y2, Vector y3, float* to, nint step)
    {
        Vector four = Vector512.Create(4f);
        Vector even = y0 + y2;
        Vector odd = y1 + y3;
        Vector farEven = Vector512.FusedMultiplyAdd(four, y2, y0);
        Vector farOdd = Vector512.FusedMultiplyAdd(four, y3, y1);
        farOdd += farOdd;
        y0.Store(to);
        (even + odd).Store(to + step);
        (even - odd).Store(to + (2 * step));
        (farEven + farOdd).Store(to + (3 * step));
        (farEven - farOdd).Store(to + (4 * step));
        y3.Store(to + (5 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientLine(Vector y0, Vector y1, float* to, nint step)
    {
        Vector twice = y1 + y1;
        y0.Store(to);
        (y0 + y1).Store(to + step);
        (y0 - y1).Store(to + (2 * step));
        (y0 + twice).Store(to + (3 * step));
        (y0 - twice).Store(to + (4 * step));
        y1.Store(to + (5 * step));
    }
}
