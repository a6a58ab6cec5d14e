using Lamina.Torch;
using Lamina.Torch.Cpu;
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
    private IByteProduct? _product;

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
            var shape = new ByteConvolutionShape(
                _op with
                {
                    Pads = new Pads2((int)_padding[0], (int)_padding[0], (int)_padding[1], (int)_padding[1]),
                },
                ((int)_kernelSizes[1], (int)_kernelSizes[2]),
                ((int)_inputSizes[2], (int)_inputSizes[3]),
                (int)_inputSizes[1],
                (int)_kernelSizes[0]
            );
            _product = ByteKernels.Instance.Convolution(shape, Kernel.Bytes, ByteOutputs);
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
        if (_product is not null)
        {
            return _product.Run(inputs[0]);
        }
        using Tensor x = Layout.ToChannelsFirst(inputs[0]);
        return Layout.TakeChannelsLast(
            Aten.IntegerConvolution(x, _packed!, _strides, _padding, _dilation, _op.Groups, OutputType, NeedsRelu)
        );
    }

    public override void Dispose()
    {
        base.Dispose();
        _packed?.Dispose();
        _product?.Dispose();
    }

    // Transposes (kh, kw, in, out) to (out, kh, kw, in).
    private static Shape RowsOf(Shape kernel) =>
        Shape.Of(kernel[3]!.Value, kernel[0]!.Value, kernel[1]!.Value, kernel[2]!.Value);
}
