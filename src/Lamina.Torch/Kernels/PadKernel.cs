namespace Lamina.Torch;

/// <summary>Zeros around images.</summary>
internal sealed class PadKernel(OpNode node, PadOp op) : Kernel(node)
{
    public override string Algorithm => "copy of rows";

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Padding.Pad(inputs[0], op.Pads);

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
            results[0] = wanted[0] ? Padding.Crop(gradient, op.Pads) : null;
        }
    }
}
