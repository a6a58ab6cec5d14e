using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Convolutions in inference of which each reads only the one before, computed together some rows at a time. What is
/// between them stays in the second-level cache, where whole images would pass through memory.
/// </summary>
/// <param name="kernels">The kernels, each of which <see cref="PartOf"/> knows.</param>
/// <param name="inputs">
/// The numbers of their inputs. This kernel's inputs are those of the first, then those of each other without its first.
/// </param>
internal sealed unsafe class RowChainKernel(Kernel[] kernels, int[] inputs) : InferenceKernel(kernels[^1].Node)
{
    private readonly RowChain _chain = new([.. kernels.Select(k => PartOf(k)!)]);

    /// <inheritdoc/>
    public override string Algorithm => string.Join(", ", kernels.Select(k => k.Algorithm)) + ", by rows";

    /// <inheritdoc/>
    public override IReadOnlyList<OpNode> Nodes => [.. kernels.Select(k => k.Node)];

    /// <inheritdoc/>
    public override long PackedBytes(int batch) => kernels.Sum(k => k.PackedBytes(batch));

    /// <summary>Returns the algorithm by rows of a kernel; <see langword="null"/> if it has none.</summary>
    public static IRowAlgorithm? PartOf(Kernel kernel) =>
        ((kernel as ReshapedKernelConvolution)?.Inner ?? kernel) is IRowKernel part ? part.Rows : null;

    /// <summary>
    /// Returns <see langword="true"/> if an image reads and writes more between the kernels than it needs of packed kernels, which
    /// each image reads again.
    /// </summary>
    /// <param name="kernels">The kernels of a chain.</param>
    public static bool Pays(IReadOnlyList<Kernel> kernels)
    {
        long between = kernels.Skip(1).Sum(k => RowChain.BytesOf(PartOf(k)!.Input));
        return 2 * between > kernels.Sum(k => k.PackedBytes(1));
    }

    /// <inheritdoc/>
    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> given, bool overwrite)
    {
        var weights = new RowWeights[kernels.Length];
        int next = 1;
        for (int i = 0; i < weights.Length; i++)
        {
            Tensor[] own = [given[0], .. given.Slice(next, inputs[i] - 1)];
            weights[i] = kernels[i] is ReshapedKernelConvolution reshaped
                ? ((IRowKernel)reshaped.Inner).Prepare(reshaped.WithKernel(own))
                : ((IRowKernel)kernels[i]).Prepare(own);
            next += inputs[i] - 1;
        }
        Tensor y = Tensor.Empty(Layout.SizesOf(Node.Output, given[0].Sizes[0]));
        _chain.Run(given[0], weights, y);
        foreach (Tensor input in given)
        {
            GC.KeepAlive(input);
        }
        return y;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        foreach (Kernel kernel in kernels)
        {
            kernel.Dispose();
        }
    }
}
