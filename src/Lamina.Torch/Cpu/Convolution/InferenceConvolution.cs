using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// A convolution in inference with the ops after it, by the algorithm that is fastest for the size of each batch.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <param name="node">The op node, whose kernel is a weight.</param>
/// <param name="op">The op.</param>
/// <param name="epilogue">The ops after it.</param>
/// <param name="library">The kernel of libtorch, without the ops after it.</param>
internal sealed class InferenceConvolution<TVector>(OpNode node, ConvolutionOp op, Epilogue epilogue, Kernel library)
    : InferenceKernel(node),
        IRowKernel
    where TVector : unmanaged, IFloats<TVector>
{
    private readonly ConvolutionChoice<TVector> _choice = new(
        op,
        node.Inputs[0].Shape,
        node.Inputs[1].Shape,
        node.Shape
    );
    private readonly Dictionary<ConvolutionAlgorithm, PackedWeight<Tensor>> _packed = [];
    private readonly EpilogueStage _stage = new(node, epilogue);
    private ConvolutionAlgorithm? _ran;

    /// <inheritdoc/>
    public override string Algorithm => (_ran?.Name ?? library.Algorithm) + epilogue;

    // The choice depends on the number of images only where none of the algorithms has rows.
    /// <inheritdoc/>
    public IRowAlgorithm? Rows => For(1)?.Rows;

    /// <inheritdoc/>
    public override long PackedBytes(int batch) => _stage.Bytes + (For(batch)?.PackedBytes ?? 0);

    /// <inheritdoc/>
    public override long ForwardWorkspace(int batch, bool training) =>
        For(batch) is { } algorithm ? algorithm.ForwardBytes(batch) : library.ForwardWorkspace(batch, training);

    /// <inheritdoc/>
    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        OutputStage stage = _stage.Of(inputs);
        _ran = For(inputs[0].Sizes[0]);
        if (_ran is null)
        {
            Tensor y = library.Forward(step, inputs[..2], overwrite: false);
            StagePass<TVector>.Run(y, stage);
            return y;
        }
        return _ran.Forward(inputs[0], Packed(_ran, inputs[1]), stage);
    }

    /// <inheritdoc/>
    public RowWeights Prepare(ReadOnlySpan<Tensor> inputs)
    {
        _ran = For(1)!;
        return new RowWeights(Packed(_ran, inputs[1]), _stage.Of(inputs));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        library.Dispose();
        _stage.Dispose();
        foreach (PackedWeight<Tensor> packed in _packed.Values)
        {
            packed.Dispose();
        }
    }

    private Tensor Packed(ConvolutionAlgorithm algorithm, Tensor weight)
    {
        if (!_packed.TryGetValue(algorithm, out PackedWeight<Tensor>? packed))
        {
            _packed[algorithm] = packed = new PackedWeight<Tensor>();
        }
        return packed.Of(weight, algorithm.PackForward);
    }

    private ConvolutionAlgorithm? For(long batch) => _choice.For(batch);
}
