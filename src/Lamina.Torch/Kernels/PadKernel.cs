namespace Lamina.Torch.Kernels;

/// <summary>A kernel that adds zeros around images.</summary>
/// <param name="node">The op node.</param>
/// <param name="op">The op.</param>
/// <param name="padding">The backend's copies.</param>
internal sealed class PadKernel(OpNode node, PadOp op, PaddingCopies padding) : Kernel(node)
{
    public override string Algorithm => "copy of rows";

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        padding.Pad(inputs[0], op.Pads);

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
            results[0] = wanted[0] ? padding.Crop(gradient, op.Pads) : null;
        }
    }
}
