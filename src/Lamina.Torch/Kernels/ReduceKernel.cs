namespace Lamina.Torch.Kernels;

/// <summary>A kernel of sums, extremes and log Σ exp along some axes.</summary>
internal sealed class ReduceKernel(OpNode node, ReduceOp op) : Kernel(node)
{
    private readonly long[] _axes = [.. op.Axes.Select(a => (long)a)];
    private long[] _sizes = [];

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        op.Kind == ReduceKind.Sum ? 0 : 2 * InputBytes(0, batch);

    public override bool BackwardReadsInput(int index) => op.Kind != ReduceKind.Sum;

    public override bool BackwardReadsOutput => op.Kind != ReduceKind.Sum;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor x = inputs[0];
        _sizes = x.SizesArray;
        return Layout.TakeContiguous(
            op.Kind switch
            {
                ReduceKind.Sum => Aten.Sum(x, _axes, op.KeepDims),
                ReduceKind.Max => Aten.Extreme("aten::amax"u8, x, _axes, op.KeepDims),
                ReduceKind.Min => Aten.Extreme("aten::amin"u8, x, _axes, op.KeepDims),
                _ => Aten.LogSumExp(x, _axes, op.KeepDims),
            }
        );
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
            long[] kept = [.. _sizes];
            foreach (long axis in _axes)
            {
                kept[axis] = 1;
            }
            using Tensor rows = gradient.View(kept);
            if (op.Kind == ReduceKind.Sum)
            {
                using Tensor spread = Layout.Expand(rows, _sizes);
                results[0] = Aten.Clone(spread);
                return;
            }
            using Tensor y = output!.View(kept);
            results[0] = op.Kind == ReduceKind.LogSumExp ? Softmax(rows, inputs[0]!, y) : Shared(rows, inputs[0]!, y);
        }
    }

    // Equal extremes share the gradient; if NaN is the extreme, 0 / 0 makes it NaN, as in PyTorch.
    private Tensor Shared(Tensor gradient, Tensor x, Tensor y)
    {
        using Tensor chosen = Aten.TakeAs(Aten.Binary("aten::eq"u8, "Tensor"u8, x, y), x.DType);
        using Tensor count = Aten.Sum(chosen, _axes, keepDims: true);
        using Tensor product = Aten.Mul(chosen, gradient);
        return Layout.TakeContiguous(Aten.Div(product, count));
    }

    // exp(x − y). If all elements are −∞, so is y, and the difference would be NaN instead of −∞.
    private static Tensor Softmax(Tensor gradient, Tensor x, Tensor y)
    {
        using Tensor isEmpty = Aten.Binary("aten::eq"u8, y, double.NegativeInfinity);
        using Tensor zero = Tensor.Scalar(0);
        using Tensor shift = Aten.Where(isEmpty, zero, y);
        using Tensor share = Aten.Subtract(x, shift);
        Aten.UnaryInPlace("aten::exp_"u8, share);
        return Layout.TakeContiguous(Aten.Mul(share, gradient));
    }
}
