using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>The kernels for float32 on the CPU, by vectors of the width that the processor has.</summary>
internal static class CpuKernels
{
    private static KernelFactory? s_instance;

    /// <summary>The factory for this process.</summary>
    /// <exception cref="LaminaException">
    /// <see cref="VectorWidth.Variable"/> asks for vectors that the processor does not have.
    /// </exception>
    public static KernelFactory Instance =>
        s_instance ??= VectorWidth.Choose(Environment.GetEnvironmentVariable(VectorWidth.Variable)) switch
        {
            512 => CpuKernels<Floats512>.Instance,
            256 => CpuKernels<Floats256>.Instance,
            _ => CpuKernels<Floats128>.Instance,
        };
}

/// <summary>
/// The kernels for float32 on the CPU: specialized loops where they are faster than libtorch's ops, and the
/// dispatcher's kernels for all other ops.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed class CpuKernels<TVector> : KernelFactory
    where TVector : unmanaged, IFloats<TVector>
{
    private CpuKernels() { }

    /// <summary>The only instance.</summary>
    public static CpuKernels<TVector> Instance { get; } = new();

    /// <inheritdoc/>
    public override bool KeepsPackedKernels => TVector.IsAccelerated;

    /// <inheritdoc/>
    public override bool ReadsLate => false;

    /// <inheritdoc/>
    public override UpdateKernels Updates(FiniteGuard? guard) => SimdUpdates.Instance;

    /// <inheritdoc/>
    public override bool CanFuse(OpNode node, Epilogue epilogue) =>
        base.CanFuse(node, epilogue) || (TVector.IsAccelerated && node.Op is (ConvolutionOp or LinearOp));

    // A window over channels of their own, with the 1×1 kernels before and after it.
    /// <inheritdoc/>
    public override bool CanFollow(IReadOnlyList<Kernel> chain, Kernel next)
    {
        if (RowChainKernel.PartOf(next) is not { } part)
        {
            return false;
        }
        bool isPointwise = part.IsPointwise;
        return chain.Count == 0
            || (
                isPointwise != RowChainKernel.PartOf(chain[^1])!.IsPointwise
                && (chain.Count == 1 || isPointwise && chain.Count == 2)
            );
    }

    /// <inheritdoc/>
    public override Kernel? Join(IReadOnlyList<Kernel> kernels, IReadOnlyList<int> inputs) =>
        RowChainKernel.Pays(kernels) ? new RowChainKernel([.. kernels], [.. inputs]) : null;

    /// <inheritdoc/>
    public override Kernel Create(OpNode node, in KernelRequest request = default) =>
        node.Op switch
        {
            ConvolutionOp op when request.Inference && TVector.IsAccelerated => new InferenceConvolution<TVector>(
                node,
                op,
                request.Epilogue ?? Epilogue.None,
                Library(node, request with { Epilogue = null })
            ),
            ConvolutionOp op => Convolution(node, op, request),
            LinearOp when request.Epilogue is { } epilogue && epilogue != Epilogue.Relu => new InferenceLinear<TVector>(
                node,
                epilogue,
                Linear(node, request with { Epilogue = null })
            ),
            LinearOp => Linear(node, request),
            BatchNormalizationOp op => new SimdBatchNormalizationKernel<TVector>(node, op),
            LocalResponseNormalizationOp op => new SimdLocalResponseNormalizationKernel(node, op),
            MaxPoolOp op when MaxPoolLoops.Fits(op) => new SimdMaxPoolKernel(node, op),
            ActivationOp { Kind: ActivationKind.Relu } => new SimdReluKernel<TVector>(node),
            DropoutOp op => new SimdDropoutKernel<TVector>(node, op, request.Index),
            LogLikelihoodOp => new LogLikelihoodLoops(node),
            ConcatOp concat => new ConcatLoops(node, concat),
            _ => Library(node, request),
        };

    private static Kernel Library(OpNode node, in KernelRequest request) =>
        DispatcherKernels.Create(node, request, RowPadding.Instance);

    private static Kernel Convolution(OpNode node, ConvolutionOp op, in KernelRequest request)
    {
        Kernel library = Library(node, request);
        return
            ConvolutionAlgorithm.For<TVector>(op, node.Inputs[0].Shape, node.Inputs[1].Shape, node.Shape)
                is { } algorithm
            ? new ConvolutionBySize(node, algorithm, request.FuseRelu, library)
            : library;
    }

    private static Kernel Linear(OpNode node, in KernelRequest request)
    {
        if (!TVector.IsAccelerated)
        {
            return new OneDnnLinearKernel<TVector>(node, request.FuseRelu);
        }
        return request.KeepsBFloat16 ? new HalfLinearKernel<TVector, BFloat16Format>(node, request.FuseRelu)
            : request.Precision == WeightPrecision.Float16
                ? new HalfLinearKernel<TVector, HalfFormat>(node, request.FuseRelu)
            : new LinearBySize<TVector>(node, request.FuseRelu);
    }
}
