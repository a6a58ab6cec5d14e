namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of convolution by libtorch (oneDNN on CPUs, cuDNN on GPUs), optionally with the following ReLU.
/// </summary>
internal sealed class ConvolutionKernel : Kernel
{
    private readonly ConvolutionOp _op;
    private readonly bool _fuseRelu;
    private readonly long[] _strides;
    private readonly long[] _padding;
    private readonly long[] _dilation;
    private readonly bool _plain;
    private readonly bool[] _mask = new bool[3];
    private readonly Tensor?[] _gradients = new Tensor?[3];
    private readonly PaddingCopies _copies;
    private Tensor? _padded;

    /// <param name="node">The op node.</param>
    /// <param name="op">The op.</param>
    /// <param name="fuseRelu"><see langword="true"/> to apply the ReLU that follows; inference only.</param>
    /// <param name="padding">The backend's copies, for padding that differs between sides.</param>
    public ConvolutionKernel(OpNode node, ConvolutionOp op, bool fuseRelu, PaddingCopies padding)
        : base(node)
    {
        (_op, _fuseRelu, _copies) = (op, fuseRelu, padding);
        _strides = [op.Strides.Height, op.Strides.Width];
        _dilation = [op.Dilation.Height, op.Dilation.Width];
        // For channels-last images of one channel, with one column of output and different strides for rows and
        // columns, oneDNN (libtorch 2.10) steps rows incorrectly. With one channel both formats are the same bytes, so
        // the other is used.
        _plain = node.Inputs[0].Shape[3] == 1 && node.Shape[2] == 1 && op.Strides.Height != op.Strides.Width;
        // libtorch pads both sides equally. If they differ, the input is padded by a copy that backward reads again.
        _padding = op.Pads.IsSymmetric ? [op.Pads.Top, op.Pads.Left] : [0, 0];
    }

    public override string Algorithm =>
        $"{(TorchLibrary.HasOneDnn ? "oneDNN" : "libtorch")} convolution" + (_fuseRelu ? " + ReLU" : "");

    public override bool KeepsState => !_op.Pads.IsSymmetric;

    public override long KeptBytes(int batch) => PaddedBytes(batch);

    public override long ForwardWorkspace(int batch, bool training) => training ? 0 : PaddedBytes(batch);

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted)
    {
        // The gradient of the padded input coexists first with the output's, then with what is cropped from it.
        long padded = PaddedBytes(batch);
        return padded > 0 && wanted[0] ? padded - Math.Min(InputBytes(0, batch), OutputBytes(batch)) : 0;
    }

    public override bool BackwardReadsInput(int index) => index == 1 || (index == 0 && _op.Pads.IsSymmetric);

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor? bias = inputs.Length > 2 ? inputs[2] : null;
        Release();
        Tensor? padded = _op.Pads.IsSymmetric ? null : _copies.Pad(inputs[0], _op.Pads);
        _padded = step.Training ? padded : null;
        using Tensor x = View(padded ?? inputs[0]);
        if (_padded is null)
        {
            padded?.Dispose();
        }
        using Tensor weight = View(inputs[1]);
        Tensor result = Layout.TakeChannelsLast(
            Aten.Convolution(x, weight, bias, _strides, _padding, _dilation, _op.Groups)
        );
        if (_fuseRelu)
        {
            // Not oneDNN's own ReLU, which turns NaN into 0.
            Aten.UnaryInPlace("aten::relu_"u8, result);
        }
        return result;
    }

    public override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        if (_fuseRelu)
        {
            throw new InvalidOperationException("A convolution that is fused with its ReLU supports inference only.");
        }
        wanted.CopyTo(_mask);
        using (gradient)
        {
            if (_padded is null && !_op.Pads.IsSymmetric)
            {
                // Another kernel of the same op ran forward.
                _padded = _copies.Pad(inputs[0]!, _op.Pads);
            }
            using Tensor g = Layout.ToChannelsFirst(gradient);
            using Tensor x = View(_padded ?? inputs[0]!);
            using Tensor weight = View(inputs[1]!);
            Aten.ConvolutionBackward(g, x, weight, _strides, _padding, _dilation, _op.Groups, _mask, _gradients);
        }
        for (int i = 0; i < 3; i++)
        {
            // oneDNN computes the kernel's and the bias's gradient together, even if only one is wanted.
            if (!_mask[i])
            {
                _gradients[i]?.Dispose();
            }
        }
        if (_mask[0])
        {
            results[0] = Layout.TakeChannelsLast(_gradients[0]!);
            if (!_op.Pads.IsSymmetric)
            {
                using Tensor paddedGradient = results[0]!;
                results[0] = _copies.Crop(paddedGradient, _op.Pads);
            }
        }
        if (_mask[1])
        {
            results[1] = Layout.TakeChannelsLast(_gradients[1]!);
        }
        if (_mask[2])
        {
            results[2] = Layout.TakeContiguous(_gradients[2]!);
        }
        Array.Clear(_gradients);
        Release();
    }

    public override void Release()
    {
        _padded?.Dispose();
        _padded = null;
    }

    private long PaddedBytes(int batch) =>
        _op.Pads.IsSymmetric ? 0 : PoolPadding.PaddedBytes(Node.Inputs[0], _op.Pads, batch);

    private Tensor View(Tensor x)
    {
        (long n, long h, long w) = (x.Sizes[0], x.Sizes[1], x.Sizes[2]);
        return _plain ? x.Restride([n, 1, h, w], [h * w, h * w, w, 1]) : Layout.ToChannelsFirst(x);
    }
}
