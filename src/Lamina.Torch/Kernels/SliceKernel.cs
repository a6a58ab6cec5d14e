namespace Lamina.Torch.Kernels;

/// <summary>A kernel that selects a range of one axis; backward pads the gradient with zeros.</summary>
internal sealed class SliceKernel(OpNode node, SliceOp op) : Kernel(node)
{
    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Layout.TakeContiguous(Aten.Narrow(inputs[0], op.Axis, op.Start, op.Count));

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
            Tensor result = Tensor.Zeros(sizes, gradient.DType, gradient.Device);
            using Tensor range = Aten.Narrow(result, op.Axis, op.Start, op.Count);
            range.CopyFrom(gradient);
            results[0] = result;
        }
    }
}
