using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Computes one convolution over all tiles of a batch: tiles to points, products at each point, points to pixels.
/// Blocks of tiles stay in a core's cache throughout; if there are few tiles, threads share panels of filters instead.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class TilePass<TVector>(
    TileScheme scheme,
    TileGrid grid,
    int groups,
    int channels,
    int filters,
    Tensor x,
    Tensor packed,
    OutputStage stage,
    Tensor y
)
    where TVector : unmanaged, IFloats<TVector>
{
    private const int Points = TileScheme.Points;

    // A block's points should fit a core's second-level cache: of 1 MB or more with 512-bit vectors, else of 512 KB.
    private static readonly int s_blockFloats = TVector.Count == 16 ? 230_000 : 115_000;

    private const int MostTiles = 96;

    // Each block reads the packed kernel, from memory if it is large. With many channels no useful block fits the second-level
    // cache, and a larger one reads the kernel less often.
    private static readonly int s_fewestTiles = TVector.Count == 16 ? 12 : 36;

    private readonly TileSource<TVector> _source = new(scheme, grid, x, null);
    private readonly float* _kernels = packed.ReadData;
    private readonly OutputStage _stage = stage;
    private readonly float* _y = y.WriteData();
    private readonly int _outputs = scheme.Outputs * scheme.Outputs;
    private readonly int _panels = (filters + MatrixBlock<TVector>.PanelWidth - 1) / MatrixBlock<TVector>.PanelWidth;

    /// <summary>Computes all of the output.</summary>
    public void Run()
    {
        int threads = TorchLibrary.Threads;
        int most = Math.Clamp(s_blockFloats / (Points * channels), s_fewestTiles, MostTiles);
        int blocks = (grid.Count + most - 1) / most;
        if (blocks < threads)
        {
            RunPanels();
        }
        else
        {
            blocks = (blocks + threads - 1) / threads * threads;
            RunBlocks(blocks, (grid.Count + blocks - 1) / blocks);
        }
        GC.KeepAlive(x);
        GC.KeepAlive(packed);
        GC.KeepAlive(y);
    }

    private void RunBlocks(int blocks, int size) =>
        ElementLoop.Run(
            blocks,
            (begin, end) =>
            {
                int rows = MatrixBlock<TVector>.RoundUp(size);
                float* points = Scratch.Floats(
                    ((long)Points * rows * (channels + MatrixBlock<TVector>.PanelWidth)) + (rows * _outputs)
                );
                float* products = points + ((long)Points * rows * channels);
                int* pixels = (int*)(products + ((long)Points * rows * MatrixBlock<TVector>.PanelWidth));
                for (int block = (int)begin; block < end; block++)
                {
                    int first = block * size;
                    int count = Math.Min(size, grid.Count - first);
                    if (count <= 0)
                    {
                        break;
                    }
                    FindOutputs(first, count, pixels);
                    for (int group = 0; group < groups; group++)
                    {
                        for (int tile = 0; tile < rows; tile++)
                        {
                            Transform(group, first, tile, count, rows, points);
                        }
                        for (int panel = 0; panel < _panels; panel++)
                        {
                            Panel(group, panel, count, rows, points, products, pixels);
                        }
                    }
                }
            },
            grain: 1
        );

    private void RunPanels()
    {
        int count = grid.Count;
        int rows = MatrixBlock<TVector>.RoundUp(count);
        long groupSize = (long)Points * rows * channels;
        float* points = Scratch.SharedFloats(groups * groupSize);
        ElementLoop.Run(
            groups * rows,
            (begin, end) =>
            {
                for (int i = (int)begin; i < end; i++)
                {
                    (int group, int tile) = Math.DivRem(i, rows);
                    Transform(group, 0, tile, count, rows, points + (group * groupSize));
                }
            },
            grain: 1
        );
        ElementLoop.Run(
            groups * _panels,
            (begin, end) =>
            {
                float* products = Scratch.Floats(
                    ((long)Points * rows * MatrixBlock<TVector>.PanelWidth) + (rows * _outputs)
                );
                int* pixels = (int*)(products + ((long)Points * rows * MatrixBlock<TVector>.PanelWidth));
                FindOutputs(0, count, pixels);
                for (int i = (int)begin; i < end; i++)
                {
                    (int group, int panel) = Math.DivRem(i, _panels);
                    Panel(group, panel, count, rows, points + (group * groupSize), products, pixels);
                }
            },
            grain: 1
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform(int group, int first, int tile, int count, int rows, float* points)
    {
        float* to = points + ((long)tile * channels);
        nint step = rows * (nint)channels;
        if (tile < count)
        {
            _source.Inputs(first + tile, group * channels, channels, to, step, channels, 0);
            return;
        }
        for (int point = 0; point < Points; point++)
        {
            new Span<float>(to + (point * step), channels).Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindOutputs(int first, int count, int* pixels)
    {
        for (int tile = 0; tile < count; tile++)
        {
            grid.OutputPixels(first + tile, new Span<int>(pixels + (tile * _outputs), _outputs));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Panel(int group, int panel, int count, int rows, float* points, float* products, int* pixels)
    {
        int column = panel * MatrixBlock<TVector>.PanelWidth;
        int width = Math.Min(MatrixBlock<TVector>.PanelWidth, filters - column);
        float* kernel = _kernels + ((((long)group * filters) + column) * Points * channels);
        for (int point = 0; point < Points; point++)
        {
            MatrixBlock<TVector>.Multiply(
                rows,
                width,
                channels,
                points + ((long)point * rows * channels),
                channels,
                1,
                kernel + ((long)point * channels * width),
                width,
                products + ((long)point * rows * MatrixBlock<TVector>.PanelWidth),
                MatrixBlock<TVector>.PanelWidth
            );
        }
        for (int lane = 0; lane < width; lane += TVector.Count)
        {
            int filter = (group * filters) + column + lane;
            for (int tile = 0; tile < count; tile++)
            {
                Write(
                    products + (tile * MatrixBlock<TVector>.PanelWidth) + lane,
                    rows,
                    pixels + (tile * _outputs),
                    filter
                );
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private void Write(float* products, int rows, int* pixels, int filter)
    {
        float* values = stackalloc float[16 * TVector.Count];
        TileTransforms<TVector>.Output(scheme.Outputs, products, rows * (nint)MatrixBlock<TVector>.PanelWidth, values);
        long stride = (long)groups * filters;
        for (int i = 0; i < _outputs; i++)
        {
            if (pixels[i] >= 0)
            {
                nint at = (nint)(pixels[i] * stride) + filter;
                _stage.Apply(TVector.Load(values + (i * TVector.Count)), filter, at).Store(_y + at);
            }
        }
    }
}
