using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Transforms kernels of signed bytes, (filters, r, r, C / groups), to their values at the 36 points in 16 bits, packed for
/// <see cref="PairBlock{TVector}"/>. The values of 5×5 kernels at the points (±2, ±2) exceed 16 bits, so these four have a
/// second matrix: value = low + 4 · high.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <param name="scheme">The tiles.</param>
/// <param name="groups">The number of channel groups.</param>
/// <param name="channels">The number of input channels of a group, even.</param>
/// <param name="filters">The number of output channels of a group.</param>
internal sealed unsafe class ByteKernelTransform<TVector>(TileScheme scheme, int groups, int channels, int filters)
    where TVector : unmanaged, IIntegers<TVector>
{
    private const int Points = TileScheme.Points;

    // With these factors, all points are whole numbers.
    private static readonly int[] s_at = [0, 1, -1, 2, -2];
    private static readonly int[] s_scale = [6, -1, -1, 1, 1, 6];

    private readonly int _taps = scheme.Taps;
    private readonly int _panels = (filters + PairBlock<TVector>.PanelWidth - 1) / PairBlock<TVector>.PanelWidth;

    /// <summary>The number of matrices of a panel: one per point, and the high parts.</summary>
    public int Matrices { get; } = scheme.Taps == 5 ? Points + 4 : Points;

    /// <summary>The number of elements of a matrix of a panel.</summary>
    public nint MatrixSize => (nint)channels * PairBlock<TVector>.PanelWidth;

    /// <summary>Returns the index of the high part of a point; -1 if it has none.</summary>
    public int HighPart(int point)
    {
        (int y, int x) = Math.DivRem(point, TileScheme.Size);
        return _taps == 5 && y is 3 or 4 && _taps == 5 && x is 3 or 4 ? Points + ((y - 3) * 2) + x - 3 : -1;
    }

    /// <summary>Packs the kernels of all groups.</summary>
    public short[] Pack(sbyte[] weights)
    {
        int panels = groups * _panels;
        short[] packed = GC.AllocateArray<short>(checked((int)(panels * Matrices * MatrixSize)), pinned: true);
        int[] matrix = Matrix();
        ElementLoop.Run(
            panels,
            (begin, end) =>
            {
                for (int panel = (int)begin; panel < end; panel++)
                {
                    (int group, int place) = Math.DivRem(panel, _panels);
                    int first = place * PairBlock<TVector>.PanelWidth;
                    int width = Math.Min(PairBlock<TVector>.PanelWidth, filters - first);
                    Span<short> to = packed.AsSpan((int)(panel * Matrices * MatrixSize), (int)(Matrices * MatrixSize));
                    for (int lane = 0; lane < width; lane++)
                    {
                        int filter = (group * filters) + first + lane;
                        PackFilter(weights.AsSpan(filter * _taps * _taps * channels), matrix, to[(2 * lane)..]);
                    }
                }
            },
            grain: 1
        );
        return packed;
    }

    private int[] Matrix()
    {
        var matrix = new int[TileScheme.Size * _taps];
        for (int tap = 0; tap < _taps; tap++)
        {
            for (int point = 0; point < s_at.Length; point++)
            {
                matrix[(point * _taps) + tap] = s_scale[point] * (int)Math.Pow(s_at[point], tap);
            }
        }
        matrix[^1] = s_scale[^1];
        return matrix;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackFilter(ReadOnlySpan<sbyte> weights, ReadOnlySpan<int> matrix, Span<short> to)
    {
        Span<int> middle = stackalloc int[TileScheme.Size * 5];
        int row = 2 * PairBlock<TVector>.PanelWidth;
        for (int channel = 0; channel < channels; channel++)
        {
            for (int y = 0; y < TileScheme.Size; y++)
            {
                for (int x = 0; x < _taps; x++)
                {
                    int sum = 0;
                    for (int tap = 0; tap < _taps; tap++)
                    {
                        sum += matrix[(y * _taps) + tap] * weights[(((tap * _taps) + x) * channels) + channel];
                    }
                    middle[(y * _taps) + x] = sum;
                }
            }
            int at = (channel / 2 * row) + (channel % 2);
            for (int point = 0; point < Points; point++)
            {
                (int y, int x) = Math.DivRem(point, TileScheme.Size);
                int sum = 0;
                for (int tap = 0; tap < _taps; tap++)
                {
                    sum += middle[(y * _taps) + tap] * matrix[(x * _taps) + tap];
                }
                int high = HighPart(point);
                if (high >= 0)
                {
                    to[(int)(high * MatrixSize) + at] = (short)(sum >> 2);
                    sum &= 3;
                }
                to[(int)(point * MatrixSize) + at] = (short)sum;
            }
        }
    }
}
