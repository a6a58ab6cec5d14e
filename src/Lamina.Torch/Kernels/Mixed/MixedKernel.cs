namespace Lamina.Torch.Kernels.Mixed;

/// <summary>A kernel whose inputs, output and gradients are cast by the policy of its op.</summary>
/// <param name="inner">The kernel.</param>
/// <param name="computesReduced"><see langword="true"/> if the kernel computes with bfloat16 tensors.</param>
/// <param name="keepsWeights"><see langword="true"/> to keep weights as they are cast until they change.</param>
internal sealed class MixedKernel(Kernel inner, bool computesReduced, bool keepsWeights) : Kernel(inner.Node)
{
    private readonly MixedPolicy _policy = MixedPolicies.Of(inner.Node.Op);
    private readonly bool[] _isWeight = [.. inner.Node.Inputs.Select(MixedPolicies.IsWeightOrConstant)];
    private readonly DType[] _given = new DType[inner.Node.Inputs.Count];
    private readonly PackedWeight<Tensor>[] _kept = [.. inner.Node.Inputs.Select(_ => new PackedWeight<Tensor>())];

    // The type of the kernel's values, and the type that the kernel computes with.
    private DType _values;
    private DType _computed;

    public override string Algorithm =>
        _policy == MixedPolicy.Reduced ? $"{inner.Algorithm}, bfloat16" : inner.Algorithm;

    public override string BackwardAlgorithm =>
        _policy == MixedPolicy.Reduced ? $"{inner.BackwardAlgorithm}, bfloat16" : inner.BackwardAlgorithm;

    public override bool IsView => inner.IsView;

    public override bool CanOverwrite => inner.CanOverwrite;

    public override bool KeepsState => inner.KeepsState;

    public override bool BackwardReadsOutput => inner.BackwardReadsOutput;

    public override bool SharesInput(bool training) => inner.SharesInput(training);

    public override bool BackwardReadsInput(int index) => inner.BackwardReadsInput(index);

    public override long KeptBytes(int batch) => inner.KeptBytes(batch);

    // At most, all of what is cast exists at once, in both types.
    public override long ForwardWorkspace(int batch, bool training) =>
        inner.ForwardWorkspace(batch, training) + Casts(batch) + OutputBytes(batch);

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        inner.BackwardWorkspace(batch, wanted) + (2 * Casts(batch)) + (2 * OutputBytes(batch));

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            _given[i] = inputs[i].DType;
        }
        _values = ValueType(inputs);
        _computed = inner.IsView || (computesReduced && _policy != MixedPolicy.FullInside) ? _values : DType.Float32;
        var cast = new Tensor[inputs.Length];
        for (int i = 0; i < cast.Length; i++)
        {
            cast[i] = Cast(inputs[i], i);
        }
        try
        {
            Tensor output = inner.Forward(step, cast, overwrite);
            return Casting.Take(output, OutputType);
        }
        finally
        {
            for (int i = 0; i < cast.Length; i++)
            {
                if (IsOwned(i))
                {
                    cast[i].Dispose();
                }
            }
        }
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
        var cast = new Tensor?[inputs.Length];
        for (int i = 0; i < cast.Length; i++)
        {
            cast[i] = inputs[i] is { } given
                ? Casting.To(given, _values, _computed, _policy == MixedPolicy.FullInside)
                : null;
        }
        using Tensor? y = output is null ? null : Casting.To(output, OutputType, _computed, false);
        try
        {
            inner.Backward(step, cast, y, Casting.Take(gradient, _computed), wanted, results);
        }
        finally
        {
            Array.ForEach(cast, t => t?.Dispose());
        }
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = results[i] is { } result ? Casting.Take(result, _given[i]) : null;
        }
    }

    // Inner kernels recognize a weight by its object, so what is kept is passed on as it is.
    private Tensor Cast(Tensor input, int index) =>
        !keepsWeights || !_isWeight[index] || _policy == MixedPolicy.FullInside
            ? Casting.To(input, _values, _computed, _policy == MixedPolicy.FullInside)
        : inner.RoundsWeight(index) ? input
        : _kept[index].Of(input, w => Casting.To(w, _values, _computed, keepsFloat: false));

    private bool IsOwned(int index) => !keepsWeights || !_isWeight[index] || _policy == MixedPolicy.FullInside;

    public override void Release() => inner.Release();

    public override void Dispose()
    {
        base.Dispose();
        inner.Dispose();
        Array.ForEach(_kept, k => k.Dispose());
    }

    private DType OutputType => _policy == MixedPolicy.FullInside ? _given[0] : _values;

    private DType ValueType(ReadOnlySpan<Tensor> inputs)
    {
        switch (_policy)
        {
            case MixedPolicy.Reduced:
                return DType.BFloat16;
            case MixedPolicy.Following:
                bool isReduced = false;
                for (int i = 0; i < inputs.Length; i++)
                {
                    if (!_isWeight[i] && inputs[i].DType == DType.Float32)
                    {
                        return DType.Float32;
                    }
                    isReduced |= inputs[i].DType == DType.BFloat16;
                }
                return isReduced ? DType.BFloat16 : DType.Float32;
            default:
                return DType.Float32;
        }
    }

    private long Casts(int batch)
    {
        long sum = 0;
        for (int i = 0; i < Node.Inputs.Count; i++)
        {
            sum += InputBytes(i, batch);
        }
        return sum;
    }
}
