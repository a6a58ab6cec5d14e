using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

public class DropoutKernelTests
{
    [Theory]
    [InlineData(.5)]
    [InlineData(.1)]
    [InlineData(.9)]
    public void The_mask_that_forward_draws_is_the_one_that_backward_applies(double rate)
    {
        foreach (
            int[] sizes in (int[][])
                [
                    [3, 37],
                    [2, 3, 3, 5],
                    [1, 1],
                    [4, 1000],
                ]
        )
        {
            new KernelCheck(new DropoutOp(rate, null), Draw64.Uniform(1, sizes, -2, 2, 0))
            {
                // No input is zero, so a zero was dropped.
                Recovered = y => y.Map(v => v == 0 ? 0 : 1),
            }.Run();
        }
    }

    [Fact]
    public void In_inference_and_at_rate_zero_it_is_the_identity()
    {
        Array64 x = Draw64.Uniform(1, [3, 37], -2, 2);
        var all = new Array64(x.Sizes, [.. Enumerable.Repeat(1.0, x.Values.Length)]);
        new KernelCheck(new DropoutOp(0, null), x) { Recovered = _ => all }.Run();
        foreach (Device device in TestDevices.All)
        {
            Array64 y = KernelRun.Infer(device, OpLayer.Node(new DropoutOp(.5, null), [x.Sizes], 0, true), [x], false);
            Assert.Equal(x.Values, y.Values);
        }
    }

    [Fact]
    public void The_share_that_is_dropped_is_the_rate_and_differs_by_step_seed_and_place()
    {
        using Tensor x = Tensor.Empty([100, 1000]);
        x.Fill(1);
        OpNode node = OpLayer.Node(
            new DropoutOp(.3, null),
            [
                [100, 1000],
            ],
            0,
            true
        );
        OpNode seeded = OpLayer.Node(
            new DropoutOp(.3, 77),
            [
                [100, 1000],
            ],
            0,
            true
        );
        var masks = new List<string>();
        foreach ((OpNode at, int index, long seed, long step) in Runs())
        {
            using Tensor y = CpuKernels
                .Instance.Create(at, new KernelRequest { Index = index })
                .Forward(new StepContext(true, seed, step), [x], false);
            float[] values = y.AsSpan().ToArray();
            // 100,000 draws: a deviation is √(0.3 · 0.7 / 100,000) = 0.00145.
            Assert.InRange(values.Count(v => v == 0) / 100_000.0, .3 - .0073, .3 + .0073);
            using Tensor portable = DispatcherKernels
                .Instance.Create(at, new KernelRequest { Index = index })
                .Forward(new StepContext(true, seed, step), [x], false);
            Assert.Equal(values, portable.AsSpan().ToArray());
            masks.Add(string.Concat(values.Take(200).Select(v => v == 0 ? '0' : '1')));
        }
        Assert.Equal(4, masks[..4].Distinct().Count());
        // A seed of its own replaces the run's.
        Assert.Equal(masks[4], masks[5]);
        Assert.NotEqual(masks[0], masks[4]);

        IEnumerable<(OpNode Node, int Index, long Seed, long Step)> Runs() =>
            [(node, 0, 1, 0), (node, 1, 1, 0), (node, 0, 2, 0), (node, 0, 1, 1), (seeded, 0, 1, 0), (seeded, 0, 2, 0)];
    }
}
