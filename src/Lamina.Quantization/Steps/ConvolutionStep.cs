using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina.Quantization.Steps;

/// <summary>A convolution of bytes.</summary>
internal sealed class ConvolutionStep : ProductStep
{
    private readonly ConvolutionOp _op;
    private readonly long[] _strides;
    private readonly long[] _dilation;
    private readonly long[] _padding;
    private readonly long[] _kernelSizes;
    private readonly long[] _inputSizes;
    private IntegerWeights? _packed;
    private Tensor? _floats;

    /// <summary>Creates the step.</summary>
    /// <param name="input">Bytes, (N, H, W, C), already padded if the op does not pad.</param>
    /// <param name="output">Bytes or float32.</param>
    /// <param name="name">The prefix of its parameters' names in a file.</param>
    /// <param name="part">The op and the ops that directly follow it.</param>
    /// <param name="pads">The padding by the op itself, with bytes of 0; equal on both sides.</param>
    public ConvolutionStep(IntegerValue input, IntegerValue output, string name, ProductChain part, Pads2 pads)
        : base(input, output, name, part, ((ConvolutionOp)part.Node.Op).Groups, RowsOf(part.Node.Inputs[1].Shape))
    {
        _op = (ConvolutionOp)part.Node.Op;
        _strides = [_op.Strides.Height, _op.Strides.Width];
        _dilation = [_op.Dilation.Height, _op.Dilation.Width];
        _padding = [pads.Top, pads.Left];
        _kernelSizes = [.. Kernel.Shape.ToArray().Select(d => (long)d)];
        Shape x = part.Node.Inputs[0].Shape;
        Pads2 before = pads == Pads2.None ? _op.Pads : Pads2.None;
        _inputSizes =
        [
            1,
            x[3]!.Value,
            x[1]!.Value + before.Top + before.Bottom,
            x[2]!.Value + before.Left + before.Right,
        ];
    }

    public override void Prepare()
    {
        if (!Aten.HasIntegerOps)
        {
            _floats = KernelFloats(_kernelSizes);
            return;
        }
        using Tensor bytes = KernelBytes(_kernelSizes);
        using Tensor kernel = Layout.ToChannelsFirst(bytes);
        using Tensor multiplier = Tensor.FromSpan(Multiplier.Floats, [Multiplier.Floats.Length]);
        _packed = Packed(
            Aten.PackConvolution(kernel, multiplier, _strides, _padding, _dilation, _op.Groups, _inputSizes)
        );
    }

    public override Tensor Run(ReadOnlySpan<Tensor> inputs)
    {
        if (_packed is not null)
        {
            using Tensor x = Layout.ToChannelsFirst(inputs[0]);
            return Layout.TakeChannelsLast(
                Aten.IntegerConvolution(x, _packed, _strides, _padding, _dilation, _op.Groups, OutputType, NeedsRelu)
            );
        }
        using Tensor values = ByteLoops.ToFloats(inputs[0], ChannelMap.Identity);
        using Tensor first = Layout.ToChannelsFirst(values);
        using Tensor weight = Layout.ToChannelsFirst(_floats!);
        return TakeScaled(
            Layout.TakeChannelsLast(Aten.Convolution(first, weight, null, _strides, _padding, _dilation, _op.Groups))
        );
    }

    public override void Dispose()
    {
        base.Dispose();
        _packed?.Dispose();
        _floats?.Dispose();
    }

    // Transposes (kh, kw, in, out) to (out, kh, kw, in).
    private static Shape RowsOf(Shape kernel) =>
        Shape.Of(kernel[3]!.Value, kernel[0]!.Value, kernel[1]!.Value, kernel[2]!.Value);
}
