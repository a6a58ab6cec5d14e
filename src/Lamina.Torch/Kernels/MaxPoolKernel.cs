namespace Lamina.Torch;

/// <summary>
/// Max pooling. Forward keeps where each maximum was: on the CPU a byte each, its place in the window, in a loop of ours;
/// elsewhere libtorch's 64-bit indices.
/// </summary>
internal sealed class MaxPoolKernel : Kernel
{
    private readonly MaxPoolOp _op;
    private readonly long[] _window;
    private readonly long[] _strides;
    private readonly long[] _padding;
    private readonly bool _pads;
    private Tensor? _indices;

    public MaxPoolKernel(OpNode node, MaxPoolOp op)
        : base(node)
    {
        _op = op;
        _window = [op.Window.Height, op.Window.Width];
        _strides = [op.Strides.Height, op.Strides.Width];
        _pads = !PoolPadding.IsNative(op.Window, op.Pads);
        _padding = _pads ? [0, 0] : [op.Pads.Top, op.Pads.Left];
    }

    public override string Algorithm => HasLoops ? "SIMD over channels" : base.Algorithm;

    public override bool KeepsState => true;

    public override long KeptBytes(int batch) =>
        OutputBytes(batch) / sizeof(float) * (HasLoops ? sizeof(byte) : sizeof(long));

    // Places in larger windows are no bytes.
    private bool HasLoops => MaxPoolLoops.Fits(_op);

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Release();
        if (HasLoops && inputs[0].IsCpuFloat)
        {
            Tensor pooled = Tensor.Empty(Layout.SizesOf(Node.Output, inputs[0].Sizes[0]));
            _indices = step.Training ? Tensor.Empty(pooled.Sizes, DType.UInt8) : null;
            MaxPoolLoops.Forward(inputs[0], pooled, _indices, _op);
            return pooled;
        }
        using Tensor? padded = _pads ? Padding.Pad(inputs[0], _op.Pads, double.NegativeInfinity) : null;
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
            if (_indices!.DType == DType.UInt8)
            {
                results[0] = Tensor.Empty(Layout.SizesOf(Node.Inputs[0], gradient.Sizes[0]));
                MaxPoolLoops.Backward(gradient, _indices, results[0]!, _op);
                Release();
                return;
            }
            Tensor result = PoolPadding.EmptyPadded(Node.Inputs[0], _pads ? _op.Pads : Pads2.None, gradient);
            using (Tensor g = Layout.ToChannelsFirst(gradient))
            using (Tensor x = Layout.ToChannelsFirst(result))
            {
                Aten.MaxPoolBackward(g, _indices!, x, _window, _strides, _padding);
            }
            results[0] = PoolPadding.TakeCropped(result, _pads ? _op.Pads : Pads2.None);
        }
        Release();
    }

    public override void Release()
    {
        _indices?.Dispose();
        _indices = null;
    }
}
