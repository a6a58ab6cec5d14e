namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of transposed convolution by libtorch, which cuts both sides equally; what is left to cut is a copy.
/// </summary>
internal sealed class ConvolutionTransposeKernel : Kernel
{
    private readonly long[] _strides;
    private readonly long[] _padding;
    private readonly long[] _added;
    private readonly long[] _dilation;
    private readonly Pads2 _rest;
    private readonly bool[] _mask = new bool[3];
    private readonly Tensor?[] _gradients = new Tensor?[3];

    public ConvolutionTransposeKernel(OpNode node, ConvolutionTransposeOp op)
        : base(node)
    {
        _strides = [op.Strides.Height, op.Strides.Width];
        _dilation = [op.Dilation.Height, op.Dilation.Width];
        Pads2 crops = op.Crops;
        int rows = Math.Max(0, Math.Min(crops.Top, crops.Bottom));
        int columns = Math.Max(0, Math.Min(crops.Left, crops.Right));
        _padding = [rows, columns];
        _added = [Math.Max(0, -crops.Bottom), Math.Max(0, -crops.Right)];
        _rest = new Pads2(
            crops.Top - rows,
            Math.Max(0, crops.Bottom) - rows,
            crops.Left - columns,
            Math.Max(0, crops.Right) - columns
        );
    }

    public override string Algorithm => $"{(TorchLibrary.HasOneDnn ? "oneDNN" : "libtorch")} transposed convolution";

    public override bool BackwardReadsInput(int index) => index <= 1;

    public override bool BackwardReadsOutput => false;

    public override long ForwardWorkspace(int batch, bool training) =>
        _rest == Pads2.None ? 0 : PoolPadding.PaddedBytes(Node.Output, _rest, batch);

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => ForwardWorkspace(batch, true);

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        using Tensor x = Layout.ToChannelsFirst(inputs[0]);
        using Tensor weight = Aten.Permute(inputs[1], [3, 2, 0, 1]);
        Tensor? bias = inputs.Length > 2 ? inputs[2] : null;
        Tensor full = Layout.TakeChannelsLast(
            Aten.ConvolutionTranspose(x, weight, bias, _strides, _padding, _dilation, _added)
        );
        if (_rest == Pads2.None)
        {
            return full;
        }
        using (full)
        {
            return PaddingCopies.ByDispatcher.Crop(full, _rest);
        }
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
        wanted.CopyTo(_mask);
        using (gradient)
        {
            using Tensor full =
                _rest == Pads2.None ? gradient.Duplicate() : PaddingCopies.ByDispatcher.Pad(gradient, _rest);
            using Tensor g = Layout.ToChannelsFirst(full);
            using Tensor x = Layout.ToChannelsFirst(inputs[0]!);
            using Tensor weight = Aten.Permute(inputs[1]!, [3, 2, 0, 1]);
            Aten.ConvolutionTransposeBackward(g, x, weight, _strides, _padding, _dilation, _added, _mask, _gradients);
        }
        for (int i = 0; i < results.Length; i++)
        {
            if (!_mask[i])
            {
                _gradients[i]?.Dispose();
                continue;
            }
            using Tensor made = _gradients[i]!;
            results[i] = i switch
            {
                0 => Layout.TakeChannelsLast(made.Duplicate()),
                1 => Layout.TakeContiguous(Aten.Permute(made, [2, 3, 1, 0])),
                _ => Aten.Contiguous(made),
            };
        }
        Array.Clear(_gradients);
    }
}
