using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

public class ElementwiseKernelTests
{
    public static TheoryData<UnaryKind> Unary => [.. Enum.GetValues<UnaryKind>()];

    public static TheoryData<BinaryKind> Binary => [.. Enum.GetValues<BinaryKind>()];

    /// <summary>
    /// A full tensor and one that stretches to it: it lacks some of the first dimensions (all of them at most) and has a 1
    /// where a bit is set, the batch included.
    /// </summary>
    private static readonly Gen<(int[] Whole, int[] Part)> s_shapes =
        from batch in Gen.Int[1, 3]
        from sample in Gen.Int[1, 4].Array[1, 3]
        from lacking in Gen.Int[0, 4]
        from ones in Gen.Int[0, 15]
        let whole = (int[])[batch, .. sample]
        select (
            whole,
            whole
                .Select((size, d) => d == 0 || (ones & (1 << d)) != 0 ? 1 : size)
                .Skip(Math.Min(lacking, whole.Length))
                .ToArray()
        );

    [Theory]
    [MemberData(nameof(Unary))]
    public void Functions_of_one_tensor_follow_their_definition(UnaryKind kind)
    {
        double low =
            kind is UnaryKind.Log or UnaryKind.Sqrt ? 0.2
            : kind == UnaryKind.Log1p ? -0.7
            : -2;
        foreach (
            int[] sizes in (int[][])
                [
                    [3, 5],
                    [2, 3, 4, 2],
                    [1, 1],
                ]
        )
        {
            Array64 x = Draw64.Uniform(4, sizes, low, 2, 0);
            Check(new UnaryOp(kind), 0, x);
        }
    }

    [Fact]
    public void Clipping_follows_its_definition() =>
        Check(new ClipOp(-0.5, 0.75), 0, Draw64.Uniform(1, [4, 9], -2, 2, -0.5, 0.75));

    [Theory]
    [MemberData(nameof(Binary))]
    public void Functions_of_two_tensors_stretch_either(BinaryKind kind) =>
        Gen.Select(s_shapes, Gen.Int[0, 1000])
            .Fixed()
            .Sample(
                (shapes, seed) =>
                {
                    Array64 whole = Draw64.Uniform(seed, shapes.Whole, .3, 2);
                    Array64 part = Draw64.Uniform(seed + 1, shapes.Part, .3, 2);
                    var op = new BinaryOp(kind);
                    Check(op, 1, whole, part);
                    Check(op, 2, part, whole);
                    Check(op, 0, whole, Draw64.Uniform(seed + 2, shapes.Whole, .3, 2));
                },
                iter: 12,
                threads: 1
            );

    [Fact]
    public void Sums_and_products_stretch_tensors_of_fewer_dimensions() =>
        s_shapes
            .Fixed()
            .Sample(
                shapes =>
                {
                    Array64 whole = Draw64.Uniform(3, shapes.Whole);
                    Array64 part = Draw64.Uniform(4, shapes.Part);
                    Check(new AddOp(), 2, whole, part, part);
                    Check(new MultiplyOp(), 2, whole, part, part);
                },
                iter: 40,
                threads: 1
            );

    [Fact]
    public void Choices_stretch_all_three() =>
        s_shapes
            .Fixed()
            .Sample(
                shapes =>
                {
                    Array64 condition = Draw64.Uniform(1, shapes.Whole).Map(v => v > 0 ? 1 : 0);
                    Array64 part = Draw64.Uniform(3, shapes.Part);
                    Array64 partial = Draw64.Uniform(5, shapes.Part).Map(v => v > 0 ? 0 : 2);
                    CheckChoice(2, condition, part, part);
                    CheckChoice(1, condition, Draw64.Uniform(2, shapes.Whole), part);
                    CheckChoice(3, partial, Draw64.Uniform(4, shapes.Whole), part);
                },
                iter: 20,
                threads: 1
            );

    [Theory]
    [InlineData(new[] { 3, 4 }, new[] { 4, 2 })]
    [InlineData(new[] { 2, 3, 4 }, new[] { 4, 5 })]
    [InlineData(new[] { 2, 3, 4 }, new[] { 1, 4, 2 })]
    [InlineData(new[] { 2, 1, 3, 4 }, new[] { 5, 4, 2 })]
    [InlineData(new[] { 1, 1, 1 }, new[] { 1, 1 })]
    public void Matrix_products_follow_their_definition(int[] a, int[] b) =>
        Check(new MatMulOp(), 1, Draw64.Uniform(1, a), Draw64.Uniform(2, b));

    [Fact]
    public void Products_of_two_batches_follow_their_definition() =>
        Check(new MatMulOp(), 0, Draw64.Uniform(1, [3, 2, 4]), Draw64.Uniform(2, [3, 4, 2]));

    [Fact]
    public void Log_softmax_follows_its_definition()
    {
        Check(new LogSoftmaxOp(), 0, Draw64.Uniform(1, [3, 5], -3, 3));
        Check(new LogSoftmaxOp(), 0, Draw64.Uniform(1, [2, 3, 4], -3, 3));
    }

    [Fact]
    public void Constants_have_their_values() => Check(new ConstantOp([1, 2.5f, -3], Shape.Of(3, 1)), 0);

    internal static void Check(Op op, int weights, params Array64[] inputs) =>
        new KernelCheck(op, inputs) { Weights = weights, HasGradient = _ => op.IsDifferentiable }.Run();

    private static void CheckChoice(int weights, params Array64[] inputs) =>
        new KernelCheck(new WhereOp(), inputs) { Weights = weights, HasGradient = i => i > 0 }.Run();
}
