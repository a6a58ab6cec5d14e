namespace Lamina.Torch.Kernels;

/// <summary>What a kernel may know of the step that runs.</summary>
/// <param name="Training">Whether this is a training step (dropout drops, batch statistics are used and moved).</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">The number of the step in the run, from 0.</param>
internal readonly record struct StepContext(bool Training, long Seed, long Step)
{
    /// <summary>
    /// Whether this forward is run again for its backward: it makes the same bits, and moves no stored statistics.
    /// </summary>
    public bool Recomputing { get; init; }

    /// <summary>
    /// The estimate that batch normalization's stored statistics are replaced with; <see langword="null"/> in training
    /// steps, which move them by the op's momentum.
    /// </summary>
    public StatisticsEstimate? Estimate { get; init; }
}

/// <summary>
/// One op node at work in one plan: forward, and backward by hand. Every tensor that crosses this contract is
/// contiguous in its public shape (images N, H, W, C), with two exceptions that the plan sees to: a convolution's kernel
/// arrives as contiguous (filters, kh, kw, C / groups), and its gradient leaves so.
/// </summary>
/// <remarks>
/// Kernels keep what one step's backward needs (indices, masks, batch statistics) in fields, from Forward to
/// <see cref="Release"/>. A kernel never disposes its inputs.
/// </remarks>
internal abstract class Kernel(OpNode node) : IDisposable
{
    /// <summary>The op node.</summary>
    public OpNode Node { get; } = node;

    /// <summary>What forward runs, in words for a profile: whose kernel, and what is fused into it.</summary>
    public virtual string Algorithm => $"libtorch {Node.Op.Name.Replace('_', ' ')}";

    /// <summary>What backward runs, where that is another thing.</summary>
    public virtual string BackwardAlgorithm => Algorithm;

    /// <summary>Whether both ways only see the same memory in another shape.</summary>
    public virtual bool IsView => false;

    /// <summary>Whether Forward gives input 0 itself back, or a view of it, wherever it may write.</summary>
    public virtual bool SharesInput(bool training) => IsView;

    /// <summary>Whether backward reads input <paramref name="index"/>.</summary>
    public abstract bool BackwardReadsInput(int index);

    /// <summary>Whether backward reads the output.</summary>
    public abstract bool BackwardReadsOutput { get; }

    /// <summary>
    /// Whether Forward, when allowed to, writes its result over input 0 (and returns a handle to the same memory).
    /// </summary>
    public virtual bool CanOverwrite => false;

    /// <summary>Computes the output.</summary>
    /// <param name="step">The step.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="overwrite">Whether input 0 may be written over; only asked where <see cref="CanOverwrite"/>.</param>
    /// <returns>A tensor that the caller owns. It may share memory with an input (a view, or when overwriting).</returns>
    public abstract Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite);

    /// <summary>Computes the gradients of the inputs that <paramref name="wanted"/> names.</summary>
    /// <param name="step">The step.</param>
    /// <param name="inputs">The inputs; <see langword="null"/> where <see cref="BackwardReadsInput"/> is false.</param>
    /// <param name="output">The output; <see langword="null"/> where <see cref="BackwardReadsOutput"/> is false.</param>
    /// <param name="gradient">
    /// The output's gradient. The kernel owns it: it writes over it, passes it on as an input's gradient, or disposes it.
    /// </param>
    /// <param name="wanted">Which inputs' gradients are wanted; weights that are frozen and data are not.</param>
    /// <param name="results">Receives the gradients, contiguous tensors that the caller owns.</param>
    public abstract void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    );

    /// <summary>Whether Forward keeps tensors for Backward, which <see cref="Release"/> frees.</summary>
    public virtual bool KeepsState => false;

    /// <summary>Bytes that the kernel keeps from Forward to Backward.</summary>
    /// <param name="batch">Samples a step.</param>
    public virtual long KeptBytes(int batch) => 0;

    /// <summary>Bytes that Forward takes at most beside the output and what it keeps.</summary>
    /// <param name="batch">Samples a step.</param>
    /// <param name="training">Whether it keeps anything.</param>
    public virtual long ForwardWorkspace(int batch, bool training) => 0;

    /// <summary>Bytes that Backward takes at most beside the results.</summary>
    /// <param name="batch">Samples a step.</param>
    /// <param name="wanted">Which inputs' gradients are wanted.</param>
    public virtual long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => 0;

    /// <summary>The input whose gradient takes the output's gradient's memory; −1 if none does.</summary>
    public virtual int GradientInPlace(ReadOnlySpan<bool> wanted) => -1;

    /// <summary>The bytes of input <paramref name="index"/>.</summary>
    protected long InputBytes(int index, int batch) => SymbolBytes.Of(Node.Inputs[index], batch);

    /// <summary>The bytes of the output.</summary>
    protected long OutputBytes(int batch) => SymbolBytes.Of(Node.Output, batch);

    /// <summary>Frees what Forward kept for Backward.</summary>
    public virtual void Release() { }

    /// <summary>Frees what is kept from step to step, too.</summary>
    public virtual void Dispose() => Release();
}
