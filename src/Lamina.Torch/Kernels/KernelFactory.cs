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

    /// <summary>Returns <see langword="true"/> if every backend can fuse a ReLU that follows this op.</summary>
    public static bool CanFuseRelu(Op op) => op is ConvolutionOp or LinearOp;
}
