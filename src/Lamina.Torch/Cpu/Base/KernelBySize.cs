using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Two kernels of one op, between which the batch size decides at each step: a plan is compiled for batches of any
/// size.
/// </summary>
/// <param name="node">The op node.</param>
/// <param name="special">The kernel for the batches that <see cref="IsSpecial(long, bool)"/> selects.</param>
/// <param name="usual">The kernel for all others.</param>
internal abstract class KernelBySize(OpNode node, Kernel special, Kernel usual) : Kernel(node)
{
    private bool _ranSpecial;
    private bool _ranSpecialBackward;

    /// <inheritdoc/>
    public override string Algorithm => (_ranSpecial ? special : usual).Algorithm;

    /// <inheritdoc/>
    public override string BackwardAlgorithm => (_ranSpecialBackward ? special : usual).BackwardAlgorithm;

    /// <inheritdoc/>
    public override bool KeepsState => special.KeepsState || usual.KeepsState;

    /// <inheritdoc/>
    public override bool BackwardReadsOutput => special.BackwardReadsOutput || usual.BackwardReadsOutput;

    /// <summary>Returns <see langword="true"/> if the special kernel runs forward for this number of samples.</summary>
    protected abstract bool IsSpecial(long batch, bool training);

    /// <summary>
    /// Returns <see langword="true"/> if the special kernel runs backward for this number of samples.
    /// </summary>
    protected abstract bool IsSpecial(long batch, ReadOnlySpan<bool> wanted);

    /// <inheritdoc/>
    public override bool BackwardReadsInput(int index) =>
        special.BackwardReadsInput(index) || usual.BackwardReadsInput(index);

    /// <inheritdoc/>
    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        _ranSpecial = IsSpecial(inputs[0].Sizes[0], step.Training);
        return (_ranSpecial ? special : usual).Forward(step, inputs, overwrite);
    }

    /// <inheritdoc/>
    public override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        _ranSpecialBackward = IsSpecial(gradient.Sizes[0], wanted);
        Kernel kernel = _ranSpecialBackward ? special : usual;
        kernel.Backward(step, inputs, output, gradient, wanted, results);
    }

    /// <inheritdoc/>
    public override long KeptBytes(int batch) => (IsSpecial(batch, true) ? special : usual).KeptBytes(batch);

    /// <inheritdoc/>
    public override long PackedBytes(int batch) => (IsSpecial(batch, false) ? special : usual).PackedBytes(batch);

    /// <inheritdoc/>
    public override long ForwardWorkspace(int batch, bool training) =>
        (IsSpecial(batch, training) ? special : usual).ForwardWorkspace(batch, training);

    /// <inheritdoc/>
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        (IsSpecial(batch, wanted) ? special : usual).BackwardWorkspace(batch, wanted);

    /// <inheritdoc/>
    public override void Release()
    {
        special.Release();
        usual.Release();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        special.Dispose();
        usual.Dispose();
    }
}
