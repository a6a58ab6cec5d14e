using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

public class ReduceKernelTests
{
    public static TheoryData<ReduceKind> Kinds => [.. Enum.GetValues<ReduceKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Reductions_follow_their_definition(ReduceKind kind) =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 4].Array[1, 3], Gen.Int[1, 15], Gen.Bool, Gen.Int[0, 1000])
            .Fixed()
            .Sample(
                (batch, sample, bits, keep, seed) =>
                {
                    int[] axes = [.. Enumerable.Range(0, sample.Length + 1).Where(a => (bits & (1 << a)) != 0)];
                    if (axes.Length > 0)
                    {
                        Array64 x = Draw64.Uniform(seed, [batch, .. sample], -2, 2);
                        ElementwiseKernelTests.Check(new ReduceOp(kind, axes, keep), 0, x);
                    }
                },
                iter: 30,
                threads: 1
            );

    [Fact]
    public void Places_of_the_greatest_follow_their_definition()
    {
        for (int axis = 0; axis < 3; axis++)
        {
            ElementwiseKernelTests.Check(new ArgMaxOp(axis), 0, Draw64.Uniform(axis, [3, 4, 5]));
        }
        var ties = new Array64([2, 3], [1, 2, 2, 3, 3, 1]);
        ElementwiseKernelTests.Check(new ArgMaxOp(1), 0, ties);
    }

    [Fact]
    public void Rows_have_a_one_at_their_index_and_none_for_an_index_out_of_range()
    {
        var indices = new Array64([2, 3], [0, 2, 3, -1, 1, 4]);
        ElementwiseKernelTests.Check(new OneHotOp(3), 0, indices);
    }
}
