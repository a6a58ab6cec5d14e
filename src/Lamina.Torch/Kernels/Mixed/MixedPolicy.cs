namespace Lamina.Torch.Kernels.Mixed;

/// <summary>The types of an op's inputs and output in mixed precision.</summary>
internal enum MixedPolicy
{
    /// <summary>Computes in bfloat16: products of matrices and convolutions, where hardware is faster.</summary>
    Reduced,

    /// <summary>
    /// Computes in the widest type of its inputs other than weights and constants: everything that neither gains nor loses much.
    /// </summary>
    Following,

    /// <summary>Computes in float32, and returns the type of input 0: normalizations.</summary>
    FullInside,

    /// <summary>Computes in float32 and returns it: softmax, and whatever losses and metrics consist of.</summary>
    Full,
}

/// <summary>Extensions that assign ops to policies.</summary>
internal static class MixedPolicies
{
    /// <summary>Returns the policy of an op.</summary>
    public static MixedPolicy Of(Op op) =>
        op switch
        {
            ConvolutionOp or ConvolutionTransposeOp or LinearOp or MatMulOp => MixedPolicy.Reduced,
            BatchNormalizationOp or LocalResponseNormalizationOp => MixedPolicy.FullInside,
            ActivationOp or MaxPoolOp or AveragePoolOp or AdaptiveAveragePoolOp or DropoutOp => MixedPolicy.Following,
            ReshapeOp or TransposeOp or PadOp or ConcatOp or SliceOp => MixedPolicy.Following,
            AddOp or MultiplyOp or RescaleOp or MeanOp or PhaseOp => MixedPolicy.Following,
            _ => MixedPolicy.Full,
        };

    /// <summary>Returns <see langword="true"/> if a symbol has values of its own, which other types may stand for.</summary>
    public static bool IsWeightOrConstant(Symbol symbol) => symbol.Producer.Op is ParameterOp or ConstantOp;
}
