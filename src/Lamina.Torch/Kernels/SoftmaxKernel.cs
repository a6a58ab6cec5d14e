namespace Lamina.Torch.Kernels;

/// <summary>A kernel of softmax over the last dimension.</summary>
internal sealed class SoftmaxKernel(OpNode node) : Kernel(node)
{
    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => true;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Aten.Softmax(inputs[0]);

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
            results[0] = wanted[0] ? Aten.SoftmaxBackward(gradient, output!) : null;
        }
    }
}
