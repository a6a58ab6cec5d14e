namespace Lamina.Torch.Cpu;

/// <summary>A dense layer: in inference a single row by a loop of its own, everything else by oneDNN.</summary>
/// <param name="node">The op node.</param>
/// <param name="fuseRelu">Whether it also does the ReLU that follows: inference only.</param>
internal sealed class LinearBySize(OpNode node, bool fuseRelu)
    : KernelBySize(node, new RowLinearKernel(node, fuseRelu), new OneDnnLinearKernel(node, fuseRelu))
{
    private readonly long _rowsPerSample = node.Shape.SampleCount / node.Shape[^1]!.Value;

    /// <inheritdoc/>
    protected override bool IsSpecial(long batch, bool training) => !training && batch * _rowsPerSample == 1;

    /// <inheritdoc/>
    protected override bool IsSpecial(long batch, ReadOnlySpan<bool> wanted) => false;
}
