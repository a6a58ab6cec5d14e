using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The direct convolution of bytes, for any window, strides, dilation and groups: images are padded and widened to 16 bits
/// once, then the windows of a block of pixels become rows of a matrix, which is multiplied by the kernels.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class DirectByteConvolution<TVector> : ByteConvolution<TVector>
    where TVector : unmanaged, IIntegers<TVector>
{
    // The windows of one block should fit the second-level cache beside a panel of the kernel.
    private const int BlockShorts = 96 * 1024;
    private const int FewestPixels = 24;
    private const int MostPixels = 192;
    private const long SmallKernelBytes = 256 * 1024;

    private readonly WindowRuns _runs;
    private readonly Size2 _padded;
    private readonly int _depth;
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
        _depth = _runs.Count * _runs.Length;
        _mostOfBlock = Math.Clamp(BlockShorts / _depth, FewestPixels, MostPixels);
        _kernels = Pack(weights);
    }

    // Of a window, rounded up to pairs.
    private nint Row => (_depth + 1) / 2 * 2;

    private nint PanelSize => Row * PairBlock<TVector>.PanelWidth;

    /// <inheritdoc/>
    protected override void Compute(Tensor x, SumScale<TVector> scale, Tensor y)
    {
        int batch = (int)x.Sizes[0];
        long pixels = (long)batch * Shape.Output.Height * Shape.Output.Width;
        // Whole vectors are copied, up to one behind the last window.
        long elements = ((long)batch * _padded.Height * _padded.Width * Shape.Channels) + (2 * TVector.Count);
        using Tensor wide = Tensor.Empty([elements * sizeof(short)], DType.UInt8);
        var images = (short*)wide.WriteRaw();
        default(TVector).Store(images + elements - (2 * TVector.Count));
        WidenImages((byte*)x.ReadRaw, images, batch);
        var work = new Work(images, scale, y.WriteRaw()) { Pixels = pixels };
        int threads = TorchLibrary.Threads;
        int panels = Shape.Op.Groups * GroupPanels;
        long blocks = (pixels + _mostOfBlock - 1) / _mostOfBlock;
        // With few pixels, threads share out the filters, so that each reads its part of a large kernel once.
        bool byPixels =
            blocks >= 2 * threads
            || (_kernels.Length * sizeof(short) <= SmallKernelBytes && pixels >= FewestPixels * threads);
        int shares = byPixels ? 1 : Math.Min(threads, panels);
        blocks = shares == 1 ? (blocks + threads - 1) / threads * threads : blocks;
        long size = (pixels + blocks - 1) / blocks;
        work.BlockPixels = PairBlock<TVector>.RoundUp((int)size);
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
        int width = PairBlock<TVector>.PanelWidth;
        int rows = PairBlock<TVector>.RoundUp(count);
        long addressFloats = (long)count * _runs.Count * 2;
        float* memory = Scratch.Floats(addressFloats + (rows * width) + (rows * Row / 2) + TVector.Count);
        var addresses = (short**)memory;
        var sums = (int*)(memory + addressFloats);
        var windows = (short*)(sums + (rows * width));
        int found = -1;
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int group = panel / GroupPanels;
            if (group != found)
            {
                _runs.Find(work.Images, first, count, group * Shape.GroupChannels, null, addresses, count);
                Copy(addresses, count, windows);
                found = group;
            }
            var kernel = (short*)Unsafe.AsPointer(ref _kernels[panel * PanelSize]);
            PairBlock<TVector>.Multiply(rows, windows, Row, Row / 2, kernel, sums, width, SumStart.Zero);
            nint at = ((nint)first * Shape.Filters) + PanelStart(panel);
            work.Scale.Write(sums, width, count, panel, PanelOutputs(panel), work.Output, at, Shape.Filters);
        }
    }

    // Rows are written in order, so that each overwrites what its predecessor's last vector wrote too much. What remains is
    // multiplied by 0, or belongs to rows behind the last.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Copy(short** addresses, int count, short* windows)
    {
        int length = _runs.Length;
        for (int pixel = 0; pixel < count; pixel++)
        {
            short* to = windows + (pixel * Row);
            for (int run = 0; run < _runs.Count; run++, to += length)
            {
                short* from = addresses[(run * count) + pixel];
                for (int i = 0; i < length; i += 2 * TVector.Count)
                {
                    TVector.Load(from + i).Store(to + i);
                }
            }
        }
    }

    private short[] Pack(sbyte[] weights)
    {
        int panels = Shape.Op.Groups * GroupPanels;
        int width = PairBlock<TVector>.PanelWidth;
        short[] packed = GC.AllocateArray<short>(checked((int)(panels * PanelSize)), pinned: true);
        ElementLoop.Run(
            panels,
            (begin, end) =>
            {
                for (int panel = (int)begin; panel < end; panel++)
                {
                    for (int lane = 0; lane < PanelOutputs(panel); lane++)
                    {
                        ReadOnlySpan<sbyte> from = weights.AsSpan((PanelStart(panel) + lane) * _depth, _depth);
                        Span<short> to = packed.AsSpan((int)(panel * PanelSize) + (2 * lane));
                        for (int i = 0; i < _depth; i++)
                        {
                            to[(i / 2 * width * 2) + (i % 2)] = from[i];
                        }
                    }
                }
            },
            grain: Math.Max(1, ElementLoop.Grain / _depth / width)
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
