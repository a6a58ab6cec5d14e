namespace Lamina.Torch;

/// <summary>x · kernel + bias by matrix products, with the ReLU after it where asked.</summary>
/// <param name="node">The op node.</param>
/// <param name="fuseRelu">Whether it also does the ReLU that follows: inference only.</param>
/// <param name="precision">How the kernel is kept for inference on a CPU.</param>
internal sealed class LinearKernel(OpNode node, bool fuseRelu, WeightPrecision precision = WeightPrecision.Float32)
    : Kernel(node)
{
    private static readonly long[] s_rows = [0];

    private readonly PackedWeight<HalfMatrix> _half = new();
    private readonly PackedWeight<FiniteWeight> _finite = new();
    private string? _ran;
    private bool _outer;

    public override string Algorithm =>
        (_ran ?? (TorchLibrary.HasOneDnn ? "oneDNN matrix product" : "libtorch matrix product"))
        + (fuseRelu ? " + ReLU" : "");

    public override string BackwardAlgorithm => _outer ? "SIMD, oneDNN" : Algorithm;

    // For the input's gradient the output's is turned, and the result turned back; the weight's comes after.
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted)
    {
        long weights = 0;
        for (int i = 1; i < wanted.Length; i++)
        {
            weights += wanted[i] ? InputBytes(i, batch) : 0;
        }
        return wanted[0] ? Math.Max(0, OutputBytes(batch) + InputBytes(0, batch) - weights) : 0;
    }

    public override bool BackwardReadsInput(int index) => index < 2;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor x = inputs[0];
        using Tensor rows = Layout.ToRows(x);
        Tensor y = Multiply(step, rows, inputs[1], inputs.Length > 2 ? inputs[2] : null);
        if (x.Rank == 2)
        {
            return y;
        }
        using (y)
        {
            return y.View([.. x.Sizes[..^1], y.Sizes[1]]);
        }
    }

    private Tensor Multiply(in StepContext step, Tensor rows, Tensor weight, Tensor? bias)
    {
        _ran = null;
        if (!step.Training && rows.IsCpuFloat && RowProduct.IsFast)
        {
            bool single = rows.Sizes[0] == 1;
            if (precision == WeightPrecision.Float16)
            {
                _ran = "SIMD on 16-bit weights";
                HalfMatrix half = _half.Of(weight, w => new HalfMatrix(w));
                return single ? RowProduct.Run(rows, half, bias, fuseRelu) : half.Multiply(rows, bias, fuseRelu);
            }
            if (single)
            {
                _ran = "SIMD, one row";
                bool finite = _finite.Of(weight, w => new FiniteWeight(w)).IsFinite;
                return RowProduct.Run(rows, weight, bias, fuseRelu, skipsZeros: finite);
            }
        }
        return Aten.Linear(rows, weight, bias, fuseRelu);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _half.Dispose();
        _finite.Dispose();
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
        if (fuseRelu)
        {
            throw new InvalidOperationException("A linear op that is fused with its ReLU is for inference alone.");
        }
        using (gradient)
        {
            using Tensor g = Layout.ToRows(gradient);
            if (wanted[0])
            {
                using Tensor dx = Aten.LinearInputGradient(g, inputs[1]!);
                results[0] = dx.View(inputs[0]!.Sizes);
            }
            if (wanted[1])
            {
                using Tensor rows = Layout.ToRows(inputs[0]!);
                _outer = OuterProducts.Fits(rows, g);
                results[1] = _outer ? OuterProducts.Sum(rows, g) : Aten.LinearWeightGradient(rows, g);
            }
            if (wanted.Length > 2 && wanted[2])
            {
                results[2] = Aten.Sum(g, s_rows);
            }
        }
    }

    /// <summary>Tells whether a weight has neither NaN nor infinities, so that its product with 0 is 0.</summary>
    private sealed class FiniteWeight(Tensor weight) : IDisposable
    {
        public bool IsFinite { get; } = !weight.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue);

        public void Dispose() { }
    }
}
