using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The transforms of <see cref="TileTransforms{TVector}"/> in integers, without a rounding error. Points of the input fit 16
/// bits: at most 2,040 · 10 in magnitude. Results are multiples of the sums by 9 times a power of two, modulo 2³², from which
/// <see cref="Output"/> restores each sum below 2²⁵ in magnitude, whatever wrapped around before.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class ByteTransforms<TVector>
    where TVector : unmanaged, IIntegers<TVector>
{
    /// <summary>The magnitude below which sums are exact.</summary>
    public const int Limit = 1 << 25;

    private const int Size = TileScheme.Size;

    // The inverse of 9 modulo 2³².
    private const int Ninth = 0x38E38E39;

    /// <summary>Computes Bᵀ·d·B: 36 pixels to 36 points, two vectors of channels as 16-bit integers.</summary>
    /// <param name="pixels">The address of each pixel's first channel.</param>
    /// <param name="channel">The first of the channels.</param>
    /// <param name="points">Receives the values of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(byte** pixels, nint channel, short* points, nint step)
    {
        TVector* middle = stackalloc TVector[TileScheme.Points];
        for (int x = 0; x < Size; x++)
        {
            InputLine(
                TVector.Widen(pixels[x] + channel),
                TVector.Widen(pixels[Size + x] + channel),
                TVector.Widen(pixels[(2 * Size) + x] + channel),
                TVector.Widen(pixels[(3 * Size) + x] + channel),
                TVector.Widen(pixels[(4 * Size) + x] + channel),
                TVector.Widen(pixels[(5 * Size) + x] + channel),
                (short*)(middle + x),
                Size * 2 * TVector.Count
            );
        }
        for (int y = 0; y < Size; y++)
        {
            TVector* row = middle + (y * Size);
            InputLine(row[0], row[1], row[2], row[3], row[4], row[5], points + (y * Size * step), step);
        }
    }

    /// <summary>Computes the sums of 4×4 or 2×2 outputs from the products at 36 points.</summary>
    /// <param name="outputs">The number of outputs along an axis, 4 or 2.</param>
    /// <param name="points">The products at the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    /// <param name="result">Receives the sums, row by row, a vector each.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(int outputs, int* points, nint step, TVector* result)
    {
        TVector* middle = stackalloc TVector[4 * Size];
        for (int x = 0; x < Size; x++)
        {
            OutputLine(outputs, points + (x * step), Size * step, middle + x, Size);
        }
        for (int y = 0; y < outputs; y++)
        {
            OutputLine(outputs, (int*)(middle + (y * Size)), TVector.Count, result + (y * outputs), 1);
        }
        TVector ninth = TVector.Create(Ninth);
        for (int i = 0; i < outputs * outputs; i++)
        {
            result[i] = (result[i] * ninth) >> (Doublings(i / outputs) + Doublings(i % outputs));
        }
    }

    // Lines have factors of 24, 12, 6 and 6.
    private static int Doublings(int line) => Math.Max(3 - line, 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputLine(
        TVector d0,
        TVector d1,
        TVector d2,
        TVector d3,
        TVector d4,
        TVector d5,
        short* to,
        nint step
    )
    {
        TVector even = TVector.SubtractShorts(d4, TVector.ShiftShorts(d2, 2));
        TVector odd = TVector.SubtractShorts(d3, TVector.ShiftShorts(d1, 2));
        TVector nearEven = TVector.SubtractShorts(d4, d2);
        TVector nearOdd = TVector.ShiftShorts(TVector.SubtractShorts(d3, d1), 1);
        TVector first = TVector.ShiftShorts(TVector.SubtractShorts(d0, d2), 2);
        TVector last = TVector.ShiftShorts(TVector.SubtractShorts(d1, d3), 2);
        TVector.AddShorts(first, nearEven).Store(to);
        TVector.AddShorts(even, odd).Store(to + step);
        TVector.SubtractShorts(even, odd).Store(to + (2 * step));
        TVector.AddShorts(nearEven, nearOdd).Store(to + (3 * step));
        TVector.SubtractShorts(nearEven, nearOdd).Store(to + (4 * step));
        TVector.AddShorts(last, TVector.SubtractShorts(d5, d3)).Store(to + (5 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputLine(int outputs, int* from, nint step, TVector* to, nint toStep)
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
        to[0] = m0 + (sum << 2) + farSum;
        TVector next = (difference << 1) + farDifference;
        if (outputs == 2)
        {
            to[toStep] = next + (m5 << 1);
            return;
        }
        to[toStep] = next;
        to[2 * toStep] = sum + farSum;
        to[3 * toStep] = difference + (farDifference << 1) + m5;
    }
}
