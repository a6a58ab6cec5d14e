using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>A dense layer in inference whose output the ops after it change in place.</summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <param name="node">The op node.</param>
/// <param name="epilogue">The ops after it.</param>
/// <param name="product">The kernel of the product alone.</param>
internal sealed class InferenceLinear<TVector>(OpNode node, Epilogue epilogue, Kernel product) : InferenceKernel(node)
    where TVector : unmanaged, IFloats<TVector>
{
    private readonly EpilogueStage _stage = new(node, epilogue);

    /// <inheritdoc/>
    public override string Algorithm => product.Algorithm + epilogue;

    /// <inheritdoc/>
    public override long PackedBytes(int batch) => _stage.Bytes + product.PackedBytes(batch);

    /// <inheritdoc/>
    public override long ForwardWorkspace(int batch, bool training) => product.ForwardWorkspace(batch, training);

    /// <inheritdoc/>
    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        OutputStage stage = _stage.Of(inputs);
        Tensor y = product.Forward(step, inputs[..2], overwrite: false);
        StagePass<TVector>.Run(y, stage);
        return y;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        product.Dispose();
        _stage.Dispose();
    }
}
