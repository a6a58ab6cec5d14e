namespace Lamina.Torch.Cpu;

/// <summary>A kernel whose convolution may be computed by rows, as a part of a <see cref="RowChainKernel"/>.</summary>
internal interface IRowKernel
{
    /// <summary>The algorithm, the same for all batches; <see langword="null"/> if it cannot compute rows.</summary>
    IRowAlgorithm? Rows { get; }

    /// <summary>Returns the packed kernel and the output stage of a step.</summary>
    /// <param name="inputs">The inputs of the kernel, of which the first is not read.</param>
    RowWeights Prepare(ReadOnlySpan<Tensor> inputs);
}
