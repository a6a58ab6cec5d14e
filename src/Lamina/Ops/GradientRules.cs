namespace Lamina;

/// <summary>The gradient of each op, written in ops, so that it can be differentiated again.</summary>
internal static class GradientRules
{
    /// <summary>Returns the gradients of an op's inputs.</summary>
    /// <param name="node">The op.</param>
    /// <param name="g">The gradient of its output.</param>
    /// <param name="wanted">The inputs whose gradients are wanted; those of others may be <see langword="null"/>.</param>
    /// <exception cref="GraphException">The op's gradient cannot be written in ops.</exception>
    public static Symbol?[] Of(OpNode node, Symbol g, bool[] wanted)
    {
        Symbol[] x = [.. node.Inputs.Select(GradientWalk.Alone)];
        Symbol y = GradientWalk.Alone(node.Output);
        return node.Op switch
        {
            AddOp => [.. x.Select(i => GradientShapes.SumTo(g, i.Shape))],
            MultiplyOp => ElementGradients.Multiply(x, g, wanted),
            RescaleOp op => [Ops.Rescale(g, op.Scale, [0])],
            UnaryOp op => [g * ElementGradients.Slope(op.Kind, x[0], y)],
            ClipOp op => [g * (x[0] >= op.Min) * (x[0] <= op.Max)],
            BinaryOp op => ElementGradients.Binary(op.Kind, x[0], x[1], y, g, wanted),
            WhereOp => ElementGradients.Where(x, g),
            ActivationOp { Kind: not ActivationKind.Gelu } op => [g * ElementGradients.Slope(op, x[0], y)],
            SoftmaxOp => [y * (g - Ops.Sum(g * y, [-1], keepDims: true))],
            LogSoftmaxOp => [ElementGradients.LogSoftmax(x[0], g)],
            MeanOp op => [LayoutGradients.Mean(op, x[0], g)],
            ReduceOp op => [LayoutGradients.Reduce(op, x[0], y, g)],
            ReshapeOp => [Ops.Reshape(g, x[0].Shape.Sample)],
            TransposeOp op => [LayoutGradients.Transpose(op, g)],
            PadOp op => [LayoutGradients.Pad(op, x[0].Shape, g)],
            ConcatOp op => LayoutGradients.Concat(op, x, g),
            SliceOp op => [LayoutGradients.Slice(op, x[0], g)],
            PhaseOp => [Ops.InTraining(g, GradientShapes.Zeros(g)), Ops.InTraining(GradientShapes.Zeros(g), g)],
            // Under the mask of the first dropout, however often it is differentiated.
            DropoutOp op => [OpNode.Record(op, [g, x.Length > 1 ? x[1] : y]), .. x.Skip(1).Select(_ => (Symbol?)null)],
            AveragePoolOp { Pads: var pads } op when pads == Pads2.None && op.Window == op.Strides =>
            [
                LayoutGradients.Windows(op.Window, x[0].Shape, y.Shape, g),
            ],
            AdaptiveAveragePoolOp op when LayoutGradients.Even(op, x[0].Shape) is { } window =>
            [
                LayoutGradients.Windows(window, x[0].Shape, y.Shape, g),
            ],
            LinearOp => ProductGradients.Linear(x, g, wanted),
            MatMulOp => ProductGradients.MatMul(x[0], x[1], g, wanted),
            ConvolutionOp op when !wanted[1] => ConvolutionGradients.Of(op, x, g),
            ConvolutionTransposeOp op when !wanted[1] => ConvolutionGradients.Of(op, x, g),
            BatchNormalizationOp op => NormalizationGradients.Of(op, node.Layer, x, g),
            _ => throw Refused(node, wanted),
        };
    }

    private static GraphException Refused(OpNode node, bool[] wanted)
    {
        string op = node.Op is ActivationOp activation ? OpNames.SnakeCase(activation.Kind) : node.Op.Name;
        string what = node.Op is ConvolutionOp or ConvolutionTransposeOp && wanted[1] ? $"{op} by its kernel" : op;
        string where = node.Layer is { } layer ? $"{layer}: " : "";
        return new GraphException(
            $"{where}the gradient of {what} cannot be differentiated again. Use another layer, or Gradients.Of for a gradient that is a result."
        );
    }
}
