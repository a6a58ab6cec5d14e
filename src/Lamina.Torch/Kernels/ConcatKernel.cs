namespace Lamina.Torch.Kernels;

/// <summary>A kernel that concatenates tensors by libtorch; backward splits the gradient.</summary>
internal class ConcatKernel(OpNode node, ConcatOp op) : Kernel(node)
{
    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Layout.TakeContiguous(Aten.Cat(inputs.ToArray(), op.Axis));

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
            long start = 0;
            for (int i = 0; i < results.Length; i++)
            {
                long count = Node.Inputs[i].Shape[op.Axis]!.Value;
                results[i] = wanted[i] ? Layout.TakeOwn(Aten.Narrow(gradient, op.Axis, start, count), gradient) : null;
                start += count;
            }
        }
    }
}
