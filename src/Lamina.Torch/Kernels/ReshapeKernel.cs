namespace Lamina.Torch.Kernels;

/// <summary>A kernel that returns a view in another shape.</summary>
internal sealed class ReshapeKernel(OpNode node) : Kernel(node)
{
    public override string Algorithm => "view";

    public override bool IsView => true;

    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => 0;

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        inputs[0].View(Layout.SizesOf(Node.Output, inputs[0].Sizes[0]));

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
            results[0] = wanted[0] ? gradient.View(Layout.SizesOf(Node.Inputs[0], gradient.Sizes[0])) : null;
        }
    }
}
