namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel that selects elements of one tensor or another; the gradient goes where the element came from.
/// </summary>
internal sealed class WhereKernel(OpNode node) : Kernel(node)
{
    public override long ForwardWorkspace(int batch, bool training) => InputBytes(0, batch) / 4;

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => 2 * OutputBytes(batch);

    public override bool BackwardReadsInput(int index) => index == 0;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        using Tensor mask = Aten.Binary("aten::ne"u8, inputs[0], 0);
        return Layout.TakeContiguous(Aten.Where(mask, inputs[1], inputs[2]));
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
            long batch = gradient.Rank == 0 ? 1 : gradient.Sizes[0];
            for (int i = 1; i < results.Length; i++)
            {
                if (wanted[i])
                {
                    using Tensor mask = Aten.Binary(i == 1 ? "aten::ne"u8 : "aten::eq"u8, inputs[0]!, 0);
                    Tensor chosen = Aten.Masked(mask, gradient);
                    results[i] = Layout.TakeContiguous(
                        Layout.TakeReduced(chosen, Layout.SizesOf(Node.Inputs[i], batch))
                    );
                }
            }
        }
    }
}
