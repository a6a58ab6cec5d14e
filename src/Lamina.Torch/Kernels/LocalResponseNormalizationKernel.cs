namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of local response normalization by libtorch: y = a·s^−β with s = k + α·Σ a² over neighboring channels.
/// Hence ∂a_i = g_i·s_i^−β − 2αβ·a_i·Σ_j g_j·a_j·s_j^(−β−1) over the same neighbors (the size is odd).
/// </summary>
internal sealed class LocalResponseNormalizationKernel(OpNode node, LocalResponseNormalizationOp op) : Kernel(node)
{
    // At most two tensors at once, of which the last is the result; backward has the gradient, too.
    public override long ForwardWorkspace(int batch, bool training) => OutputBytes(batch);

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => wanted[0] ? OutputBytes(batch) : 0;

    public override bool BackwardReadsInput(int index) => true;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor x = inputs[0];
        using Tensor factor = Factor(x);
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
        using (gradient)
        {
            using Tensor neighbors = NeighborTerms(x, gradient);
            Aten.MulInPlace(neighbors, x);
            results[0] = Aten.AddScaled(gradient, neighbors, -2 * op.Alpha * op.Beta * op.Size);
        }
    }

    /// <summary>Computes s^−β.</summary>
    private Tensor Factor(Tensor x)
    {
        using Tensor sums = Sums(x);
        return Aten.Pow(sums, -op.Beta);
    }

    /// <summary>Replaces g by g·s^−β, in place, and computes the means of g·a·s^(−β−1) over the neighbors.</summary>
    private Tensor NeighborTerms(Tensor x, Tensor gradient)
    {
        using Tensor terms = Terms(x, gradient);
        return Aten.NeighborMeans(terms, op.Size);
    }

    private Tensor Terms(Tensor x, Tensor gradient)
    {
        using Tensor sums = Sums(x);
        using (Tensor factor = Aten.Pow(sums, -op.Beta))
        {
            Aten.MulInPlace(gradient, factor);
        }
        Tensor terms = Aten.Mul(gradient, x);
        Aten.DivInPlace(terms, sums);
        return terms;
    }

    private Tensor Sums(Tensor x)
    {
        using Tensor neighbors = NeighborSquares(x);
        Aten.MulInPlace(neighbors, op.Alpha * op.Size);
        return Aten.Add(neighbors, op.K);
    }

    private Tensor NeighborSquares(Tensor x)
    {
        using Tensor squares = Aten.Mul(x, x);
        return Aten.NeighborMeans(squares, op.Size);
    }
}
