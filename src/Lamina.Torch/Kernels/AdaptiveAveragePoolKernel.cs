namespace Lamina.Torch.Kernels;

/// <summary>A kernel that averages over windows that divide an image, whatever its size.</summary>
internal sealed class AdaptiveAveragePoolKernel(OpNode node, AdaptiveAveragePoolOp op) : Kernel(node)
{
    private readonly long[] _output = [op.Output.Height, op.Output.Width];

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        wanted[0] ? InputBytes(0, batch) : 0;

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        using Tensor x = Layout.ToChannelsFirst(inputs[0]);
        return Layout.TakeChannelsLast(Aten.AdaptiveAveragePool(x, _output));
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
        using (gradient)
        {
            if (!wanted[0])
            {
                return;
            }
            // Only sizes and format of the input are read, so the input need not be kept.
            using Tensor room = PoolPadding.EmptyPadded(Node.Inputs[0], Pads2.None, gradient);
            using Tensor x = Layout.ToChannelsFirst(room);
            using Tensor g = Layout.ToChannelsFirst(gradient);
            results[0] = Layout.TakeChannelsLast(Aten.AdaptiveAveragePoolBackward(g, x));
        }
    }
}
