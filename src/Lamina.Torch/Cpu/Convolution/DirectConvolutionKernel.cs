using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>A convolution by Winograd's algorithm or by a product of patches.</summary>
/// <param name="node">The op node.</param>
/// <param name="algorithm">The algorithm.</param>
/// <param name="fuseRelu"><see langword="true"/> to apply the ReLU that follows; inference only.</param>
internal sealed class DirectConvolutionKernel(OpNode node, ConvolutionAlgorithm algorithm, bool fuseRelu) : Kernel(node)
{
    private static readonly long[] s_rows = [0];

    private readonly PackedWeight<Tensor> _packed = new();

    /// <inheritdoc/>
    public override string Algorithm => algorithm.Name + (fuseRelu ? " + ReLU" : "");

    /// <inheritdoc/>
    public override bool BackwardReadsOutput => false;

    /// <inheritdoc/>
    public override bool BackwardReadsInput(int index) => index < 2;

    /// <inheritdoc/>
    public override long PackedBytes(int batch) => algorithm.PackedBytes;

    /// <inheritdoc/>
    public override long ForwardWorkspace(int batch, bool training) => training ? algorithm.PackedBytes : 0;

    /// <inheritdoc/>
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted)
    {
        long forInput = wanted[0] ? algorithm.PackedBytes - (wanted[1] ? InputBytes(1, batch) : 0) : 0;
        return Math.Max(forInput, wanted[1] ? algorithm.WeightGradientBytes(batch) : 0);
    }

    /// <inheritdoc/>
    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        OutputStage stage = OutputStage.Of(inputs.Length > 2 ? inputs[2] : null, fuseRelu);
        if (!step.Training)
        {
            return algorithm.Forward(inputs[0], _packed.Of(inputs[1], algorithm.PackForward), stage);
        }
        using Tensor packed = algorithm.PackForward(inputs[1]);
        return algorithm.Forward(inputs[0], packed, stage);
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
        if (fuseRelu)
        {
            throw new InvalidOperationException("A convolution that is fused with its ReLU supports inference only.");
        }
        using (gradient)
        {
            if (wanted[0])
            {
                using Tensor packed = algorithm.PackBackward(inputs[1]!);
                results[0] = algorithm.InputGradient(gradient, packed);
            }
            if (wanted[1])
            {
                results[1] = algorithm.WeightGradient(inputs[0]!, gradient);
            }
            if (wanted.Length > 2 && wanted[2])
            {
                using Tensor rows = Layout.ToRows(gradient);
                results[2] = Aten.Sum(rows, s_rows);
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _packed.Dispose();
    }
}
