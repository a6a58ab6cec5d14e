namespace Lamina.Torch.Tests.References;

/// <summary>
/// A slow, plain forward of every op in float64, straight from its definition over public layouts: images (N, H, W, C),
/// kernels (kh, kw, in / groups, filters). Knows nothing of the engine.
/// </summary>
internal static class Reference
{
    /// <summary>The op's output.</summary>
    /// <param name="op">The op.</param>
    /// <param name="byBatch">Whether batch normalisation takes the batch's statistics.</param>
    /// <param name="inputs">The inputs; for dropout a second one, the mask of ones and zeros.</param>
    public static Array64 Forward(Op op, bool byBatch, params IReadOnlyList<Array64> inputs) =>
        op switch
        {
            ConvolutionOp o => ConvolutionReference.Forward(o, inputs[0], inputs[1], inputs.ElementAtOrDefault(2)),
            ConvolutionTransposeOp o => ConvolutionTransposeReference.Forward(
                o,
                inputs[0],
                inputs[1],
                inputs.ElementAtOrDefault(2)
            ),
            // What was drawn, which tests of the distribution look at.
            RandomOp o => inputs.ElementAtOrDefault(1) ?? new Array64([inputs[0].Sizes[0], .. o.Sample.ToArray()]),
            PhaseOp => inputs[byBatch ? 0 : 1],
            SampleOp o => SampleReference.Forward(o, inputs[0], inputs[1]),
            LinearOp => LinearReference.Forward(inputs[0], inputs[1], inputs.ElementAtOrDefault(2)),
            MaxPoolOp o => PoolReference.Max(o, inputs[0]),
            AveragePoolOp o => PoolReference.Average(o, inputs[0]),
            AdaptiveAveragePoolOp o => PoolReference.Adaptive(o, inputs[0]),
            ActivationOp o => ActivationReference.Forward(o, inputs[0]),
            SoftmaxOp => ArithmeticReference.Softmax(inputs[0]),
            BatchNormalizationOp o => NormalizationReference.Batch(o, byBatch, inputs),
            LocalResponseNormalizationOp o => NormalizationReference.AcrossChannels(o, inputs[0]),
            DropoutOp o => ArithmeticReference.Combine(inputs, (x, mask) => x * mask / (1 - o.Rate)),
            ReshapeOp o => LayoutReference.Reshape(o, inputs[0]),
            TransposeOp o => LayoutReference.Transpose(o, inputs[0]),
            PadOp o => LayoutReference.Pad(o, inputs[0]),
            ConcatOp o => LayoutReference.Concat(o, inputs),
            SliceOp o => LayoutReference.Slice(o, inputs[0]),
            AddOp => ArithmeticReference.Combine(inputs, (a, b) => a + b),
            MultiplyOp => ArithmeticReference.Combine(inputs, (a, b) => a * b),
            RescaleOp o => ArithmeticReference.Rescale(o, inputs[0]),
            MeanOp o => ArithmeticReference.Mean(o, inputs[0]),
            ConstantOp o => new Array64(o.Shape.ToArray(), [.. o.Values.Select(v => (double)v)]),
            UnaryOp o => inputs[0].Map(ElementwiseReference.Of(o.Kind)),
            ClipOp o => inputs[0].Map(x => Math.Min(Math.Max(x, o.Min), o.Max)),
            BinaryOp o => ArithmeticReference.Combine(inputs, ElementwiseReference.Of(o.Kind)),
            WhereOp => ElementwiseReference.Where(inputs[0], inputs[1], inputs[2]),
            ReduceOp o => ReduceReference.Reduce(o, inputs[0]),
            ArgMaxOp o => ReduceReference.ArgMax(o, inputs[0]),
            OneHotOp o => ReduceReference.OneHot(o, inputs[0]),
            MatMulOp => ElementwiseReference.MatMul(inputs[0], inputs[1]),
            LogSoftmaxOp => ArithmeticReference.Softmax(inputs[0]).Map(Math.Log),
            _ => throw new NotSupportedException($"{op.Name} has no reference."),
        };

    /// <summary>
    /// The gradient of Σ output · cotangent by one element of an input, as a central difference.
    /// </summary>
    public static double Derivative(
        Op op,
        bool byBatch,
        IReadOnlyList<Array64> inputs,
        Array64 cotangent,
        Action<IReadOnlyList<Array64>, double> move,
        double h = 1e-5
    )
    {
        return (Loss(h) - Loss(-h)) / (2 * h);

        double Loss(double by)
        {
            Array64[] moved = [.. inputs.Select(x => x.Clone())];
            move(moved, by);
            return Forward(op, byBatch, moved).Values.Zip(cotangent.Values, (y, g) => y * g).Sum();
        }
    }
}
