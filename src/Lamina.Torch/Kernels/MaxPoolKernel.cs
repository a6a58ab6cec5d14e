namespace Lamina.Torch;

/// <summary>Max pooling. Forward keeps where each maximum was.</summary>
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

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Release();
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

/// <summary>What max and average pooling share.</summary>
internal static class PoolPadding
{
    /// <summary>Whether libtorch pools with these pads itself: the same on both sides, at most half a window.</summary>
    public static bool IsNative(Size2 window, Pads2 pads) =>
        pads.IsSymmetric && pads.Top * 2 <= window.Height && pads.Left * 2 <= window.Width;

    /// <summary>Room for the gradient of padded images, of the output's gradient's type, device and batch.</summary>
    public static Tensor EmptyPadded(Symbol images, Pads2 pads, Tensor gradient)
    {
        Shape x = images.Shape;
        return Tensor.Empty(
            [
                gradient.Sizes[0],
                x[1]!.Value + pads.Top + pads.Bottom,
                x[2]!.Value + pads.Left + pads.Right,
                x[3]!.Value,
            ],
            gradient.DType,
            gradient.Device
        );
    }

    /// <summary>The gradient without its padding.</summary>
    /// <param name="padded">Disposed, if it is not the result.</param>
    /// <param name="pads">What to take off.</param>
    public static Tensor TakeCropped(Tensor padded, Pads2 pads)
    {
        if (pads == Pads2.None)
        {
            return padded;
        }
        using (padded)
        {
            return Padding.Crop(padded, pads);
        }
    }
}
