namespace Lamina.Torch.Kernels;

/// <summary>A kernel of average pooling; padding is excluded from the mean.</summary>
internal sealed class AveragePoolKernel : Kernel
{
    private readonly AveragePoolOp _op;
    private readonly long[] _window;
    private readonly long[] _strides;
    private readonly long[] _padding;
    private readonly bool _pads;
    private readonly PaddingCopies _copies;

    /// <param name="node">The op node.</param>
    /// <param name="op">The op.</param>
    /// <param name="padding">The backend's copies.</param>
    public AveragePoolKernel(OpNode node, AveragePoolOp op, PaddingCopies padding)
        : base(node)
    {
        (_op, _copies) = (op, padding);
        _window = [op.Window.Height, op.Window.Width];
        _strides = [op.Strides.Height, op.Strides.Width];
        _pads = !PoolPadding.IsNative(op.Window, op.Pads);
        _padding = _pads ? [0, 0] : [op.Pads.Top, op.Pads.Left];
    }

    public override long ForwardWorkspace(int batch, bool training) =>
        _pads ? PoolPadding.PaddedBytes(Node.Inputs[0], _op.Pads, batch) : 0;

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        wanted[0] ? ForwardWorkspace(batch, training: true) : 0;

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        using Tensor? padded = _pads ? _copies.Pad(inputs[0], _op.Pads) : null;
        using Tensor x = Layout.ToChannelsFirst(padded ?? inputs[0]);
        Tensor y = Layout.TakeChannelsLast(Aten.AveragePool(x, _window, _strides, _padding));
        if (_pads)
        {
            Weigh(y);
        }
        return y;
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
            if (_pads)
            {
                Weigh(gradient);
            }
            Tensor result = PoolPadding.EmptyPadded(Node.Inputs[0], _pads ? _op.Pads : Pads2.None, gradient);
            using (Tensor g = Layout.ToChannelsFirst(gradient))
            using (Tensor x = Layout.ToChannelsFirst(result))
            {
                Aten.AveragePoolBackward(g, x, _window, _strides, _padding);
            }
            results[0] = PoolPadding.TakeCropped(result, _pads ? _op.Pads : Pads2.None, _copies);
        }
    }

    /// <summary>Converts means over whole windows of padded images to means over the pixels of the images.</summary>
    private void Weigh(Tensor y)
    {
        Shape x = Node.Inputs[0].Shape;
        (int h, int w) = ((int)y.Sizes[1], (int)y.Sizes[2]);
        var factors = new float[h * w];
        for (int i = 0; i < h; i++)
        {
            int rows = Inside(i, _op.Window.Height, _op.Strides.Height, _op.Pads.Top, x[1]!.Value);
            for (int j = 0; j < w; j++)
            {
                int columns = Inside(j, _op.Window.Width, _op.Strides.Width, _op.Pads.Left, x[2]!.Value);
                // A window entirely in the padding has a mean of 0, as in libtorch.
                factors[(i * w) + j] = (float)(_op.Window.Height * _op.Window.Width) / Math.Max(1, rows * columns);
            }
        }
        using Tensor factor = Tensor.FromSpan(factors, [1, h, w, 1], y.Device);
        Aten.MulInPlace(y, factor);
    }

    private static int Inside(int output, int window, int stride, int before, int size)
    {
        int start = (output * stride) - before;
        return Math.Max(0, Math.Min(start + window, size) - Math.Max(start, 0));
    }
}
