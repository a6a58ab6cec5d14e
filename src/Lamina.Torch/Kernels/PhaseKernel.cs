namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel that copies the input for training or inference. Plans compute only one of the inputs and need no kernel; this
/// one is for ops that run outside of a plan.
/// </summary>
internal sealed class PhaseKernel(OpNode node) : Kernel(node)
{
    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => PhaseOp.Training;

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Aten.Clone(inputs[step.BehavesAsTraining ? PhaseOp.Training : PhaseOp.Inference]);

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
            results[PhaseOp.Training] = wanted[PhaseOp.Training] ? gradient.Duplicate() : null;
        }
    }
}
