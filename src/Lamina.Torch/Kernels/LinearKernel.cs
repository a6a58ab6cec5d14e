namespace Lamina.Torch.Kernels;

/// <summary>A kernel of x · kernel + bias by libtorch's matrix products, optionally with the following ReLU.</summary>
/// <param name="node">The op node.</param>
/// <param name="fuseRelu"><see langword="true"/> to apply the ReLU that follows; inference only.</param>
internal class LinearKernel(OpNode node, bool fuseRelu) : Kernel(node)
{
    private static readonly long[] s_rows = [0];

    /// <inheritdoc/>
    public override string Algorithm => $"{Product}{(FusesRelu ? " + ReLU" : "")}";

    /// <inheritdoc/>
    public override bool BackwardReadsOutput => false;

    /// <summary>The name of the matrix product in a profile.</summary>
    protected virtual string Product => "libtorch matrix product";

    /// <summary><see langword="true"/> if the kernel applies the ReLU that follows.</summary>
    protected bool FusesRelu => fuseRelu;

    /// <inheritdoc/>
    public override bool BackwardReadsInput(int index) => index < 2;

    /// <inheritdoc/>
    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor x = inputs[0];
        using Tensor rows = Layout.ToRows(x);
        Tensor y = Multiply(rows, inputs[1], inputs.Length > 2 ? inputs[2] : null);
        if (x.Rank == 2)
        {
            return y;
        }
        using (y)
        {
            return y.View([.. x.Sizes[..^1], y.Sizes[1]]);
        }
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
            throw new InvalidOperationException("A linear op that is fused with its ReLU supports inference only.");
        }
        using (gradient)
        {
            using Tensor g = Layout.ToRows(gradient);
            if (wanted[0])
            {
                using Tensor dx = InputGradient(g, inputs[1]!);
                results[0] = dx.View(inputs[0]!.Sizes);
            }
            if (wanted[1])
            {
                using Tensor rows = Layout.ToRows(inputs[0]!);
                results[1] = WeightGradient(rows, g);
            }
            if (wanted.Length > 2 && wanted[2])
            {
                results[2] = Aten.Sum(g, s_rows);
            }
        }
    }

    /// <summary>Computes x · weight + bias: (rows, in), (in, out), (out).</summary>
    protected virtual Tensor Multiply(Tensor rows, Tensor weight, Tensor? bias) =>
        Aten.Linear(rows, weight, bias, fuseRelu);

    /// <summary>Computes the rows' gradient: gradient · weightᵀ.</summary>
    protected virtual Tensor InputGradient(Tensor gradient, Tensor weight) =>
        Aten.LinearInputGradient(gradient, weight);

    /// <summary>Computes the weight's gradient: rowsᵀ · gradient.</summary>
    protected virtual Tensor WeightGradient(Tensor rows, Tensor gradient) => Aten.LinearWeightGradient(rows, gradient);
}
