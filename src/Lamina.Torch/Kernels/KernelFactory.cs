namespace Lamina.Torch;

/// <summary>Makes the kernel of each op: one case an op of src/Lamina/Ops.</summary>
internal static class KernelFactory
{
    /// <summary>Creates the kernel of one op node, for one plan.</summary>
    /// <param name="node">The op node.</param>
    /// <param name="fuseRelu">
    /// Whether the kernel also does the ReLU that follows: inference only, convolution and linear only.
    /// </param>
    /// <param name="index">The op's place in the plan; names dropout's random stream.</param>
    /// <param name="precision">How dense kernels are kept for inference on a CPU.</param>
    public static Kernel Create(
        OpNode node,
        bool fuseRelu = false,
        int index = 0,
        WeightPrecision precision = WeightPrecision.Float32
    ) =>
        node.Op switch
        {
            ConvolutionOp op => new ConvolutionKernel(node, op, fuseRelu),
            LinearOp => new LinearKernel(node, fuseRelu, precision),
            _ when fuseRelu => throw new ArgumentException($"{node} cannot be fused with a ReLU.", nameof(fuseRelu)),
            MaxPoolOp op => new MaxPoolKernel(node, op),
            AveragePoolOp op => new AveragePoolKernel(node, op),
            AdaptiveAveragePoolOp op => new AdaptiveAveragePoolKernel(node, op),
            BatchNormalizationOp op => new BatchNormalizationKernel(node, op),
            LocalResponseNormalizationOp op => new LocalResponseNormalizationKernel(node, op),
            ActivationOp { Kind: ActivationKind.Relu } => new ReluKernel(node),
            ActivationOp op => new ActivationKernel(node, op),
            SoftmaxOp => new SoftmaxKernel(node),
            DropoutOp op => new DropoutKernel(node, op, index),
            ReshapeOp => new ReshapeKernel(node),
            TransposeOp op => new TransposeKernel(node, op),
            PadOp op => new PadKernel(node, op),
            ConcatOp op => new ConcatKernel(node, op),
            SliceOp op => new SliceKernel(node, op),
            AddOp => new AddKernel(node),
            MultiplyOp => new MultiplyKernel(node),
            RescaleOp op => new RescaleKernel(node, op),
            MeanOp op => new MeanKernel(node, op),
            ConstantOp op => new ConstantKernel(node, op),
            UnaryOp op => new UnaryKernel(node, UnaryRule.Of(op)),
            ClipOp op => new UnaryKernel(node, UnaryRule.Of(op)),
            BinaryOp op => new BinaryKernel(node, op),
            WhereOp => new WhereKernel(node),
            ReduceOp op => new ReduceKernel(node, op),
            ArgMaxOp op => new ArgMaxKernel(node, op),
            OneHotOp op => new OneHotKernel(node, op),
            MatMulOp => new MatMulKernel(node),
            LogSoftmaxOp => new LogSoftmaxKernel(node),
            _ => throw new LaminaException(
                $"The engine has no kernel for the op {node.Op.Name}. Write the layer in the ops of Lamina.Ops."
            ),
        };

    /// <summary>Whether <see cref="Create"/> can fuse a ReLU that follows this op.</summary>
    public static bool CanFuseRelu(Op op) => op is ConvolutionOp or LinearOp;
}
