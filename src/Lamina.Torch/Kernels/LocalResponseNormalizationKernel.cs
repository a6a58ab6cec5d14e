namespace Lamina.Torch;

/// <summary>
/// Local response normalisation: y = a·s^−β with s = k + α·Σ a² over neighbouring channels, so that
/// ∂a_i = g_i·s_i^−β − 2αβ·a_i·Σ_j g_j·a_j·s_j^(−β−1) over the same neighbours (the size is odd).
/// </summary>
internal sealed class LocalResponseNormalizationKernel(OpNode node, LocalResponseNormalizationOp op) : Kernel(node)
{
    public override string Algorithm => "SIMD over channels";

    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => 0;

    public override bool BackwardReadsInput(int index) => true;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor x = inputs[0];
        if (x.IsCpuFloat)
        {
            Tensor result = Tensor.Empty(x.Sizes);
            LocalResponseLoops.Forward(x, result, op);
            return result;
        }
        using Tensor sums = Sums(x);
        using Tensor factor = Aten.Pow(sums, -op.Beta);
        return Aten.Mul(x, factor);
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
        if (!wanted[0])
        {
            gradient.Dispose();
            return;
        }
        Tensor x = inputs[0]!;
        if (x.IsCpuFloat)
        {
            LocalResponseLoops.Backward(x, gradient, op);
            results[0] = gradient;
            return;
        }
        using (gradient)
        {
            using Tensor sums = Sums(x);
            using Tensor factor = Aten.Pow(sums, -op.Beta);
            using Tensor direct = Aten.Mul(gradient, factor);
            using Tensor products = Aten.Mul(direct, x);
            using Tensor terms = Aten.Div(products, sums);
            using Tensor neighbours = Neighbours(terms);
            Aten.MulInPlace(neighbours, x);
            results[0] = Aten.AddScaled(direct, neighbours, -2 * op.Alpha * op.Beta);
        }
    }

    private Tensor Sums(Tensor x)
    {
        using Tensor squares = Aten.Mul(x, x);
        using Tensor neighbours = Neighbours(squares);
        Aten.MulInPlace(neighbours, op.Alpha);
        return Aten.Add(neighbours, op.K);
    }

    /// <summary>For each channel, the sum over its neighbours and itself.</summary>
    private Tensor Neighbours(Tensor x)
    {
        int reach = op.Size / 2;
        using Tensor padded = Aten.Pad(x, [reach, reach]);
        long channels = x.Sizes[3];
        Tensor sum = Layout.TakeContiguous(Aten.Narrow(padded, 3, 0, channels));
        for (int i = 1; i < op.Size; i++)
        {
            using Tensor before = sum;
            using Tensor shifted = Aten.Narrow(padded, 3, i, channels);
            sum = Aten.Add(before, shifted);
        }
        return sum;
    }
}
