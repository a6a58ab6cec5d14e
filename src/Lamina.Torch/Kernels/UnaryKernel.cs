namespace Lamina.Torch.Kernels;

/// <summary>A kernel of an elementwise function by libtorch's ops.</summary>
internal sealed class UnaryKernel(OpNode node, UnaryRule rule) : Kernel(node)
{
    public override long ForwardWorkspace(int batch, bool training) => Node.Op is ClipOp ? OutputBytes(batch) : 0;

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => wanted[0] ? OutputBytes(batch) : 0;

    public override bool BackwardReadsInput(int index) => rule.Source == SlopeSource.Input;

    public override bool BackwardReadsOutput => rule.Source == SlopeSource.Output;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        rule.Forward(inputs[0]);

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
            // A rule that reads nothing receives the gradient again.
            Tensor source = output ?? inputs[0] ?? gradient;
            results[0] = wanted[0] ? rule.Backward(gradient, source) : null;
        }
    }
}
