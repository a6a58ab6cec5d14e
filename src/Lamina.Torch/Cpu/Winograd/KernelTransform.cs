using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Transforms kernels (filters, r, r, C / groups) to their values at the 36 points, packed for
/// <see cref="MatrixBlock{TVector}"/>, and gradients back. For each group, panel of two vectors (or one) of outputs and
/// point, there is a matrix (inputs, outputs of the panel).
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <param name="scheme">The tiles.</param>
/// <param name="groups">The number of channel groups.</param>
/// <param name="channels">The number of input channels of a group.</param>
/// <param name="filters">The number of output channels of a group.</param>
internal sealed unsafe class KernelTransform<TVector>(TileScheme scheme, int groups, int channels, int filters)
    where TVector : unmanaged, IFloats<TVector>
{
    private readonly int _taps = scheme.Taps * scheme.Taps;

    /// <summary>The number of elements of a packed kernel.</summary>
    public long PackedCount => (long)groups * TileScheme.Points * channels * filters;

    /// <summary>Packs for the forward pass: inputs are the channels, outputs the filters.</summary>
    public Tensor PackForward(Tensor weight) => Pack(weight, PackFilters);

    /// <summary>
    /// Packs for the input's gradient: inputs are the filters, outputs the channels, with the taps reversed.
    /// </summary>
    public Tensor PackBackward(Tensor weight) => Pack(weight, PackChannels);

    /// <summary>Computes the kernel's gradient from its values at the points, (36, filters, channels).</summary>
    /// <param name="points">The values.</param>
    /// <param name="gradient">Receives the gradient of the group, (filters, r, r, channels).</param>
    public void Gradient(float* points, float* gradient)
    {
        ElementLoop.Run(
            filters,
            (begin, end) =>
            {
                for (int filter = (int)begin; filter < end; filter++)
                {
                    for (int channel = 0; channel < channels; channel += TVector.Count)
                    {
                        float* from = points + ((long)filter * channels) + channel;
                        GradientOf(from, gradient + ((long)filter * _taps * channels) + channel);
                    }
                }
            },
            grain: 1
        );
    }

    private Tensor Pack(Tensor weight, PackFilter pack)
    {
        Tensor packed = Tensor.Empty([PackedCount]);
        float* from = weight.ReadData;
        float* to = packed.WriteData();
        ElementLoop.Run(
            groups * filters / TVector.Count,
            (begin, end) =>
            {
                for (int block = (int)begin; block < end; block++)
                {
                    (int group, int filter) = Math.DivRem(block * TVector.Count, filters);
                    long groupStart = group * PackedCount / groups;
                    pack(from + ((long)block * TVector.Count * _taps * channels), to + groupStart, filter);
                }
            },
            grain: 1
        );
        GC.KeepAlive(weight);
        return packed;
    }

    // A vector of filters from "filter" on, which are neighbors in a panel. The weights are transposed first, 9 or 25
    // values each instead of 36: then the filters are a vector's lanes, and points are written as vectors.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackFilters(float* weight, float* packed, int filter)
    {
        int length = _taps * channels;
        float* lanes = Scratch.Floats((long)length * TVector.Count);
        for (int i = 0; i < length; i++)
        {
            for (int lane = 0; lane < TVector.Count; lane++)
            {
                lanes[(i * TVector.Count) + lane] = weight[((long)lane * length) + i];
            }
        }
        int panel = filter / MatrixBlock<TVector>.PanelWidth * MatrixBlock<TVector>.PanelWidth;
        int width = Math.Min(MatrixBlock<TVector>.PanelWidth, filters - panel);
        float* to = packed + ((long)panel * TileScheme.Points * channels) + (filter - panel);
        for (int channel = 0; channel < channels; channel++)
        {
            float* first = lanes + ((long)channel * TVector.Count);
            PointsOf(first, (nint)channels * TVector.Count, to + ((long)channel * width), (nint)channels * width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackChannels(float* weight, float* packed, int filter)
    {
        for (int channel = 0; channel < channels; channel += TVector.Count)
        {
            int panel = channel / MatrixBlock<TVector>.PanelWidth * MatrixBlock<TVector>.PanelWidth;
            int width = Math.Min(MatrixBlock<TVector>.PanelWidth, channels - panel);
            float* to = packed + ((long)panel * TileScheme.Points * filters) + (channel - panel);
            for (int i = filter; i < filter + TVector.Count; i++)
            {
                // From the last tap to the first: reversed in both directions.
                float* last = weight + ((((long)(i - filter) * _taps) + _taps - 1) * channels) + channel;
                PointsOf(last, -channels, to + ((long)i * width), (nint)filters * width);
            }
        }
    }

    // Computes G·g·Gᵀ for a vector of channels of one filter, or of filters of one channel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private void PointsOf(float* taps, nint tapStep, float* points, nint step)
    {
        int r = scheme.Taps;
        float* middle = stackalloc float[TileScheme.Size * 5 * TVector.Count];
        fixed (float* matrix = scheme.KernelMatrix)
        {
            for (int x = 0; x < r; x++)
            {
                Line(matrix, r, taps + (x * tapStep), r * tapStep, middle + (x * TVector.Count), r * TVector.Count);
            }
            for (int y = 0; y < TileScheme.Size; y++)
            {
                float* row = middle + (y * r * TVector.Count);
                Line(matrix, r, row, TVector.Count, points + (y * TileScheme.Size * step), step);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Line(float* matrix, int taps, float* from, nint step, float* to, nint toStep)
    {
        TVector first = TVector.Load(from);
        TVector second = TVector.Load(from + step);
        TVector third = TVector.Load(from + (2 * step));
        for (int point = 0; point < TileScheme.Size; point++, matrix += taps, to += toStep)
        {
            TVector sum = first * TVector.Create(matrix[0]);
            sum = TVector.MultiplyAdd(second, TVector.Create(matrix[1]), sum);
            sum = TVector.MultiplyAdd(third, TVector.Create(matrix[2]), sum);
            for (int tap = 3; tap < taps; tap++)
            {
                sum = TVector.MultiplyAdd(TVector.Load(from + (tap * step)), TVector.Create(matrix[tap]), sum);
            }
            sum.Store(to);
        }
    }

    // Computes Gᵀ·u·G for a vector of channels of one filter.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private void GradientOf(float* points, float* taps)
    {
        int r = scheme.Taps;
        nint step = (nint)filters * channels;
        TVector* middle = stackalloc TVector[TileScheme.Size * 5];
        for (int y = 0; y < TileScheme.Size; y++)
        {
            for (int tap = 0; tap < r; tap++)
            {
                TVector sum = default;
                for (int x = 0; x < TileScheme.Size; x++)
                {
                    TVector scale = TVector.Create(scheme.KernelMatrix[(x * r) + tap]);
                    TVector value = TVector.Load(points + (((y * TileScheme.Size) + x) * step));
                    sum = TVector.MultiplyAdd(scale, value, sum);
                }
                middle[(y * r) + tap] = sum;
            }
        }
        for (int tap = 0; tap < r; tap++)
        {
            for (int x = 0; x < r; x++)
            {
                TVector sum = default;
                for (int y = 0; y < TileScheme.Size; y++)
                {
                    TVector scale = TVector.Create(scheme.KernelMatrix[(y * r) + tap]);
                    sum = TVector.MultiplyAdd(scale, middle[(y * r) + x], sum);
                }
                sum.Store(taps + (((tap * r) + x) * (nint)channels));
            }
        }
    }

    private delegate void PackFilter(float* weight, float* packed, int filter);
}
