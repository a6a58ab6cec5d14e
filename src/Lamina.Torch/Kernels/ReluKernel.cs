namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of max(0, x) by libtorch, in place if allowed; backward zeroes the gradient in place where the output is 0.
/// NaN is kept.
/// </summary>
internal class ReluKernel(OpNode node) : Kernel(node)
{
    // The mask, a byte per element, and the masked gradient.
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        wanted[0] ? OutputBytes(batch) / sizeof(float) * (sizeof(float) + sizeof(bool)) : 0;

    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => 0;

    public override string Algorithm => "libtorch relu";

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => true;

    public override bool CanOverwrite => true;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        if (!overwrite)
        {
            return Aten.Unary("aten::relu"u8, inputs[0]);
        }
        Aten.UnaryInPlace("aten::relu_"u8, inputs[0]);
        return inputs[0].Duplicate();
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
        MaskInPlace(gradient, output!);
        results[0] = gradient;
    }

    /// <summary>
    /// Zeroes the gradient where the ReLU's output is 0; where that is NaN, the gradient passes, as in libtorch.
    /// </summary>
    protected virtual void MaskInPlace(Tensor gradient, Tensor output)
    {
        using Tensor zero = Tensor.Scalar(0);
        using Tensor mask = Aten.AtMostMask(output, 0);
        using Tensor masked = Aten.Where(mask, zero, gradient);
        gradient.CopyFrom(masked);
    }
}
