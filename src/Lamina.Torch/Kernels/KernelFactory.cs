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
    /// Returns <see langword="true"/> if the kernel of an op can compute the ops after it in the same step of inference.
    /// </summary>
    /// <param name="node">The op node.</param>
    /// <param name="epilogue">The ops after it.</param>
    public virtual bool CanFuse(OpNode node, Epilogue epilogue) =>
        node.Op is (ConvolutionOp or LinearOp) && epilogue == Epilogue.Relu;
}
