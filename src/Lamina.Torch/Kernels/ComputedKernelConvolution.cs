namespace Lamina.Torch.Kernels;

/// <summary>
/// A convolution whose kernel is not a weight but the result of other ops, which is in the public layout (kh, kw, C /
/// groups, filters). It is copied into the layout that convolutions read, and its gradient back.
/// </summary>
/// <param name="inner">The convolution.</param>
internal sealed class ComputedKernelConvolution(Kernel inner) : Kernel(inner.Node)
{
    private readonly Tensor[] _given = new Tensor[inner.Node.Inputs.Count];
    private readonly Tensor?[] _kept = new Tensor?[inner.Node.Inputs.Count];

    public override string Algorithm => inner.Algorithm;

    public override string BackwardAlgorithm => inner.BackwardAlgorithm;

    public override bool KeepsState => inner.KeepsState;

    public override bool BackwardReadsOutput => inner.BackwardReadsOutput;

    public override bool BackwardReadsInput(int index) => inner.BackwardReadsInput(index);

    public override long KeptBytes(int batch) => inner.KeptBytes(batch);

    public override long ForwardWorkspace(int batch, bool training) =>
        inner.ForwardWorkspace(batch, training) + InputBytes(1, batch);

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        inner.BackwardWorkspace(batch, wanted) + InputBytes(1, batch);

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        using Tensor kernel = FiltersFirst(inputs[1]);
        inputs.CopyTo(_given);
        _given[1] = kernel;
        return inner.Forward(step, _given, overwrite: false);
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
        using Tensor kernel = FiltersFirst(inputs[1]!);
        inputs.CopyTo(_kept);
        _kept[1] = kernel;
        inner.Backward(step, _kept, output, gradient, wanted, results);
        if (results[1] is { } filtersFirst)
        {
            results[1] = Layout.TakeContiguous(Aten.Permute(filtersFirst, [1, 2, 3, 0]));
            filtersFirst.Dispose();
        }
    }

    public override void Release() => inner.Release();

    public override void Dispose()
    {
        base.Dispose();
        inner.Dispose();
    }

    private static Tensor FiltersFirst(Tensor kernel) => Layout.TakeContiguous(Aten.Permute(kernel, [3, 0, 1, 2]));
}
