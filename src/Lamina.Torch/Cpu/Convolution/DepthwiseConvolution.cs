using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The convolution of each channel by a kernel of its own, for inference. Kernels of 3×3 have a loop that keeps their taps in
/// registers.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class DepthwiseConvolution<TVector> : ConvolutionAlgorithm, IRowAlgorithm
    where TVector : unmanaged, IFloats<TVector>
{
    // The outputs of a row that are computed for all channels before the next: what they read stays in the first-level
    // cache.
    private const int BlockPixels = 16;

    private readonly ConvolutionOp _op;
    private readonly Size2 _kernel;
    private readonly Size2 _input;
    private readonly Size2 _output;
    private readonly int _channels;
    private readonly bool _isThree;

    private DepthwiseConvolution(ConvolutionOp op, Shape input, Shape kernel, Shape output)
    {
        _op = op;
        _kernel = (kernel[0]!.Value, kernel[1]!.Value);
        _input = (input[1]!.Value, input[2]!.Value);
        _output = (output[1]!.Value, output[2]!.Value);
        _channels = input[3]!.Value;
        _isThree = _kernel == (3, 3) && op.Dilation == (1, 1);
    }

    /// <inheritdoc/>
    public override string Name => "depthwise convolution";

    /// <inheritdoc/>
    public override long PackedBytes => (long)_kernel.Height * _kernel.Width * _channels * sizeof(float);

    /// <inheritdoc/>
    public override bool GivesInputGradient => false;

    /// <inheritdoc/>
    public override IRowAlgorithm? Rows => this;

    /// <inheritdoc/>
    public (Size2 Size, int Channels) Input => (_input, _channels);

    /// <inheritdoc/>
    public (Size2 Size, int Channels) Output => (_output, _channels);

    /// <inheritdoc/>
    public bool IsPointwise => false;

    /// <inheritdoc cref="ConvolutionAlgorithm.For{TVector}"/>
    public static DepthwiseConvolution<TVector>? For(ConvolutionOp op, Shape input, Shape kernel, Shape output)
    {
        bool fits = op.Groups > 1 && input[3] == op.Groups && output[3] == op.Groups && op.Groups % TVector.Count == 0;
        return fits ? new(op, input, kernel, output) : null;
    }

    /// <inheritdoc/>
    public override bool Pays(long batch, bool training) => !training;

    /// <inheritdoc/>
    public override long WeightGradientBytes(int batch) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override Tensor WeightGradient(Tensor x, Tensor gradient) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override Tensor PackForward(Tensor weight)
    {
        int taps = _kernel.Height * _kernel.Width;
        Tensor packed = Tensor.Empty([taps, _channels]);
        float* from = weight.ReadData;
        float* to = packed.WriteData();
        for (int channel = 0; channel < _channels; channel++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                to[((long)tap * _channels) + channel] = *from++;
            }
        }
        GC.KeepAlive(weight);
        return packed;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, Tensor packed, in OutputStage stage)
    {
        long batch = x.Sizes[0];
        Tensor y = Tensor.Empty([batch, _output.Height, _output.Width, _channels]);
        float* images = x.ReadData;
        float* kernels = packed.ReadData;
        float* output = y.WriteData();
        OutputStage last = stage;
        long line = (long)_output.Width * _channels * _kernel.Height * _kernel.Width;
        ElementLoop.Run(
            batch * _output.Height,
            (begin, end) =>
            {
                float* zeros = RowOfZeros();
                for (long row = begin; row < end; row++)
                {
                    (long image, long y) = Math.DivRem(row, _output.Height);
                    float* whole = images + (image * _input.Height * _input.Width * _channels);
                    Row(whole, kernels, output, last, (int)y, (nint)row * _output.Width * _channels, zeros);
                }
            },
            grain: Math.Max(1, ElementLoop.Grain / line)
        );
        GC.KeepAlive(x);
        GC.KeepAlive(packed);
        return y;
    }

    /// <inheritdoc/>
    public RowRange Reads(RowRange rows)
    {
        int first = Math.Clamp((rows.First * _op.Strides.Height) - _op.Pads.Top, 0, _input.Height);
        int last = ((rows.End - 1) * _op.Strides.Height) - _op.Pads.Top + ((_kernel.Height - 1) * _op.Dilation.Height);
        return new RowRange(first, Math.Clamp(last + 1, first, _input.Height));
    }

    /// <inheritdoc/>
    public void ComputeRows(float* input, float* packed, in OutputStage stage, float* output, RowRange rows)
    {
        float* zeros = RowOfZeros();
        for (int y = rows.First; y < rows.End; y++)
        {
            Row(input, packed, output, stage, y, (nint)y * _output.Width * _channels, zeros);
        }
    }

    // Padding.
    private float* RowOfZeros()
    {
        int count = _input.Width * _channels;
        float* zeros = Scratch.Floats(count);
        new Span<float>(zeros, count).Clear();
        return zeros;
    }

    // A row of the output of one image, which is written to a position.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row(float* whole, float* kernels, float* output, in OutputStage stage, int y, nint to, float* zeros)
    {
        int top = (y * _op.Strides.Height) - _op.Pads.Top;
        (int firstRow, int lastRow) = Inside(top, _op.Dilation.Height, _kernel.Height, _input.Height);
        nint line = (nint)_input.Width * _channels;
        float* from = whole + (top * line);
        for (int x = 0; x < _output.Width; )
        {
            int left = (x * _op.Strides.Width) - _op.Pads.Left;
            int inside = _isThree && left >= 0 ? InsideFrom(x) : 0;
            nint at = to + ((nint)x * _channels);
            if (inside > 0)
            {
                nint across = (nint)left * _channels;
                float* r0 = LineOf(whole, top, line, zeros) + across;
                float* r1 = LineOf(whole, top + 1, line, zeros) + across;
                float* r2 = LineOf(whole, top + 2, line, zeros) + across;
                nint next = (nint)inside * _op.Strides.Width * _channels;
                Prefetch(r2 + next, next);
                for (int c = 0; c < _channels; c += TVector.Count)
                {
                    Three(r0 + c, r1 + c, r2 + c, kernels + c, inside, stage, c, output, at + c);
                }
                x += inside;
                continue;
            }
            (int firstColumn, int lastColumn) = Inside(left, _op.Dilation.Width, _kernel.Width, _input.Width);
            var window = new Window(firstRow, lastRow, firstColumn, lastColumn);
            for (int c = 0; c < _channels; c += TVector.Count)
            {
                One(from + ((nint)left * _channels) + c, kernels + c, output, stage, window, c, at + c);
            }
            x++;
        }
    }

    // The outputs from one on, of a block, whose windows do not cross the right edge.
    private int InsideFrom(int x)
    {
        int room = _input.Width - 3 + _op.Pads.Left;
        int last = room < 0 ? -1 : room / _op.Strides.Width;
        return Math.Clamp(last + 1 - x, 0, Math.Min(BlockPixels, _output.Width - x));
    }

    // The lowest row of the next block, which no row of outputs has read before. The loops read it in strides that the
    // processor does not foresee.
    private static void Prefetch(float* from, nint count)
    {
        const int cacheLine = 64 / sizeof(float);
        if (Sse.IsSupported)
        {
            for (nint i = 0; i < count; i += cacheLine)
            {
                Sse.Prefetch1(from + i);
            }
        }
    }

    private float* LineOf(float* image, int y, nint line, float* zeros) =>
        (uint)y < (uint)_input.Height ? image + (y * line) : zeros;

    // 3×3 taps stay in registers for a run of outputs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Three(
        float* r0,
        float* r1,
        float* r2,
        float* kernel,
        int count,
        in OutputStage stage,
        int channel,
        float* output,
        nint to
    )
    {
        nint c = _channels;
        nint step = _op.Strides.Width * c;
        TVector k0 = TVector.Load(kernel);
        TVector k1 = TVector.Load(kernel + c);
        TVector k2 = TVector.Load(kernel + (2 * c));
        kernel += 3 * c;
        TVector k3 = TVector.Load(kernel);
        TVector k4 = TVector.Load(kernel + c);
        TVector k5 = TVector.Load(kernel + (2 * c));
        kernel += 3 * c;
        TVector k6 = TVector.Load(kernel);
        TVector k7 = TVector.Load(kernel + c);
        TVector k8 = TVector.Load(kernel + (2 * c));
        for (; count > 0; count--)
        {
            TVector sum = TVector.Load(r0) * k0;
            TVector other = TVector.Load(r1) * k3;
            sum = TVector.MultiplyAdd(TVector.Load(r0 + c), k1, sum);
            other = TVector.MultiplyAdd(TVector.Load(r1 + c), k4, other);
            sum = TVector.MultiplyAdd(TVector.Load(r0 + (2 * c)), k2, sum);
            other = TVector.MultiplyAdd(TVector.Load(r1 + (2 * c)), k5, other);
            sum = TVector.MultiplyAdd(TVector.Load(r2), k6, sum);
            other = TVector.MultiplyAdd(TVector.Load(r2 + c), k7, other);
            sum = TVector.MultiplyAdd(TVector.Load(r2 + (2 * c)), k8, sum);
            stage.Apply(sum + other, channel, to).Store(output + to);
            r0 += step;
            r1 += step;
            r2 += step;
            to += c;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void One(float* at, float* kernel, float* output, in OutputStage stage, Window window, int channel, nint to)
    {
        nint line = (nint)_input.Width * _channels * _op.Dilation.Height;
        nint tap = (nint)_op.Dilation.Width * _channels;
        TVector sum = default;
        for (int r = window.FirstRow; r < window.LastRow; r++)
        {
            for (int s = window.FirstColumn; s < window.LastColumn; s++)
            {
                TVector weight = TVector.Load(kernel + ((nint)((r * _kernel.Width) + s) * _channels));
                sum = TVector.MultiplyAdd(TVector.Load(at + (r * line) + (s * tap)), weight, sum);
            }
        }
        stage.Apply(sum, channel, to).Store(output + to);
    }

    /// <summary>Returns the taps along an axis, from a position on, that lie inside of the image.</summary>
    private static (int First, int Last) Inside(int at, int dilation, int taps, int size)
    {
        int first = at >= 0 ? 0 : (-at + dilation - 1) / dilation;
        int last = at >= size ? 0 : Math.Min(taps, ((size - 1 - at) / dilation) + 1);
        return (Math.Min(first, last), last);
    }

    private readonly record struct Window(int FirstRow, int LastRow, int FirstColumn, int LastColumn);
}
