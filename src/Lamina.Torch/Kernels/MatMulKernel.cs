namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of matrix products: for y = a · b, the gradients are g · bᵀ and aᵀ · g, summed where a matrix was repeated.
/// </summary>
internal sealed class MatMulKernel(OpNode node) : Kernel(node)
{
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => OutputBytes(batch);

    public override bool BackwardReadsInput(int index) => true;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Layout.TakeContiguous(Aten.MatMul(inputs[0], inputs[1]));

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
            if (wanted[0])
            {
                using Tensor turned = Aten.TransposeLast(inputs[1]!);
                results[0] = Finish(Aten.MatMul(gradient, turned), inputs[0]!);
            }
            if (wanted[1])
            {
                using Tensor turned = Aten.TransposeLast(inputs[0]!);
                results[1] = Finish(Aten.MatMul(turned, gradient), inputs[1]!);
            }
        }
    }

    private static Tensor Finish(Tensor product, Tensor input) =>
        Layout.TakeContiguous(Layout.TakeReduced(product, input.Sizes));
}
