using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Convolution of bytes with kernels of 3×3 or 5×5 by Winograd's algorithm in integers: exact, with a quarter of the products
/// (40 of 100 for 5×5). Arithmetic modulo 2³² needs no room for what is between: it is enough that the sums themselves are
/// below 2²⁵, which the kernel decides.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class WinogradByteConvolution<TVector> : ByteConvolution<TVector>
    where TVector : unmanaged, IIntegers<TVector>
{
    private const int Points = TileScheme.Points;

    // A block's points should fit a core's second-level cache; smaller blocks read a large kernel too often.
    private const int BlockShorts = 230_000;
    private const int FewestTiles = 36;
    private const int MostTiles = 96;

    private readonly TileScheme _scheme;
    private readonly ByteKernelTransform<TVector> _transform;
    private readonly short[] _kernels;
    private readonly byte[] _zeros;
    private readonly int _outputs;
    private TileGrid? _grid;
    private int _batch;

    private WinogradByteConvolution(TileScheme scheme, in ByteConvolutionShape shape, sbyte[] weights)
        : base(shape)
    {
        _scheme = scheme;
        _outputs = scheme.Outputs * scheme.Outputs;
        _transform = new(scheme, shape.Op.Groups, shape.GroupChannels, shape.GroupFilters);
        _kernels = _transform.Pack(weights);
        _zeros = GC.AllocateArray<byte>(shape.Channels, pinned: true);
    }

    /// <summary>Creates the algorithm; returns <see langword="null"/> if it cannot compute this convolution exactly.</summary>
    public static WinogradByteConvolution<TVector>? For(in ByteConvolutionShape shape, sbyte[] weights)
    {
        ConvolutionOp op = shape.Op;
        int taps = shape.Kernel.Height;
        bool fits =
            shape.Kernel.Width == taps
            && op.Strides == (1, 1)
            && op.Dilation == (1, 1)
            && Math.Max(Math.Max(op.Pads.Top, op.Pads.Bottom), Math.Max(op.Pads.Left, op.Pads.Right)) < taps
            && shape.GroupChannels % (2 * TVector.Count) == 0
            && Math.Max(shape.Input.Height, shape.Input.Width) < 1 << 15
            && LargestSum(weights, shape.GroupChannels * taps * taps) < ByteTransforms<TVector>.Limit;
        return fits && TileScheme.For(taps) is { } scheme ? new(scheme, shape, weights) : null;
    }

    /// <inheritdoc/>
    protected override void Compute(Tensor x, SumScale<TVector> scale, Tensor y)
    {
        int batch = (int)x.Sizes[0];
        if (_grid is null || _batch != batch)
        {
            (_grid, _batch) = (new TileGrid(_scheme, batch, Shape.Input, Shape.Output, Shape.Op.Pads), batch);
        }
        var work = new Work(_grid, (byte*)x.ReadRaw, scale, y.WriteRaw());
        int threads = TorchLibrary.Threads;
        int most = Math.Clamp(BlockShorts / (Points * Shape.GroupChannels), FewestTiles, MostTiles);
        int blocks = (_grid.Count + most - 1) / most;
        if (blocks < threads)
        {
            RunPanels(work);
        }
        else
        {
            blocks = (blocks + threads - 1) / threads * threads;
            RunBlocks(work, blocks, (_grid.Count + blocks - 1) / blocks);
        }
    }

    // The magnitude of the largest sum of a filter, whatever the image.
    private static long LargestSum(sbyte[] weights, int taps)
    {
        long largest = 0;
        for (int start = 0; start < weights.Length; start += taps)
        {
            long positive = 0;
            long negative = 0;
            foreach (sbyte weight in weights.AsSpan(start, taps))
            {
                positive += Math.Max(weight, (sbyte)0);
                negative -= Math.Min(weight, (sbyte)0);
            }
            largest = Math.Max(largest, byte.MaxValue * Math.Max(positive, negative));
        }
        return largest;
    }

    private void RunBlocks(Work work, int blocks, int size) =>
        ElementLoop.Run(
            blocks,
            (begin, end) =>
            {
                int rows = PairBlock<TVector>.RoundUp(size);
                long pointFloats = ((long)Points * rows * Shape.GroupChannels / 2) + TVector.Count;
                float* memory = Scratch.Floats(pointFloats + ProductCount(rows) + (rows * _outputs));
                int* products = (int*)(memory + pointFloats);
                for (int block = (int)begin; block < end; block++)
                {
                    int first = block * size;
                    int count = Math.Min(size, work.Grid.Count - first);
                    if (count <= 0)
                    {
                        break;
                    }
                    int* pixels = FindOutputs(work, first, count, products + ProductCount(rows));
                    for (int group = 0; group < Shape.Op.Groups; group++)
                    {
                        for (int tile = 0; tile < rows; tile++)
                        {
                            Transform(work, group, first, tile, count, rows, (short*)memory);
                        }
                        for (int panel = 0; panel < GroupPanels; panel++)
                        {
                            Panel(work, (group * GroupPanels) + panel, count, rows, (short*)memory, products, pixels);
                        }
                    }
                }
            },
            grain: 1
        );

    private void RunPanels(Work work)
    {
        int count = work.Grid.Count;
        int rows = PairBlock<TVector>.RoundUp(count);
        long groupSize = (long)Points * rows * Shape.GroupChannels;
        int groups = Shape.Op.Groups;
        var points = (short*)Scratch.SharedFloats((groups * groupSize / 2) + TVector.Count);
        ElementLoop.Run(
            groups * rows,
            (begin, end) =>
            {
                for (int i = (int)begin; i < end; i++)
                {
                    (int group, int tile) = Math.DivRem(i, rows);
                    Transform(work, group, 0, tile, count, rows, points + (group * groupSize));
                }
            },
            grain: 1
        );
        ElementLoop.Run(
            groups * GroupPanels,
            (begin, end) =>
            {
                var products = (int*)Scratch.Floats(ProductCount(rows) + (rows * _outputs));
                int* pixels = FindOutputs(work, 0, count, products + ProductCount(rows));
                for (int panel = (int)begin; panel < end; panel++)
                {
                    short* of = points + (panel / GroupPanels * groupSize);
                    Panel(work, panel, count, rows, of, products, pixels);
                }
            },
            grain: 1
        );
    }

    private static long ProductCount(int rows) => (long)Points * rows * PairBlock<TVector>.PanelWidth;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private void Transform(in Work work, int group, int first, int tile, int count, int rows, short* points)
    {
        int channels = Shape.GroupChannels;
        short* to = points + ((long)tile * channels);
        nint step = rows * (nint)channels;
        if (tile >= count)
        {
            for (int point = 0; point < Points; point++)
            {
                new Span<short>(to + (point * step), channels).Clear();
            }
            return;
        }
        int* pixels = stackalloc int[Points];
        byte** addresses = stackalloc byte*[Points];
        work.Grid.InputPixels(first + tile, new Span<int>(pixels, Points));
        var zeros = (byte*)Unsafe.AsPointer(ref _zeros[0]);
        for (int i = 0; i < Points; i++)
        {
            addresses[i] = pixels[i] < 0 ? zeros : work.Images + (pixels[i] * (long)Shape.Channels);
        }
        for (int c = 0; c < channels; c += 2 * TVector.Count)
        {
            ByteTransforms<TVector>.Input(addresses, (group * channels) + c, to + c, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int* FindOutputs(in Work work, int first, int count, int* pixels)
    {
        for (int tile = 0; tile < count; tile++)
        {
            work.Grid.OutputPixels(first + tile, new Span<int>(pixels + (tile * _outputs), _outputs));
        }
        return pixels;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Panel(in Work work, int panel, int count, int rows, short* points, int* products, int* pixels)
    {
        int channels = Shape.GroupChannels;
        int columns = PairBlock<TVector>.PanelWidth;
        var kernel = (short*)Unsafe.AsPointer(ref _kernels[panel * _transform.Matrices * _transform.MatrixSize]);
        for (int point = 0; point < Points; point++)
        {
            short* a = points + ((long)point * rows * channels);
            int* c = products + ((long)point * rows * columns);
            int high = _transform.HighPart(point);
            if (high >= 0)
            {
                short* of = kernel + (high * _transform.MatrixSize);
                PairBlock<TVector>.Multiply(rows, a, channels, channels / 2, of, c, columns, SumStart.Zero);
            }
            short* b = kernel + (point * _transform.MatrixSize);
            SumStart start = high >= 0 ? SumStart.FourTimesSums : SumStart.Zero;
            PairBlock<TVector>.Multiply(rows, a, channels, channels / 2, b, c, columns, start);
        }
        int width = PanelOutputs(panel);
        for (int lane = 0; lane < width; lane += TVector.Count)
        {
            for (int tile = 0; tile < count; tile++)
            {
                Write(work, products + (tile * columns) + lane, rows, pixels + (tile * _outputs), panel, lane, width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private void Write(in Work work, int* products, int rows, int* pixels, int panel, int lane, int width)
    {
        TVector* sums = stackalloc TVector[16];
        ByteTransforms<TVector>.Output(_scheme.Outputs, products, rows * (nint)PairBlock<TVector>.PanelWidth, sums);
        int filter = PanelStart(panel) + lane;
        for (int i = 0; i < _outputs; i++)
        {
            if (pixels[i] >= 0)
            {
                nint at = (pixels[i] * (nint)Shape.Filters) + filter;
                work.Scale.Write(sums[i], panel, lane, width, work.Output, at);
            }
        }
    }

    private readonly struct Work(TileGrid grid, byte* images, SumScale<TVector> scale, void* output)
    {
        public readonly TileGrid Grid = grid;
        public readonly byte* Images = images;
        public readonly SumScale<TVector> Scale = scale;
        public readonly void* Output = output;
    }
}
