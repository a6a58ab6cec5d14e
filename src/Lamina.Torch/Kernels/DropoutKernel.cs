namespace Lamina.Torch;

/// <summary>Inverted dropout, with a mask of our own generator.</summary>
internal sealed class DropoutKernel(OpNode node, DropoutOp op, int index) : Kernel(node)
{
    private readonly DropoutMask _mask = new();
    private readonly float _scale = (float)(1 / (1 - op.Rate));

    /// <summary>The op's place in the plan; part of its random stream's name.</summary>
    public int Index { get; } = index;

    public override string Algorithm => "counter-based bits, SIMD";

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
        _mask.Draw(x.Count, op.Rate, new RandomStream(op.Seed ?? step.Seed, RandomPurpose.Dropout, step.Step, Index));
        Tensor result = overwrite ? x.Duplicate() : Tensor.Empty(x.Sizes, x.DType, x.Device);
        _mask.Apply(x, result, _scale);
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
            _mask.Apply(gradient, gradient, _scale);
        }
        results[0] = gradient;
    }

    private bool Drops(in StepContext step) => step.Training && op.Rate > 0;
}
