using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

public class ArithmeticKernelTests
{
    /// <summary>Two to four inputs of one rank; where a bit is set, an axis of an input is 1.</summary>
    private static readonly Gen<Array64[]> s_inputs =
        from batch in Gen.Int[1, 3]
        from sample in Gen.Int[1, 4].Array[1, 3]
        from ones in Gen.Int[0, 7].Array[2, 4]
        from seed in Gen.Int[0, 1000]
        select (Array64[])
            [
                .. ones.Select(
                    (bits, k) =>
                        Draw64.Uniform(
                            seed + k,
                            [batch, .. sample.Select((size, d) => (bits & (1 << d)) != 0 ? 1 : size)],
                            .3,
                            2
                        )
                ),
            ];

    [Fact]
    public void Sums_follow_their_definition() =>
        s_inputs.Fixed().Sample(inputs => new KernelCheck(new AddOp(), inputs).Run(), iter: 80, threads: 1);

    [Fact]
    public void Products_follow_their_definition() =>
        s_inputs.Fixed().Sample(inputs => new KernelCheck(new MultiplyOp(), inputs).Run(), iter: 80, threads: 1);

    [Fact]
    public void Products_with_zeros_have_gradients()
    {
        Array64 a = Draw64.Uniform(1, [2, 6]);
        Array64 b = Draw64.Uniform(2, [2, 6]);
        (a.Values[3], b.Values[3], a.Values[5]) = (0, 0, 0);
        new KernelCheck(new MultiplyOp(), a, b, Draw64.Uniform(3, [2, 1])).Run();
    }

    [Fact]
    public void Rescale_follows_its_definition()
    {
        foreach (
            int[] sizes in (int[][])
                [
                    [2, 3, 3, 3],
                    [4, 3],
                    [1, 1, 1, 3],
                ]
        )
        {
            foreach (
                float[] scale in (float[][])
                    [
                        [2],
                        [1, -2, 0.5f],
                    ]
            )
            {
                foreach (
                    float[] offset in (float[][])
                        [
                            [-.5f],
                            [1, 2, 3],
                            [0],
                        ]
                )
                {
                    new KernelCheck(new RescaleOp(scale, offset), Draw64.Uniform(1, sizes)).Run();
                }
            }
        }
    }

    [Fact]
    public void Means_follow_their_definition() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 5].Array[1, 3], Gen.Int[1, 7], Gen.Bool, Gen.Int[0, 1000])
            .Fixed()
            .Sample(
                (batch, sample, bits, keep, seed) =>
                {
                    int[] axes = [.. Enumerable.Range(1, sample.Length).Where(a => (bits & (1 << (a - 1))) != 0)];
                    if (axes.Length > 0)
                    {
                        new KernelCheck(new MeanOp(axes, keep), Draw64.Uniform(seed, [batch, .. sample])).Run();
                    }
                },
                iter: 80,
                threads: 1
            );
}
