namespace Lamina.Torch.Kernels;

/// <summary>
/// The boundary between a plan and a backend: chooses the kernel of each op when the plan is compiled. Nothing chooses
/// again when the plan runs.
/// </summary>
internal abstract class KernelFactory
{
    /// <summary>Creates the kernel of one op node, for one plan.</summary>
    /// <param name="node">The op node.</param>
    /// <param name="request">The plan's requirements.</param>
    /// <exception cref="LaminaException">The backend does not support the op.</exception>
    public abstract Kernel Create(OpNode node, in KernelRequest request = default);

    /// <summary>
    /// <see langword="true"/> if the host must not wait for values between steps: they are computed while it goes on.
    /// </summary>
    public abstract bool ReadsLate { get; }

    /// <summary>Returns the update rules of optimizers.</summary>
    /// <param name="guard">
    /// The flag without which updates have no effect; <see langword="null"/> if <see cref="ReadsLate"/> is
    /// <see langword="false"/>.
    /// </param>
    public abstract UpdateKernels Updates(FiniteGuard? guard);

    /// <summary>
    /// <see langword="true"/> if convolutions keep a packed copy of their kernel in inference, which a reshaped weight
    /// must have an identity for.
    /// </summary>
    public virtual bool KeepsPackedKernels => false;

    /// <summary>
    /// Returns the kernel of some steps of inference of which each reads the result of the one before as its first input;
    /// <see langword="null"/> if they run by themselves.
    /// </summary>
    /// <param name="kernels">The kernels of the steps, which the result takes over.</param>
    /// <param name="inputs">
    /// The numbers of their inputs. The result's inputs are those of the first, then those of each other without its first.
    /// </param>
    public virtual Kernel? Join(IReadOnlyList<Kernel> kernels, IReadOnlyList<int> inputs) => null;

    /// <summary>
    /// Returns <see langword="true"/> if a kernel may follow others in a chain that <see cref="Join"/> accepts.
    /// </summary>
    /// <param name="chain">The kernels so far; empty for the first.</param>
    /// <param name="next">The kernel after them.</param>
    public virtual bool CanFollow(IReadOnlyList<Kernel> chain, Kernel next) => false;

    /// <summary>
    /// Returns <see langword="true"/> if the kernel of an op can compute the ops after it in the same step of inference.
    /// </summary>
    /// <param name="node">The op node.</param>
    /// <param name="epilogue">The ops after it.</param>
    public virtual bool CanFuse(OpNode node, Epilogue epilogue) =>
        node.Op is (ConvolutionOp or LinearOp) && epilogue == Epilogue.Relu;
}
