namespace Lamina.Torch.Kernels;

/// <summary>The data about the current step that a kernel may use.</summary>
/// <param name="Training">
/// <see langword="true"/> in a training step (dropout drops; batch statistics are used and the stored ones updated).
/// </param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">The index of the step in the run, from 0.</param>
internal readonly record struct StepContext(bool Training, long Seed, long Step)
{
    /// <summary>
    /// <see langword="true"/> if this forward pass is a recomputation for backward: it yields the same bits, and does
    /// not update stored statistics.
    /// </summary>
    public bool Recomputing { get; init; }

    /// <summary>
    /// <see langword="true"/> if layers behave as in inference although backward follows: nothing is dropped, and batch
    /// normalization uses and keeps its stored statistics.
    /// </summary>
    public bool AsInference { get; init; }

    /// <summary><see langword="true"/> if layers behave as in training.</summary>
    public bool BehavesAsTraining => Training && !AsInference;

    /// <summary>
    /// The estimate that replaces batch normalization's stored statistics; <see langword="null"/> in training steps,
    /// which update them by the op's momentum.
    /// </summary>
    public StatisticsEstimate? Estimate { get; init; }

    /// <summary>The index of the first row in the whole batch, if this is one rank's part of it.</summary>
    public long FirstRow { get; init; }

    /// <summary>The statistics of other ranks' parts of the batch; <see langword="null"/> in one process.</summary>
    public SharedStatistics? Shared { get; init; }
}

/// <summary>
/// The implementation of one op node in one plan: forward, and backward written by hand. Every tensor passed to or from
/// a kernel is contiguous in its public shape (images N, H, W, C), with two exceptions that the plan handles: a
/// convolution's kernel arrives as contiguous (filters, kh, kw, C / groups), and so does its gradient leave.
/// </summary>
/// <remarks>
/// Kernels keep what one step's backward needs (indices, masks, batch statistics) in fields, from Forward to
/// <see cref="Release"/>. A kernel never disposes its inputs.
/// </remarks>
internal abstract class Kernel(OpNode node) : IDisposable
{
    /// <summary>The op node.</summary>
    public OpNode Node { get; } = node;

    /// <summary>The op nodes that the kernel computes, without those of an epilogue, in their order.</summary>
    public virtual IReadOnlyList<OpNode> Nodes => [Node];

    /// <summary>The algorithm of forward, as text for a profile: its library, and what is fused into it.</summary>
    public virtual string Algorithm => $"libtorch {Node.Op.Name.Replace('_', ' ')}";

    /// <summary>
    /// Returns <see langword="true"/> if the kernel rounds this weight to bfloat16 itself, so that it must arrive as it is.
    /// </summary>
    public virtual bool RoundsWeight(int index) => false;

    /// <summary>The algorithm of backward, if it differs.</summary>
    public virtual string BackwardAlgorithm => Algorithm;

    /// <summary><see langword="true"/> if both directions only return the same memory in another shape.</summary>
    public virtual bool IsView => false;

    /// <summary>
    /// Returns <see langword="true"/> if Forward returns input 0 itself, or a view of it, even when it may not
    /// overwrite.
    /// </summary>
    public virtual bool SharesInput(bool training) => IsView;

    /// <summary>Returns <see langword="true"/> if backward reads input <paramref name="index"/>.</summary>
    public abstract bool BackwardReadsInput(int index);

    /// <summary><see langword="true"/> if backward reads the output.</summary>
    public abstract bool BackwardReadsOutput { get; }

    /// <summary>
    /// <see langword="true"/> if Forward, when allowed, overwrites input 0 by its result (and returns a handle to the
    /// same memory).
    /// </summary>
    public virtual bool CanOverwrite => false;

    /// <summary>Computes the output.</summary>
    /// <param name="step">The step.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="overwrite">
    /// <see langword="true"/> if input 0 may be overwritten; only passed if <see cref="CanOverwrite"/>.
    /// </param>
    /// <returns>
    /// A tensor that the caller owns. It may share memory with an input (a view, or when overwriting).
    /// </returns>
    public abstract Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite);

    /// <summary>Computes the gradients of the inputs that <paramref name="wanted"/> selects.</summary>
    /// <param name="step">The step.</param>
    /// <param name="inputs">
    /// The inputs; <see langword="null"/> if <see cref="BackwardReadsInput"/> is <see langword="false"/>.
    /// </param>
    /// <param name="output">
    /// The output; <see langword="null"/> if <see cref="BackwardReadsOutput"/> is <see langword="false"/>.
    /// </param>
    /// <param name="gradient">
    /// The output's gradient. The kernel owns it: it overwrites it, passes it on as an input's gradient, or disposes
    /// it.
    /// </param>
    /// <param name="wanted">The inputs whose gradients are wanted; frozen weights and data are not.</param>
    /// <param name="results">Receives the gradients, contiguous tensors that the caller owns.</param>
    public abstract void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    );

    /// <summary>
    /// <see langword="true"/> if Forward keeps tensors for Backward, which <see cref="Release"/> frees.
    /// </summary>
    public virtual bool KeepsState => false;

    /// <summary>Returns the number of bytes that the kernel keeps from Forward to Backward.</summary>
    /// <param name="batch">The number of samples per step.</param>
    public virtual long KeptBytes(int batch) => 0;

    /// <summary>Returns the bytes of packed weights that are kept between the steps of inference.</summary>
    public virtual long PackedBytes(int batch) => 0;

    /// <summary>Returns the maximum number of bytes that Forward uses beside the output and what it keeps.</summary>
    /// <param name="batch">The number of samples per step.</param>
    /// <param name="training"><see langword="true"/> if it keeps anything.</param>
    public virtual long ForwardWorkspace(int batch, bool training) => 0;

    /// <summary>Returns the maximum number of bytes that Backward uses beside the results.</summary>
    /// <param name="batch">The number of samples per step.</param>
    /// <param name="wanted">The inputs whose gradients are wanted.</param>
    public virtual long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => 0;

    /// <summary>Returns the input whose gradient reuses the memory of the output's gradient; −1 if none does.</summary>
    public virtual int GradientInPlace(ReadOnlySpan<bool> wanted) => -1;

    /// <summary>Returns the size of input <paramref name="index"/> in bytes.</summary>
    protected long InputBytes(int index, int batch) => SymbolBytes.Of(Node.Inputs[index], batch);

    /// <summary>Returns the size of the output in bytes.</summary>
    protected long OutputBytes(int batch) => SymbolBytes.Of(Node.Output, batch);

    /// <summary>Frees what Forward kept for Backward.</summary>
    public virtual void Release() { }

    /// <summary>Frees what is kept between steps, too.</summary>
    public virtual void Dispose() => Release();
}
