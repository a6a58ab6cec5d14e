using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vector = System.Runtime.Intrinsics.Vector512<float>;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Transforms kernels (filters, r, r, C / groups) to their values at the 36 points, packed for
/// <see cref="MatrixBlock"/>, and gradients back. For each group, panel of 32 (or 16) outputs and point, there is a
/// matrix (inputs, outputs of the panel).
/// </summary>
/// <param name="scheme">The tiles.</param>
/// <param name="groups">The number of channel groups.</param>
/// <param name="channels">The number of input channels of a group.</param>
/// <param name="filters">The number of output channels of a group.</param>
internal sealed unsafe class KernelTransform(TileScheme scheme, int groups, int channels, int filters)
{
    private const int Lanes = 16;

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
                    for (int channel = 0; channel < channels; channel += Lanes)
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
            groups * filters / Lanes,
            (begin, end) =>
            {
                for (int block = (int)begin; block < end; block++)
                {
                    (int group, int filter) = Math.DivRem(block * Lanes, filters);
                    long groupStart = group * PackedCount / groups;
                    pack(from + ((long)block * Lanes * _taps * channels), to + groupStart, filter);
                }
            },
            grain: 1
        );
        GC.KeepAlive(weight);
        return packed;
    }

    // 16 filters from "filter" on, which are neighbors in a panel.
    [SkipLocalsInit]
    private void PackFilters(float* weight, float* packed, int filter)
    {
        float* points = stackalloc float[TileScheme.Points * Lanes];
        int panel = filter / MatrixBlock.PanelWidth * MatrixBlock.PanelWidth;
        int width = Math.Min(MatrixBlock.PanelWidth, filters - panel);
        float* to = packed + ((long)panel * TileScheme.Points * channels) + (filter - panel);
        for (int channel = 0; channel < channels; channel += Lanes)
        {
            for (int i = 0; i < Lanes; i++)
            {
                PointsOf(weight + ((long)i * _taps * channels) + channel, 1, points, Lanes);
                for (int point = 0; point < TileScheme.Points; point++)
                {
                    float* column = to + ((((long)point * channels) + channel) * width) + i;
                    float* values = points + (point * Lanes);
                    for (int lane = 0; lane < Lanes; lane++)
                    {
                        column[lane * width] = values[lane];
                    }
                }
            }
        }
    }

    private void PackChannels(float* weight, float* packed, int filter)
    {
        for (int channel = 0; channel < channels; channel += Lanes)
        {
            int panel = channel / MatrixBlock.PanelWidth * MatrixBlock.PanelWidth;
            int width = Math.Min(MatrixBlock.PanelWidth, channels - panel);
            float* to = packed + ((long)panel * TileScheme.Points * filters) + (channel - panel);
            for (int i = filter; i < filter + Lanes; i++)
            {
                // From the last tap to the first: reversed in both directions.
                float* last = weight + ((((long)(i - filter) * _taps) + _taps - 1) * channels) + channel;
                PointsOf(last, -1, to + ((long)i * width), (nint)filters * width);
            }
        }
    }

    // Computes G·g·Gᵀ for 16 channels of one filter.
    [SkipLocalsInit]
    private void PointsOf(float* taps, int direction, float* points, nint step)
    {
        int r = scheme.Taps;
        Vector* middle = stackalloc Vector[TileScheme.Size * 5];
        for (int y = 0; y < TileScheme.Size; y++)
        {
            for (int x = 0; x < r; x++)
            {
                Vector sum = default;
                for (int tap = 0; tap < r; tap++)
                {
                    Vector value = Vector512.Load(taps + (direction * ((tap * r) + x) * (nint)channels));
                    sum = Vector512.FusedMultiplyAdd(Vector512.Create(scheme.KernelMatrix[(y * r) + tap]), value, sum);
                }
                middle[(y * r) + x] = sum;
            }
        }
        for (int y = 0; y < TileScheme.Size; y++)
        {
            for (int x = 0; x < TileScheme.Size; x++)
            {
                Vector sum = default;
                for (int tap = 0; tap < r; tap++)
                {
                    Vector scale = Vector512.Create(scheme.KernelMatrix[(x * r) + tap]);
                    sum = Vector512.FusedMultiplyAdd(scale, middle[(y * r) + tap], sum);
                }
                sum.Store(points + (((y * TileScheme.Size) + x) * step));
            }
        }
    }

    // Computes Gᵀ·u·G for 16 channels of one filter.
    [SkipLocalsInit]
    private void GradientOf(float* points, float* taps)
    {
        int r = scheme.Taps;
        nint step = (nint)filters * channels;
        Vector* middle = stackalloc Vector[TileScheme.Size * 5];
        for (int y = 0; y < TileScheme.Size; y++)
        {
            for (int tap = 0; tap < r; tap++)
            {
                Vector sum = default;
                for (int x = 0; x < TileScheme.Size; x++)
                {
                    Vector scale = Vector512.Create(scheme.KernelMatrix[(x * r) + tap]);
                    Vector value = Vector512.Load(points + (((y * TileScheme.Size) + x) * step));
                    sum = Vector512.FusedMultiplyAdd(scale, value, sum);
                }
                middle[(y * r) + tap] = sum;
            }
        }
        for (int tap = 0; tap < r; tap++)
        {
            for (int x = 0; x < r; x++)
            {
                Vector sum = default;
                for (int y = 0; y < TileScheme.Size; y++)
                {
                    Vector scale = Vector512.Create(scheme.KernelMatrix[(y * r) + tap]);
                    sum = Vector512.FusedMultiplyAdd(scale, middle[(y * r) + x], sum);
                }
                sum.Store(taps + (((tap * r) + x) * (nint)channels));
            }
        }
    }

    private delegate void PackFilter(float* weight, float* packed, int filter);
}
