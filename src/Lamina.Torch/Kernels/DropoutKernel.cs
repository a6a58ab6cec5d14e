namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of inverted dropout with a mask from the counter-based generator, drawn on the host and applied by
/// libtorch.
/// </summary>
/// <param name="node">The op node.</param>
/// <param name="op">The op.</param>
/// <param name="index">The op's position in the plan.</param>
internal class DropoutKernel(OpNode node, DropoutOp op, int index) : Kernel(node)
{
    private readonly DropoutMask _mask = new();
    private readonly float _scale = (float)(1 / (1 - op.Rate));

    /// <summary>The op's position in the plan, which is part of the key of its random stream.</summary>
    public int Index { get; } = index;

    public override string Algorithm => "counter-based bits, libtorch mul";

    // The mask, a byte per element.
    public override long ForwardWorkspace(int batch, bool training) =>
        training && op.Rate > 0 ? OutputBytes(batch) / sizeof(float) : 0;

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        wanted[0] ? ForwardWorkspace(batch, training: true) : 0;

    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => 0;

    public override bool SharesInput(bool training) => !training || op.Rate == 0;

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override bool CanOverwrite => true;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor x = inputs[0];
        if (!Drops(step))
        {
            return x.Duplicate();
        }
        _mask.Draw(
            x.Count,
            op.Rate,
            new RandomStream(op.Seed ?? step.Seed, RandomPurpose.Dropout, step.Step, Index),
            step.FirstRow * (x.Count / Math.Max(1, x.Sizes[0]))
        );
        Tensor result = overwrite ? x.Duplicate() : Tensor.Empty(x.Sizes, x.DType, x.Device);
        Apply(_mask, x, result, _scale);
        return result;
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
        if (!wanted[0])
        {
            gradient.Dispose();
            return;
        }
        if (Drops(step))
        {
            Apply(_mask, gradient, gradient, _scale);
        }
        results[0] = gradient;
    }

    /// <summary>
    /// Multiplies the elements that the mask keeps by a scale and zeroes the others; source and result may be the same
    /// tensor.
    /// </summary>
    protected virtual void Apply(DropoutMask mask, Tensor source, Tensor result, float scale)
    {
        using Tensor host = Tensor.Empty(source.Sizes, DType.Bool);
        mask.CopyTo(host.WriteElements<bool>());
        using Tensor? moved = source.Device.IsCpu ? null : Tensor.Empty(source.Sizes, DType.Bool, source.Device);
        moved?.CopyFrom(host);
        if (!ReferenceEquals(source, result) && !source.SharesStorage(result))
        {
            result.CopyFrom(source);
        }
        Aten.MulInPlace(result, moved ?? host);
        Aten.MulInPlace(result, scale);
    }

    private bool Drops(in StepContext step) => step.BehavesAsTraining && op.Rate > 0;
}
