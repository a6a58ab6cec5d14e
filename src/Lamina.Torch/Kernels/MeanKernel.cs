namespace Lamina.Torch.Kernels;

/// <summary>A kernel of the mean over some axes; backward spreads the gradient evenly.</summary>
internal sealed class MeanKernel(OpNode node, MeanOp op) : Kernel(node)
{
    private readonly long[] _axes = [.. op.Axes.Select(a => (long)a)];

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Layout.TakeContiguous(Aten.Mean(inputs[0], _axes, op.KeepDims));

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
            long[] sizes = Layout.SizesOf(Node.Inputs[0], gradient.Sizes[0]);
            long[] kept = [.. sizes];
            long count = 1;
            foreach (long axis in _axes)
            {
                count *= sizes[axis];
                kept[axis] = 1;
            }
            Aten.MulInPlace(gradient, 1.0 / count);
            using Tensor view = gradient.View(kept);
            using Tensor spread = Layout.Expand(view, sizes);
            results[0] = Aten.Clone(spread);
        }
    }
}
