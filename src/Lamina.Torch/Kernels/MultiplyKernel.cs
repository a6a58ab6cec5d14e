namespace Lamina.Torch.Kernels;

/// <summary>A kernel of broadcasting products. Each input's gradient is the output's times the other inputs.</summary>
internal sealed class MultiplyKernel(OpNode node) : Kernel(node)
{
    public override long ForwardWorkspace(int batch, bool training) => Node.Inputs.Count > 2 ? OutputBytes(batch) : 0;

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        Node.Inputs.Count > 2 || Node.Inputs.Any(i => i.Shape != Node.Shape) ? OutputBytes(batch) : 0;

    public override bool SharesInput(bool training) => Node.Inputs.Count == 1;

    public override bool BackwardReadsInput(int index) => true;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor product = inputs[0].Duplicate();
        foreach (Tensor x in inputs[1..])
        {
            using Tensor before = product;
            product = Aten.Mul(before, x);
        }
        return product;
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
            for (int i = 0; i < results.Length; i++)
            {
                if (!wanted[i])
                {
                    continue;
                }
                Tensor product = gradient.Duplicate();
                for (int j = 0; j < inputs.Length; j++)
                {
                    if (j != i)
                    {
                        using Tensor before = product;
                        product = Aten.Mul(before, inputs[j]!);
                    }
                }
                results[i] = Layout.TakeReduced(product, inputs[i]!.Sizes);
            }
        }
    }
}
