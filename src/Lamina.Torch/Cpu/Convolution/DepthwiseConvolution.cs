using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The convolution of each channel by a kernel of its own, for inference. Four neighboring outputs share what they read of
/// the kernel.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class DepthwiseConvolution<TVector> : ConvolutionAlgorithm
    where TVector : unmanaged, IFloats<TVector>
{
    // Channels that are computed for a whole row before the next: the rows that they read stay in the first-level cache.
    private const int ChannelBlock = 64;

    private readonly ConvolutionOp _op;
    private readonly Size2 _kernel;
    private readonly Size2 _input;
    private readonly Size2 _output;
    private readonly int _channels;

    private DepthwiseConvolution(ConvolutionOp op, Shape input, Shape kernel, Shape output)
    {
        _op = op;
        _kernel = (kernel[0]!.Value, kernel[1]!.Value);
        _input = (input[1]!.Value, input[2]!.Value);
        _output = (output[1]!.Value, output[2]!.Value);
        _channels = input[3]!.Value;
    }

    /// <inheritdoc/>
    public override string Name => "depthwise convolution";

    /// <inheritdoc/>
    public override long PackedBytes => (long)_kernel.Height * _kernel.Width * _channels * sizeof(float);

    /// <inheritdoc/>
    public override bool GivesInputGradient => false;

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
                for (long row = begin; row < end; row++)
                {
                    Row(images, kernels, output, last, row);
                }
            },
            grain: Math.Max(1, ElementLoop.Grain / line)
        );
        GC.KeepAlive(x);
        GC.KeepAlive(packed);
        return y;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row(float* images, float* kernels, float* output, OutputStage stage, long row)
    {
        (long image, long y) = Math.DivRem(row, _output.Height);
        int top = ((int)y * _op.Strides.Height) - _op.Pads.Top;
        (int firstRow, int lastRow) = Inside(top, _op.Dilation.Height, _kernel.Height, _input.Height);
        nint line = (nint)_input.Width * _channels;
        float* from = images + ((nint)image * _input.Height * line) + (top * line);
        nint to = (nint)row * _output.Width * _channels;
        for (int first = 0; first < _channels; first += ChannelBlock)
        {
            int last = Math.Min(first + ChannelBlock, _channels);
            for (int x = 0; x < _output.Width; )
            {
                int left = (x * _op.Strides.Width) - _op.Pads.Left;
                (int firstColumn, int lastColumn) = Inside(left, _op.Dilation.Width, _kernel.Width, _input.Width);
                bool four =
                    left >= 0
                    && x + 4 <= _output.Width
                    && left + (3 * _op.Strides.Width) + ((_kernel.Width - 1) * _op.Dilation.Width) < _input.Width;
                var window = new Window(firstRow, lastRow, firstColumn, lastColumn);
                float* at = from + ((nint)left * _channels);
                for (int c = first; c < last; c += TVector.Count)
                {
                    if (four)
                    {
                        Four(at + c, kernels + c, output, stage, window, c, to + ((nint)x * _channels) + c);
                    }
                    else
                    {
                        One(at + c, kernels + c, output, stage, window, c, to + ((nint)x * _channels) + c);
                    }
                }
                x += four ? 4 : 1;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Four(
        float* at,
        float* kernel,
        float* output,
        in OutputStage stage,
        Window window,
        int channel,
        nint to
    )
    {
        nint line = (nint)_input.Width * _channels * _op.Dilation.Height;
        nint across = (nint)_op.Strides.Width * _channels;
        nint tap = (nint)_op.Dilation.Width * _channels;
        TVector s0 = default,
            s1 = default,
            s2 = default,
            s3 = default;
        at += window.FirstRow * line;
        kernel += (nint)window.FirstRow * _kernel.Width * _channels;
        for (int r = window.FirstRow; r < window.LastRow; r++, at += line)
        {
            float* x = at;
            for (int s = 0; s < _kernel.Width; s++, x += tap, kernel += _channels)
            {
                TVector weight = TVector.Load(kernel);
                s0 = TVector.MultiplyAdd(TVector.Load(x), weight, s0);
                s1 = TVector.MultiplyAdd(TVector.Load(x + across), weight, s1);
                s2 = TVector.MultiplyAdd(TVector.Load(x + (2 * across)), weight, s2);
                s3 = TVector.MultiplyAdd(TVector.Load(x + (3 * across)), weight, s3);
            }
        }
        stage.Apply(s0, channel, to).Store(output + to);
        to += _channels;
        stage.Apply(s1, channel, to).Store(output + to);
        to += _channels;
        stage.Apply(s2, channel, to).Store(output + to);
        to += _channels;
        stage.Apply(s3, channel, to).Store(output + to);
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
