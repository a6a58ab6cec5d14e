namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of an op that reads the kernel of a convolution, whose weight is stored as (filters, kh, kw, C / groups). It
/// is copied into the public layout, in which the op is defined, and its gradient back.
/// </summary>
internal sealed class PublicLayoutKernel : Kernel
{
    private readonly Kernel _inner;
    private readonly bool[] _isKernel;

    private PublicLayoutKernel(Kernel inner, bool[] isKernel)
        : base(inner.Node) => (_inner, _isKernel) = (inner, isKernel);

    /// <summary>Returns a kernel that reads the public layout of some inputs.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="isStored">The flags of inputs that are stored as kernels of convolutions.</param>
    public static Kernel Around(Kernel kernel, bool[] isStored)
    {
        bool isConvolution = kernel.Node.Op is ConvolutionOp;
        bool[] isKernel = [.. isStored.Select((stored, i) => stored && !(isConvolution && i == 1))];
        return isKernel.Contains(true) ? new PublicLayoutKernel(kernel, isKernel) : kernel;
    }

    public override string Algorithm => _inner.Algorithm;

    public override string BackwardAlgorithm => _inner.BackwardAlgorithm;

    public override bool KeepsState => _inner.KeepsState;

    public override bool BackwardReadsOutput => _inner.BackwardReadsOutput;

    public override bool BackwardReadsInput(int index) => _inner.BackwardReadsInput(index);

    public override long KeptBytes(int batch) => _inner.KeptBytes(batch);

    public override long ForwardWorkspace(int batch, bool training) =>
        _inner.ForwardWorkspace(batch, training) + CopyBytes(batch, _ => true);

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        _inner.BackwardWorkspace(batch, wanted) + CopyBytes(batch, BackwardReadsInput);

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        var read = new Tensor[inputs.Length];
        for (int i = 0; i < read.Length; i++)
        {
            read[i] = _isKernel[i] ? Layout.TakeContiguous(Aten.Permute(inputs[i], [1, 2, 3, 0])) : inputs[i];
        }
        try
        {
            return _inner.Forward(step, read, overwrite: false);
        }
        finally
        {
            Free(read);
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
        var read = new Tensor?[inputs.Length];
        for (int i = 0; i < read.Length; i++)
        {
            bool isCopied = _isKernel[i] && inputs[i] is not null;
            read[i] = isCopied ? Layout.TakeContiguous(Aten.Permute(inputs[i]!, [1, 2, 3, 0])) : inputs[i];
        }
        try
        {
            _inner.Backward(step, read, output, gradient, wanted, results);
        }
        finally
        {
            Free(read);
        }
        for (int i = 0; i < read.Length; i++)
        {
            if (_isKernel[i] && results[i] is { } made)
            {
                results[i] = Layout.TakeContiguous(Aten.Permute(made, [3, 0, 1, 2]));
                made.Dispose();
            }
        }
    }

    public override void Release() => _inner.Release();

    public override void Dispose()
    {
        base.Dispose();
        _inner.Dispose();
    }

    private long CopyBytes(int batch, Func<int, bool> isRead)
    {
        long bytes = 0;
        for (int i = 0; i < _isKernel.Length; i++)
        {
            bytes += _isKernel[i] && isRead(i) ? InputBytes(i, batch) : 0;
        }
        return bytes;
    }

    private void Free(Tensor?[] read)
    {
        for (int i = 0; i < read.Length; i++)
        {
            if (_isKernel[i])
            {
                read[i]?.Dispose();
            }
        }
    }
}
