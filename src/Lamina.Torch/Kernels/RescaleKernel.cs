namespace Lamina.Torch.Kernels;

/// <summary>A kernel of x · scale + offset with constants.</summary>
internal sealed class RescaleKernel(OpNode node, RescaleOp op) : Kernel(node)
{
    public override long ForwardWorkspace(int batch, bool training) =>
        op.Offset.All(o => o == 0) ? 0 : OutputBytes(batch);

    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => 0;

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor x = inputs[0];
        using Tensor scale = Constant(op.Scale, x);
        if (op.Offset.All(o => o == 0))
        {
            return Aten.Mul(x, scale);
        }
        using Tensor offset = Constant(op.Offset, x);
        // addcmul's factor is a Scalar with a default that the dispatcher rejects, so this takes two passes.
        using Tensor scaled = Aten.Mul(x, scale);
        return Aten.Add(scaled, offset);
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
        using Tensor scale = Constant(op.Scale, gradient);
        Aten.MulInPlace(gradient, scale);
        results[0] = gradient;
    }

    private static Tensor Constant(IReadOnlyList<float> values, Tensor like) =>
        values.Count == 1 ? Tensor.Scalar(values[0]) : Tensor.FromSpan([.. values], [values.Count], like.Device);
}
