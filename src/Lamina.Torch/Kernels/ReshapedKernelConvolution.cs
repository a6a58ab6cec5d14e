namespace Lamina.Torch.Kernels;

/// <summary>
/// A convolution in inference whose kernel is a weight in another shape, such as the (kh, kw, C, multiplier) of a depthwise
/// layer. The copy in the layout that convolutions read is kept until the weight changes, so that the convolution can keep
/// what it packs.
/// </summary>
/// <param name="inner">The convolution.</param>
internal sealed class ReshapedKernelConvolution(Kernel inner) : Kernel(inner.Node)
{
    private Tensor? _source;
    private Tensor? _kernel;
    private long _version;

    /// <summary>The convolution.</summary>
    public Kernel Inner => inner;

    public override string Algorithm => inner.Algorithm;

    public override bool BackwardReadsOutput => false;

    public override bool BackwardReadsInput(int index) => false;

    public override long PackedBytes(int batch) => inner.PackedBytes(batch) + InputBytes(1, batch);

    public override long ForwardWorkspace(int batch, bool training) => inner.ForwardWorkspace(batch, training);

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        inner.Forward(step, WithKernel(inputs), overwrite: false);

    /// <summary>Returns the inputs of <see cref="Inner"/>.</summary>
    public Tensor[] WithKernel(ReadOnlySpan<Tensor> inputs)
    {
        if (_kernel is null || !ReferenceEquals(_source, inputs[1]) || _version != inputs[1].Version)
        {
            _kernel?.Dispose();
            (_source, _version) = (inputs[1], inputs[1].Version);
            using Tensor shaped = _source.View(Layout.SizesOf(Node.Inputs[1], 1));
            _kernel = Layout.TakeContiguous(Aten.Permute(shaped, [3, 0, 1, 2]));
        }
        Tensor[] given = inputs.ToArray();
        given[1] = _kernel;
        return given;
    }

    public override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    ) => throw new InvalidOperationException($"{Node} was compiled for inference and has no gradient.");

    public override void Release() => inner.Release();

    public override void Dispose()
    {
        base.Dispose();
        _kernel?.Dispose();
        _kernel = null;
        inner.Dispose();
    }
}
