using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The kernels for float32 on the CPU: specialized loops where they are faster than libtorch's ops, and the
/// dispatcher's kernels for all other ops.
/// </summary>
internal sealed class CpuKernels : KernelFactory
{
    private CpuKernels() { }

    /// <summary>The only instance.</summary>
    public static CpuKernels Instance { get; } = new();

    /// <inheritdoc/>
    public override Kernel Create(OpNode node, in KernelRequest request = default) =>
        node.Op switch
        {
            ConvolutionOp op => Convolution(node, op, request),
            LinearOp => Linear(node, request),
            BatchNormalizationOp op => new SimdBatchNormalizationKernel(node, op),
            LocalResponseNormalizationOp op => new SimdLocalResponseNormalizationKernel(node, op),
            MaxPoolOp op when MaxPoolLoops.Fits(op) => new SimdMaxPoolKernel(node, op),
            ActivationOp { Kind: ActivationKind.Relu } => new SimdReluKernel(node),
            DropoutOp op => new SimdDropoutKernel(node, op, request.Index),
            _ => Library(node, request),
        };

    private static Kernel Library(OpNode node, in KernelRequest request) =>
        DispatcherKernels.Create(node, request, RowPadding.Instance);

    private static Kernel Convolution(OpNode node, ConvolutionOp op, in KernelRequest request)
    {
        Kernel library = Library(node, request);
        return ConvolutionAlgorithm.For(op, node.Inputs[0].Shape, node.Inputs[1].Shape, node.Shape) is { } algorithm
            ? new ConvolutionBySize(node, algorithm, request.FuseRelu, library)
            : library;
    }

    private static Kernel Linear(OpNode node, in KernelRequest request)
    {
        if (!RowProduct.IsFast)
        {
            return new OneDnnLinearKernel(node, request.FuseRelu);
        }
        return request.Precision == WeightPrecision.Float16
            ? new HalfLinearKernel(node, request.FuseRelu)
            : new LinearBySize(node, request.FuseRelu);
    }
}
