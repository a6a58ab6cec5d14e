namespace Lamina.Torch.Kernels;

/// <summary>A kernel of log(softmax(x)) over the last dimension.</summary>
internal sealed class LogSoftmaxKernel(OpNode node) : Kernel(node)
{
    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => true;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Aten.LogSoftmax(inputs[0]);

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
            results[0] = wanted[0] ? Aten.LogSoftmaxBackward(gradient, output!) : null;
        }
    }
}
