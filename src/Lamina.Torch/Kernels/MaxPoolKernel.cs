namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of max pooling by libtorch. Forward keeps the position of each maximum as a 64-bit index.
/// </summary>
internal sealed class MaxPoolKernel : Kernel
{
    private readonly MaxPoolOp _op;
    private readonly long[] _window;
    private readonly long[] _strides;
    private readonly long[] _padding;
    private readonly bool _pads;
    private readonly PaddingCopies _copies;
    private Tensor? _indices;

    /// <param name="node">The op node.</param>
    /// <param name="op">The op.</param>
    /// <param name="padding">The backend's copies, for padding that libtorch does not support in pooling.</param>
    public MaxPoolKernel(OpNode node, MaxPoolOp op, PaddingCopies padding)
        : base(node)
    {
        (_op, _copies) = (op, padding);
        _window = [op.Window.Height, op.Window.Width];
        _strides = [op.Strides.Height, op.Strides.Width];
        _pads = !PoolPadding.IsNative(op.Window, op.Pads);
        _padding = _pads ? [0, 0] : [op.Pads.Top, op.Pads.Left];
    }

    public override bool KeepsState => true;

    public override long KeptBytes(int batch) => OutputBytes(batch) / sizeof(float) * sizeof(long);

    public override long ForwardWorkspace(int batch, bool training) =>
        PaddedBytes(batch) + (training ? 0 : KeptBytes(batch));

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => wanted[0] ? PaddedBytes(batch) : 0;

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Release();
        using Tensor? padded = _pads ? _copies.Pad(inputs[0], _op.Pads, double.NegativeInfinity) : null;
        using Tensor x = Layout.ToChannelsFirst(padded ?? inputs[0]);
        (Tensor output, Tensor indices) = Aten.MaxPool(x, _window, _strides, _padding);
        if (step.Training)
        {
            _indices = indices;
        }
        else
        {
            indices.Dispose();
        }
        return Layout.TakeChannelsLast(output);
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
        using (gradient)
        {
            if (!wanted[0])
            {
                return;
            }
            Tensor result = PoolPadding.EmptyPadded(Node.Inputs[0], _pads ? _op.Pads : Pads2.None, gradient);
            using (Tensor g = Layout.ToChannelsFirst(gradient))
            using (Tensor x = Layout.ToChannelsFirst(result))
            {
                Aten.MaxPoolBackward(g, _indices!, x, _window, _strides, _padding);
            }
            results[0] = PoolPadding.TakeCropped(result, _pads ? _op.Pads : Pads2.None, _copies);
        }
        Release();
    }

    private long PaddedBytes(int batch) => _pads ? PoolPadding.PaddedBytes(Node.Inputs[0], _op.Pads, batch) : 0;

    public override void Release()
    {
        _indices?.Dispose();
        _indices = null;
    }
}
