using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The direct convolution of bytes, for any window, strides, dilation and groups: images are padded and widened to 16 bits
/// once, then tiles of 6 pixels and two vectors of filters are summed where the windows lie.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class DirectByteConvolution<TVector> : ByteConvolution<TVector>
    where TVector : unmanaged, IIntegers<TVector>
{
    private const int TileRows = 6;

    // The pixels that one block reads should fit the second-level cache beside a panel of the kernel.
    private const int BlockShorts = 96 * 1024;
    private const int MostPixels = 192;
    private const long SmallKernelBytes = 256 * 1024;

    private readonly WindowRuns _runs;
    private readonly Size2 _padded;
    private readonly int _pairs;
    private readonly int _mostOfBlock;
    private readonly short[] _kernels;

    /// <summary>Packs the kernels.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="weights">The kernels, (filters, kh, kw, C / groups).</param>
    public DirectByteConvolution(in ByteConvolutionShape shape, sbyte[] weights)
        : base(shape)
    {
        ConvolutionOp op = shape.Op;
        _padded = (shape.Input.Height + op.Pads.Top + op.Pads.Bottom, shape.Input.Width + op.Pads.Left + op.Pads.Right);
        ConvolutionOp unpadded = op with { Pads = Pads2.None };
        bool byRows = op.Groups == 1 && op.Dilation == (1, 1);
        _runs = new WindowRuns(unpadded, shape.Kernel, _padded, shape.Output, shape.Channels, byRows);
        _pairs = (_runs.Length + 1) / 2;
        int footprint = Math.Min(_runs.Count * _runs.Length, shape.Channels * op.Strides.Height * op.Strides.Width);
        _mostOfBlock = Math.Clamp(BlockShorts / footprint, TileRows, MostPixels) / TileRows * TileRows;
        _kernels = Pack(weights);
    }

    private nint PanelSize => (nint)_runs.Count * _pairs * 2 * PairBlock<TVector>.PanelWidth;

    /// <inheritdoc/>
    protected override void Compute(Tensor x, SumScale<TVector> scale, Tensor y)
    {
        int batch = (int)x.Sizes[0];
        long pixels = (long)batch * Shape.Output.Height * Shape.Output.Width;
        // One element more, which an odd run multiplies by 0.
        long elements = ((long)batch * _padded.Height * _padded.Width * Shape.Channels) + 2;
        using Tensor wide = Tensor.Empty([elements * sizeof(short)], DType.UInt8);
        var images = (short*)wide.WriteRaw();
        *(int*)(images + elements - 2) = 0;
        WidenImages((byte*)x.ReadRaw, images, batch);
        var work = new Work(images, scale, y.WriteRaw()) { Pixels = pixels };
        int threads = TorchLibrary.Threads;
        int panels = Shape.Op.Groups * GroupPanels;
        long blocks = (pixels + _mostOfBlock - 1) / _mostOfBlock;
        // With few pixels, threads share out the filters, so that each reads its part of a large kernel once.
        bool byPixels =
            blocks >= 2 * threads
            || (_kernels.Length * sizeof(short) <= SmallKernelBytes && pixels >= 2 * TileRows * threads);
        int shares = byPixels ? 1 : Math.Min(threads, panels);
        blocks = shares == 1 ? (blocks + threads - 1) / threads * threads : blocks;
        long size = (pixels + blocks - 1) / blocks;
        work.BlockPixels = (int)((size + TileRows - 1) / TileRows * TileRows);
        blocks = (pixels + work.BlockPixels - 1) / work.BlockPixels;
        ElementLoop.Run(
            blocks * shares,
            (begin, end) =>
            {
                for (long unit = begin; unit < end; unit++)
                {
                    (long share, long block) = Math.DivRem(unit, blocks);
                    long first = block * work.BlockPixels;
                    int count = (int)Math.Min(work.BlockPixels, work.Pixels - first);
                    Block(work, first, count, (int)(share * panels / shares), (int)((share + 1) * panels / shares));
                }
            },
            grain: 1
        );
    }

    private void WidenImages(byte* x, short* images, int batch)
    {
        long row = (long)Shape.Input.Width * Shape.Channels;
        long paddedRow = (long)_padded.Width * Shape.Channels;
        long before = (long)Shape.Op.Pads.Left * Shape.Channels;
        ElementLoop.Run(
            (long)batch * _padded.Height,
            (begin, end) =>
            {
                for (long line = begin; line < end; line++)
                {
                    (long image, long from) = Math.DivRem(line, _padded.Height);
                    from -= Shape.Op.Pads.Top;
                    short* to = images + (line * paddedRow);
                    if (from < 0 || from >= Shape.Input.Height)
                    {
                        new Span<short>(to, (int)paddedRow).Clear();
                        continue;
                    }
                    new Span<short>(to, (int)before).Clear();
                    new Span<short>(to + before + row, (int)(paddedRow - before - row)).Clear();
                    Bytes<TVector>.Widen(x + (((image * Shape.Input.Height) + from) * row), to + before, row);
                }
            },
            grain: Math.Max(1, ElementLoop.Grain / paddedRow)
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Block(in Work work, long first, int count, int firstPanel, int lastPanel)
    {
        int step = work.BlockPixels;
        int width = PairBlock<TVector>.PanelWidth;
        float* memory = Scratch.Floats((TileRows * width) + ((long)step * _runs.Count * 2));
        var sums = (int*)memory;
        var addresses = (short**)(memory + (TileRows * width));
        int found = -1;
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int group = panel / GroupPanels;
            if (group != found)
            {
                Find(work, first, count, group, addresses, step);
                found = group;
            }
            var kernel = (short*)Unsafe.AsPointer(ref _kernels[panel * PanelSize]);
            for (int pixel = 0; pixel < count; pixel += TileRows)
            {
                PairTile<TVector, Rows6>.Multiply(
                    addresses + pixel,
                    step,
                    _runs.Count,
                    _pairs,
                    kernel,
                    sums,
                    width,
                    SumStart.Zero
                );
                work.Scale.Write(
                    sums,
                    width,
                    Math.Min(TileRows, count - pixel),
                    panel,
                    PanelOutputs(panel),
                    work.Output,
                    ((nint)(first + pixel) * Shape.Filters) + PanelStart(panel),
                    Shape.Filters
                );
            }
        }
    }

    // The last tile of a block computes some pixels twice rather than fewer.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Find(in Work work, long first, int count, int group, short** addresses, int step)
    {
        _runs.Find(work.Images, first, count, group * Shape.GroupChannels, null, addresses, step);
        for (int i = count; i % TileRows != 0; i++)
        {
            for (int run = 0; run < _runs.Count; run++)
            {
                addresses[(run * step) + i] = addresses[(run * step) + count - 1];
            }
        }
    }

    private short[] Pack(sbyte[] weights)
    {
        int panels = Shape.Op.Groups * GroupPanels;
        int width = PairBlock<TVector>.PanelWidth;
        int depth = _runs.Count * _runs.Length;
        short[] packed = GC.AllocateArray<short>(checked((int)(panels * PanelSize)), pinned: true);
        ElementLoop.Run(
            panels,
            (begin, end) =>
            {
                for (int panel = (int)begin; panel < end; panel++)
                {
                    for (int lane = 0; lane < PanelOutputs(panel); lane++)
                    {
                        ReadOnlySpan<sbyte> from = weights.AsSpan((PanelStart(panel) + lane) * depth, depth);
                        Span<short> to = packed.AsSpan((int)(panel * PanelSize) + (2 * lane));
                        for (int i = 0; i < depth; i++)
                        {
                            (int run, int place) = Math.DivRem(i, _runs.Length);
                            to[((((run * _pairs) + (place / 2)) * width) * 2) + (place % 2)] = from[i];
                        }
                    }
                }
            },
            grain: Math.Max(1, ElementLoop.Grain / depth / width)
        );
        return packed;
    }

    private struct Work(short* images, SumScale<TVector> scale, void* output)
    {
        public readonly short* Images = images;
        public readonly SumScale<TVector> Scale = scale;
        public readonly void* Output = output;
        public long Pixels;
        public int BlockPixels;
    }
}
