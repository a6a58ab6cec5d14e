namespace Lamina.Torch.Tests.Kernels;

/// <summary>An op at work in small.</summary>
/// <param name="Op">The op.</param>
/// <param name="Weights">How many of the last inputs are weights.</param>
/// <param name="Sizes">The inputs' sizes.</param>
internal sealed record OpExample(Op Op, int Weights, params int[][] Sizes)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Op.GetType().Name} ({Op.Name})";
}

/// <summary>An example of each op, and of each function that an op stands for; the values are above 0.</summary>
internal static class OpExamples
{
    private static readonly int[] s_images = [2, 6, 5, 3];
    private static readonly int[] s_rows = [3, 4];

    public static IReadOnlyList<OpExample> All { get; } =
    [
        new(new ConvolutionOp(1, default, 1, 1), 2, s_images, [3, 2, 3, 4], [4]),
        new(new ConvolutionTransposeOp(2, new Pads2(0, 1, 1, -1), 1), 2, s_images, [3, 2, 4, 3], [4]),
        new(new RandomOp(RandomKind.Normal, [3, 2], 1, 2, null), 0, s_rows),
        new(new PhaseOp(), 0, s_rows, s_rows),
        new(new SampleOp(FillMode.Reflect, 0, false), 0, s_images, [2, 3, 4, 2]),
        new(new LinearOp(), 2, s_rows, [4, 2], [2]),
        new(new MaxPoolOp(3, 2, default), 0, s_images),
        new(new AveragePoolOp(3, 2, default), 0, s_images),
        new(new AdaptiveAveragePoolOp((2, 3)), 0, s_images),
        new(new BatchNormalizationOp(0.9, 1e-3, true, true, false), 4, s_images, [3], [3], [3], [3]),
        new(new LocalResponseNormalizationOp(3, 0.1, 0.75, 1), 0, s_images),
        new(new SoftmaxOp(), 0, s_rows),
        new(new LogSoftmaxOp(), 0, s_rows),
        new(new DropoutOp(0, null), 0, s_rows),
        new(new ReshapeOp([2, 2]), 0, s_rows),
        new(new TransposeOp([3, 1, 2]), 0, s_images),
        new(new PadOp(new Pads2(1, 0, 2, 1)), 0, s_images),
        new(new ConcatOp(1), 0, s_rows, s_rows),
        new(new SliceOp(1, 1, 2), 0, s_rows),
        new(new AddOp(), 0, s_rows, s_rows),
        new(new MultiplyOp(), 1, s_images, [3]),
        new(new RescaleOp([2], [1]), 0, s_rows),
        new(new MeanOp([1, 2], false), 0, s_images),
        new(new ConstantOp([1, 2, 3, 4], Shape.Of(4)), 0),
        new(new ClipOp(0.4, 0.9), 0, s_rows),
        new(new WhereOp(), 1, s_rows, s_rows, [4]),
        new(new ArgMaxOp(1), 0, s_rows),
        new(new OneHotOp(3), 0, s_rows),
        new(new MatMulOp(), 1, s_rows, [4, 2]),
        .. Enum.GetValues<ActivationKind>().Select(k => new OpExample(new ActivationOp(k, 0.3), 0, s_rows)),
        .. Enum.GetValues<UnaryKind>().Select(k => new OpExample(new UnaryOp(k), 0, s_images)),
        .. Enum.GetValues<BinaryKind>().Select(k => new OpExample(new BinaryOp(k), 1, s_images, [1, 5, 1])),
        .. Enum.GetValues<ReduceKind>().Select(k => new OpExample(new ReduceOp(k, [1], false), 0, s_rows)),
    ];
}
