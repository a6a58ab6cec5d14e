namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of Σ t·log(softmax(x)) over the last dimension. A class whose target is 0 does not count, even where its
/// logit is −∞.
/// </summary>
internal class LogLikelihoodKernel(OpNode node) : Kernel(node)
{
    private Tensor? _logs;

    public override bool BackwardReadsInput(int index) => index == 1;

    public override bool BackwardReadsOutput => false;

    public override bool KeepsState => true;

    public override long KeptBytes(int batch) => InputBytes(0, batch);

    // The products of all classes, those of the classes that count, and the mask of these.
    public override long ForwardWorkspace(int batch, bool training) =>
        (2 * InputBytes(0, batch)) + (InputBytes(0, batch) / 4) + (training ? 0 : InputBytes(0, batch));

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        wanted[0] ? InputBytes(0, batch) : 0;

    public sealed override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Release();
        Tensor logs = Aten.LogSoftmax(inputs[0]);
        try
        {
            return Sum(logs, inputs[1]);
        }
        finally
        {
            if (step.Training)
            {
                _logs = logs;
            }
            else
            {
                logs.Dispose();
            }
        }
    }

    public sealed override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        using (gradient)
        {
            using Tensor rows = gradient.View([.. gradient.Sizes, 1]);
            results[0] = wanted[0] ? Slope(_logs!, inputs[1]!, rows) : null;
            results[1] = wanted[1] ? Aten.Mul(rows, _logs!) : null;
        }
    }

    /// <summary>Computes Σ t·log p of each row.</summary>
    /// <param name="logs">The logarithms of the probabilities, (…, C).</param>
    /// <param name="targets">The targets, (…, C).</param>
    protected virtual Tensor Sum(Tensor logs, Tensor targets)
    {
        using Tensor product = Aten.Mul(targets, logs);
        using Tensor counts = Aten.Binary("aten::ne"u8, targets, 0);
        using Tensor terms = Aten.Masked(counts, product);
        return Aten.Sum(terms, [terms.Rank - 1]);
    }

    /// <summary>Computes the gradient of the logits.</summary>
    /// <param name="logs">The logarithms of the probabilities, (…, C).</param>
    /// <param name="targets">The targets, (…, C).</param>
    /// <param name="gradient">The gradient of each row, (…, 1).</param>
    protected virtual Tensor Slope(Tensor logs, Tensor targets, Tensor gradient)
    {
        using Tensor product = Aten.Mul(targets, gradient);
        return Aten.LogSoftmaxBackward(product, logs);
    }

    public override void Release()
    {
        _logs?.Dispose();
        _logs = null;
    }
}
