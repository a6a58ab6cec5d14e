namespace Lamina.Torch.Kernels;

/// <summary>
/// The kernels that use only libtorch's dispatcher, correct on any device and for any element type: one case per op of
/// src/Lamina/Ops, and of those that the compiler of plans records.
/// </summary>
internal sealed class DispatcherKernels : KernelFactory
{
    private DispatcherKernels() { }

    /// <summary>The only instance.</summary>
    public static DispatcherKernels Instance { get; } = new();

    /// <inheritdoc/>
    public override Kernel Create(OpNode node, in KernelRequest request = default) =>
        Create(node, request, PaddingCopies.ByDispatcher);

    /// <inheritdoc/>
    public override bool ReadsLate => true;

    /// <inheritdoc/>
    public override UpdateKernels Updates(FiniteGuard? guard) => new DispatcherUpdates(guard);

    /// <summary>Creates a kernel that copies padded images as a backend does.</summary>
    public static Kernel Create(OpNode node, in KernelRequest request, PaddingCopies padding) =>
        node.Op switch
        {
            ConvolutionOp op => new ConvolutionKernel(node, op, request.FuseRelu, padding),
            LinearOp => new LinearKernel(node, request.FuseRelu),
            _ when request.Epilogue is { } epilogue => throw new ArgumentException(
                $"{node} cannot be fused{epilogue}.",
                nameof(request)
            ),
            MaxPoolOp op => new MaxPoolKernel(node, op, padding),
            AveragePoolOp op => new AveragePoolKernel(node, op, padding),
            AdaptiveAveragePoolOp op => new AdaptiveAveragePoolKernel(node, op),
            BatchNormalizationOp op => new BatchNormalizationKernel(node, op),
            LocalResponseNormalizationOp op => new LocalResponseNormalizationKernel(node, op),
            ActivationOp { Kind: ActivationKind.Relu } => new ReluKernel(node),
            ActivationOp op => new ActivationKernel(node, op),
            SoftmaxOp => new SoftmaxKernel(node),
            DropoutOp op => new DropoutKernel(node, op, request.Index),
            ReshapeOp => new ReshapeKernel(node),
            TransposeOp op => new TransposeKernel(node, op),
            PadOp op => new PadKernel(node, op, padding),
            ConcatOp op => new ConcatKernel(node, op),
            SliceOp op => new SliceKernel(node, op),
            AddOp => new AddKernel(node),
            MultiplyOp => new MultiplyKernel(node),
            RescaleOp op => new RescaleKernel(node, op),
            MeanOp op => new MeanKernel(node, op),
            ConstantOp op => new ConstantKernel(node, op, request.Device),
            UnaryOp op => new UnaryKernel(node, UnaryRule.Of(op)),
            ClipOp op => new UnaryKernel(node, UnaryRule.Of(op)),
            BinaryOp op => new BinaryKernel(node, op),
            WhereOp => new WhereKernel(node),
            ReduceOp op => new ReduceKernel(node, op),
            ArgMaxOp op => new ArgMaxKernel(node, op),
            OneHotOp op => new OneHotKernel(node, op),
            MatMulOp => new MatMulKernel(node),
            ConvolutionTransposeOp op => new ConvolutionTransposeKernel(node, op),
            RandomOp op => new RandomKernel(node, op, request.Index),
            PhaseOp => new PhaseKernel(node),
            SampleOp op => new SampleKernel(node, op),
            LogSoftmaxOp => new LogSoftmaxKernel(node),
            LogLikelihoodOp => new LogLikelihoodKernel(node),
            _ => throw new LaminaException(
                $"The engine does not support the op {node.Op.Name}. Write the layer in the ops of Lamina.Ops."
            ),
        };
}
