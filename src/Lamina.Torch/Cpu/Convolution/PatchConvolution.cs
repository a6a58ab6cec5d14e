using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Convolution of images with few channels, such as a network's first, as a product of matrices. Windows become rows,
/// some at a time, so that they stay in a core's cache. Padding needs no copy of the images. Each result is summed in a
/// fixed order, whatever the number of threads.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class PatchConvolution<TVector> : ConvolutionAlgorithm
    where TVector : unmanaged, IFloats<TVector>
{
    // The gradient of the weights is summed in this number of parts, each over neighboring rows of pixels, and these
    // are added in order.
    private const int Parts = 32;

    // From this number of elements of a window on, oneDNN is slower even with narrower vectors.
    private const int LongWindow = 256;

    private const int BlockPixels = 48;
    private const int GradientPixels = 128;

    private readonly PatchRows<TVector> _patches;
    private readonly Size2 _kernel;
    private readonly Size2 _output;
    private readonly int _filters;

    private PatchConvolution(PatchRows<TVector> patches, Size2 kernel, Size2 output, int filters) =>
        (_patches, _kernel, _output, _filters) = (patches, kernel, output, filters);

    /// <inheritdoc/>
    public override string Name => "product of patches";

    /// <inheritdoc/>
    public override long PackedBytes => (long)_patches.Length * _filters * sizeof(float);

    /// <inheritdoc/>
    public override bool GivesInputGradient => false;

    /// <inheritdoc cref="ConvolutionAlgorithm.For{TVector}"/>
    public static PatchConvolution<TVector>? For(ConvolutionOp op, Shape input, Shape kernel, Shape output)
    {
        int filters = output[3]!.Value;
        // oneDNN's blocks of channels are a vector wide: from there on it wastes nothing.
        bool fits =
            op.Groups == 1
            && op.Dilation == (1, 1)
            && input[3] < TVector.Count
            && filters % TVector.Count == 0
            && (long)kernel[0]!.Value * kernel[1]!.Value * input[3]!.Value >= TVector.Count;
        if (!fits)
        {
            return null;
        }
        Size2 window = (kernel[0]!.Value, kernel[1]!.Value);
        Size2 size = (output[1]!.Value, output[2]!.Value);
        Size2 inputSize = (input[1]!.Value, input[2]!.Value);
        var patches = new PatchRows<TVector>(window, op.Strides, op.Pads, inputSize, size, input[3]!.Value);
        return new PatchConvolution<TVector>(patches, window, size, filters);
    }

    /// <inheritdoc/>
    public override bool Pays(long batch, bool training) => TVector.Count == 16 || _patches.Length >= LongWindow;

    /// <inheritdoc/>
    public override long WeightGradientBytes(int batch) =>
        (long)PartsOf(batch) * _filters * _patches.Step * sizeof(float);

    /// <inheritdoc/>
    public override Tensor PackForward(Tensor weight)
    {
        Tensor packed = Tensor.Empty([PackedBytes / sizeof(float)]);
        float* from = weight.ReadData;
        float* to = packed.WriteData();
        for (int filter = 0; filter < _filters; filter++)
        {
            (int panel, int width) = Panel(filter);
            for (int i = 0; i < _patches.Length; i++)
            {
                to[((long)panel * _patches.Length) + (i * (long)width) + filter - panel] = *from++;
            }
        }
        GC.KeepAlive(weight);
        return packed;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, Tensor packed, in OutputStage stage)
    {
        OutputStage last = stage;
        long batch = x.Sizes[0];
        Tensor y = Tensor.Empty([batch, _output.Height, _output.Width, _filters]);
        long pixels = batch * _patches.Pixels;
        float* images = x.ReadData;
        float* kernels = packed.ReadData;
        float* output = y.WriteData();
        ElementLoop.Run(
            (pixels + BlockPixels - 1) / BlockPixels,
            (begin, end) =>
            {
                float* rows = Scratch.Floats(BlockPixels * (_patches.Step + _filters));
                for (long block = begin; block < end; block++)
                {
                    long first = block * BlockPixels;
                    int count = (int)Math.Min(BlockPixels, pixels - first);
                    _patches.Fill(images, first, count, rows);
                    Block(rows, count, kernels, last, output, first);
                }
            },
            grain: 1
        );
        GC.KeepAlive(x);
        GC.KeepAlive(packed);
        return y;
    }

    /// <inheritdoc/>
    public override Tensor WeightGradient(Tensor x, Tensor gradient)
    {
        long batch = x.Sizes[0];
        int parts = PartsOf(batch);
        long length = (long)_filters * _patches.Step;
        using Tensor sums = Tensor.Empty([parts, length]);
        float* images = x.ReadData;
        float* gradients = gradient.ReadData;
        float* to = sums.WriteData();
        long lines = batch * _output.Height;
        ElementLoop.Run(
            parts,
            (begin, end) =>
            {
                float* rows = Scratch.Floats((long)GradientPixels * _patches.Step);
                for (long part = begin; part < end; part++)
                {
                    long first = lines * part / parts * _output.Width;
                    long last = lines * (part + 1) / parts * _output.Width;
                    Part(images, gradients, first, last, rows, to + (part * length));
                }
            },
            grain: 1
        );
        GC.KeepAlive(x);
        GC.KeepAlive(gradient);
        return Add(sums, parts);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Block(float* rows, int count, float* kernels, in OutputStage stage, float* y, long first)
    {
        // Rows are computed by fours; the remainder goes through scratch memory.
        int whole = count / MatrixBlock<TVector>.RowMultiple * MatrixBlock<TVector>.RowMultiple;
        float* rest = rows + (BlockPixels * _patches.Step);
        float* output = y + (first * _filters);
        Multiply(rows, whole, kernels, output);
        if (whole < count)
        {
            Multiply(rows + (whole * _patches.Step), MatrixBlock<TVector>.RowMultiple, kernels, rest);
            int left = (count - whole) * _filters;
            new Span<float>(rest, left).CopyTo(new Span<float>(output + (whole * _filters), left));
        }
        if (stage.IsEmpty)
        {
            return;
        }
        for (int pixel = 0; pixel < count; pixel++)
        {
            nint row = (nint)(first + pixel) * _filters;
            for (int filter = 0; filter < _filters; filter += TVector.Count)
            {
                stage.Apply(TVector.Load(y + row + filter), filter, row + filter).Store(y + row + filter);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(float* rows, int count, float* kernels, float* output)
    {
        for (int filter = 0; filter < _filters; filter += MatrixBlock<TVector>.PanelWidth)
        {
            (int panel, int width) = Panel(filter);
            float* kernel = kernels + ((long)panel * _patches.Length);
            MatrixBlock<TVector>.Multiply(
                count,
                width,
                _patches.Length,
                rows,
                _patches.Step,
                1,
                kernel,
                width,
                output + filter,
                _filters
            );
        }
    }

    // Computes (filters, pixels)·(pixels, window), over the pixels of one part.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Part(float* images, float* gradients, long first, long last, float* rows, float* sums)
    {
        for (long pixel = first; pixel < last; pixel += GradientPixels)
        {
            int count = (int)Math.Min(GradientPixels, last - pixel);
            _patches.Fill(images, pixel, count, rows);
            for (int column = 0; column < _patches.Step; column += MatrixBlock<TVector>.PanelWidth)
            {
                MatrixBlock<TVector>.Multiply(
                    _filters,
                    Math.Min(MatrixBlock<TVector>.PanelWidth, _patches.Step - column),
                    count,
                    gradients + (pixel * _filters),
                    1,
                    _filters,
                    rows + column,
                    _patches.Step,
                    sums + column,
                    _patches.Step,
                    add: pixel > first
                );
            }
        }
    }

    // Adds the parts in order, without the padding of rows.
    private Tensor Add(Tensor sums, int parts)
    {
        int window = _patches.Length;
        Tensor result = Tensor.Empty([
            _filters,
            _kernel.Height,
            _kernel.Width,
            window / _kernel.Height / _kernel.Width,
        ]);
        float* from = sums.ReadData;
        float* to = result.WriteData();
        ElementLoop.Run(
            _filters,
            (begin, end) =>
            {
                for (long filter = begin; filter < end; filter++)
                {
                    float* row = from + (filter * _patches.Step);
                    for (int part = 1; part < parts; part++)
                    {
                        AddRow(row, row + (part * (long)_filters * _patches.Step));
                    }
                    new ReadOnlySpan<float>(row, window).CopyTo(new Span<float>(to + (filter * window), window));
                }
            },
            grain: 16
        );
        GC.KeepAlive(sums);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRow(float* row, float* share)
    {
        for (int i = 0; i < _patches.Step; i += TVector.Count)
        {
            (TVector.Load(row + i) + TVector.Load(share + i)).Store(row + i);
        }
    }

    private int PartsOf(long batch) => (int)Math.Min(Parts, batch * _output.Height);

    /// <summary>Returns the first filter of the panel that contains a filter, and the panel's width.</summary>
    private (int First, int Width) Panel(int filter)
    {
        int first = filter / MatrixBlock<TVector>.PanelWidth * MatrixBlock<TVector>.PanelWidth;
        return (first, Math.Min(MatrixBlock<TVector>.PanelWidth, _filters - first));
    }
}
