namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of an elementwise function of two tensors by libtorch's ops; each gradient is summed back to its input's
/// shape.
/// </summary>
internal sealed class BinaryKernel(OpNode node, BinaryOp op) : Kernel(node)
{
    private readonly BinaryRule _rule = BinaryRule.Of(op);
    private readonly bool _isSum = op.Kind == BinaryKind.Subtract;

    public override long ForwardWorkspace(int batch, bool training) => op.IsDifferentiable ? 0 : OutputBytes(batch) / 4;

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => 3 * OutputBytes(batch);

    public override bool BackwardReadsInput(int index) => !_isSum && op.IsDifferentiable;

    public override bool BackwardReadsOutput => op.Kind is BinaryKind.Divide or BinaryKind.Power;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Layout.TakeContiguous(_rule.Forward(inputs[0], inputs[1]));

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
            for (int i = 0; i < results.Length; i++)
            {
                BinarySlope? slope = i == 0 ? _rule.ByLeft : _rule.ByRight;
                if (wanted[i] && slope is not null)
                {
                    // Rules read only what the kernel requests.
                    Tensor by = slope(gradient, inputs[0] ?? gradient, inputs[1] ?? gradient, output ?? gradient);
                    long batch = gradient.Rank == 0 ? 1 : gradient.Sizes[0];
                    results[i] = Layout.TakeContiguous(Layout.TakeReduced(by, Layout.SizesOf(Node.Inputs[i], batch)));
                }
            }
        }
    }
}
