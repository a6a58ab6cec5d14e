using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The direct convolution for inference: tiles of 6 pixels and two vectors of filters, read where the images lie. Fits
/// 1×1 kernels, strides, dilation, groups and small images, for which Winograd's algorithm does not exist or does not pay.
/// Each result is summed in a fixed order, whatever the number of threads or images.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class TileConvolution<TVector> : ConvolutionAlgorithm, IRowAlgorithm
    where TVector : unmanaged, IFloats<TVector>
{
    private const int TileRows = PointerTile<TVector, Rows6>.Rows;

    // With fewer channels, runs over whole rows of the window pay for a padded copy of the images.
    private const int FewChannels = 8;

    // The pixels that one block reads should fit the second-level cache beside a panel of the kernel.
    private const int BlockFloats = 48 * 1024;
    private const int MostPixels = 192;
    private const long SmallKernelBytes = 256 * 1024;

    private readonly ConvolutionOp _op;
    private readonly WindowRuns _runs;
    private readonly Size2 _output;
    private readonly Size2 _input;
    private readonly int _channels;
    private readonly int _filters;
    private readonly int _depth;
    private readonly int _footprint;
    private readonly int _panels;
    private readonly bool _padsImages;
    private readonly bool _isPointwise;

    private TileConvolution(ConvolutionOp op, Shape input, Shape kernel, Shape output)
    {
        _op = op;
        _channels = input[3]!.Value;
        _filters = output[3]!.Value / op.Groups;
        _panels = (_filters + PanelWidth - 1) / PanelWidth;
        Size2 window = (kernel[0]!.Value, kernel[1]!.Value);
        _output = (output[1]!.Value, output[2]!.Value);
        bool byRows = op.Groups == 1 && op.Dilation == (1, 1) && _channels < FewChannels && window.Width > 1;
        _padsImages = byRows && op.Pads != Pads2.None;
        Pads2 pads = _padsImages ? op.Pads : Pads2.None;
        _input = (input[1]!.Value + pads.Top + pads.Bottom, input[2]!.Value + pads.Left + pads.Right);
        _isPointwise = window == (1, 1) && op.Strides == (1, 1) && op.Pads == Pads2.None && op.Groups == 1;
        _runs = new WindowRuns(op, window, _input, _output, _channels, byRows);
        _depth = _runs.Count * _runs.Length;
        // Windows overlap: an output pixel needs this much of the input that its neighbor does not.
        _footprint = Math.Min(_depth, _channels * op.Strides.Height * op.Strides.Width);
    }

    private static int PanelWidth => 2 * TVector.Count;

    private int MostOfBlock => Math.Clamp(BlockFloats / _footprint, TileRows, MostPixels) / TileRows * TileRows;

    /// <inheritdoc/>
    public override string Name => "direct convolution";

    /// <inheritdoc/>
    public override long PackedBytes => (long)_op.Groups * _filters * _depth * sizeof(float);

    /// <inheritdoc/>
    public override bool GivesInputGradient => false;

    /// <inheritdoc/>
    public override IRowAlgorithm? Rows => _isPointwise ? this : null;

    /// <inheritdoc/>
    public (Size2 Size, int Channels) Input => (_input, _channels);

    /// <inheritdoc/>
    public (Size2 Size, int Channels) Output => (_output, _filters * _op.Groups);

    /// <inheritdoc/>
    public bool IsPointwise => _isPointwise;

    /// <inheritdoc cref="ConvolutionAlgorithm.For{TVector}"/>
    public static TileConvolution<TVector>? For(ConvolutionOp op, Shape input, Shape kernel, Shape output) =>
        output[3]!.Value / op.Groups % TVector.Count == 0 ? new(op, input, kernel, output) : null;

    /// <inheritdoc/>
    public override bool Pays(long batch, bool training) => !training;

    /// <inheritdoc/>
    public override long WeightGradientBytes(int batch) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override Tensor WeightGradient(Tensor x, Tensor gradient) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long ForwardBytes(int batch) =>
        _padsImages ? (long)batch * _input.Height * _input.Width * _channels * sizeof(float) : 0;

    /// <inheritdoc/>
    public override Tensor PackForward(Tensor weight)
    {
        Tensor packed = Tensor.Empty([PackedBytes / sizeof(float)]);
        float* from = weight.ReadData;
        float* to = packed.WriteData();
        int panels = _op.Groups * _panels;
        ElementLoop.Run(
            panels,
            (begin, end) =>
            {
                for (int panel = (int)begin; panel < end; panel++)
                {
                    (int first, int width) = Panel(panel);
                    for (int lane = 0; lane < width; lane++)
                    {
                        float* source = from + ((long)(first + lane) * _depth);
                        float* target = to + ((long)first * _depth) + lane;
                        for (int i = 0; i < _depth; i++, target += width)
                        {
                            *target = source[i];
                        }
                    }
                }
            },
            grain: Math.Max(1, ElementLoop.Grain / _depth / PanelWidth)
        );
        GC.KeepAlive(weight);
        return packed;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, Tensor packed, in OutputStage stage)
    {
        using Tensor? padded = _padsImages ? RowPadding.Instance.Pad(x, _op.Pads) : null;
        long batch = x.Sizes[0];
        Tensor y = Tensor.Empty([batch, _output.Height, _output.Width, _op.Groups * _filters]);
        var work = new Work((padded ?? x).ReadData, packed.ReadData, y.WriteData(), stage)
        {
            Pixels = batch * _output.Height * _output.Width,
        };
        int threads = TorchLibrary.Threads;
        int most = MostOfBlock;
        long blocks = (work.Pixels + most - 1) / most;
        int panels = _op.Groups * _panels;
        // With few pixels, threads share out the filters, so that each reads its part of a large kernel once.
        bool byPixels =
            blocks >= 2 * threads || (PackedBytes <= SmallKernelBytes && work.Pixels >= 2 * TileRows * threads);
        int shares = byPixels ? 1 : Math.Min(threads, panels);
        blocks = shares == 1 ? (blocks + threads - 1) / threads * threads : blocks;
        long size = (work.Pixels + blocks - 1) / blocks;
        work.BlockPixels = (int)((size + TileRows - 1) / TileRows * TileRows);
        blocks = (work.Pixels + work.BlockPixels - 1) / work.BlockPixels;
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
        GC.KeepAlive(x);
        GC.KeepAlive(packed);
        return y;
    }

    /// <inheritdoc/>
    public RowRange Reads(RowRange rows) => rows;

    /// <inheritdoc/>
    public void ComputeRows(float* input, float* packed, in OutputStage stage, float* output, RowRange rows)
    {
        long pixels = (long)rows.Count * _output.Width;
        if (pixels == 0)
        {
            return;
        }
        long blocks = (pixels + MostOfBlock - 1) / MostOfBlock;
        long size = (pixels + blocks - 1) / blocks;
        var work = new Work(input, packed, output, stage)
        {
            BlockPixels = (int)((size + TileRows - 1) / TileRows * TileRows),
        };
        long start = (long)rows.First * _output.Width;
        for (long done = 0; done < pixels; done += work.BlockPixels)
        {
            Block(work, start + done, (int)Math.Min(work.BlockPixels, pixels - done), 0, _panels);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Block(in Work work, long first, int count, int firstPanel, int lastPanel)
    {
        int step = work.BlockPixels;
        float* sums = Scratch.Floats((TileRows * PanelWidth) + _runs.Length + ((long)step * _runs.Count * 2));
        float* zeros = sums + ((long)step * _runs.Count * 2) + (TileRows * PanelWidth);
        float** addresses = (float**)(sums + (TileRows * PanelWidth));
        new Span<float>(zeros, _runs.Length).Clear();
        int found = -1;
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int group = panel / _panels;
            if (group != found)
            {
                Find(work, first, count, group, zeros, addresses, step);
                found = group;
            }
            (int filter, int width) = Panel(panel);
            float* kernel = work.Kernels + ((long)filter * _depth);
            for (int pixel = 0; pixel < count; pixel += TileRows)
            {
                if (width == PanelWidth)
                {
                    PointerTile<TVector, Rows6>.Multiply(
                        addresses + pixel,
                        step,
                        _runs.Count,
                        _runs.Length,
                        kernel,
                        sums
                    );
                }
                else
                {
                    PointerTile<TVector, Rows6Narrow>.Multiply(
                        addresses + pixel,
                        step,
                        _runs.Count,
                        _runs.Length,
                        kernel,
                        sums
                    );
                }
                Write(work, first + pixel, Math.Min(TileRows, count - pixel), filter, width, sums);
            }
        }
    }

    // The last tile of a block computes some pixels twice rather than fewer.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Find(in Work work, long first, int count, int group, float* zeros, float** addresses, int step)
    {
        int channel = group * (_channels / _op.Groups);
        _runs.Find(work.Images, first, count, channel, zeros, addresses, step);
        for (int i = count; i % TileRows != 0; i++)
        {
            for (int run = 0; run < _runs.Count; run++)
            {
                addresses[(run * step) + i] = addresses[(run * step) + count - 1];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write(in Work work, long pixel, int rows, int filter, int width, float* sums)
    {
        OutputStage stage = work.Stage;
        nint stride = _op.Groups * _filters;
        nint at = ((nint)pixel * stride) + filter;
        stage.Write<TVector>(sums, PanelWidth, rows, filter, work.Output, at, stride);
        if (width > TVector.Count)
        {
            int next = TVector.Count;
            stage.Write<TVector>(sums + next, PanelWidth, rows, filter + next, work.Output, at + next, stride);
        }
    }

    /// <summary>Returns the first filter of a panel, counted over all groups, and the panel's width.</summary>
    private (int First, int Width) Panel(int panel)
    {
        (int group, int place) = Math.DivRem(panel, _panels);
        int first = place * PanelWidth;
        return ((group * _filters) + first, Math.Min(PanelWidth, _filters - first));
    }

    private struct Work(float* images, float* kernels, float* output, OutputStage stage)
    {
        public readonly float* Images = images;
        public readonly float* Kernels = kernels;
        public readonly float* Output = output;
        public readonly OutputStage Stage = stage;
        public long Pixels;
        public int BlockPixels;
    }
}
