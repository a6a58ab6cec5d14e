namespace Lamina.Torch.Kernels;

/// <summary>A kernel that reorders dimensions by a copy.</summary>
internal sealed class TransposeKernel(OpNode node, TransposeOp op) : Kernel(node)
{
    private readonly int[] _order = [.. op.Order];

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Layout.TakeContiguous(Aten.Permute(inputs[0], _order));

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
            var inverse = new int[_order.Length];
            for (int i = 0; i < inverse.Length; i++)
            {
                inverse[_order[i]] = i;
            }
            results[0] = wanted[0] ? Layout.TakeContiguous(Aten.Permute(gradient, inverse)) : null;
        }
    }
}
