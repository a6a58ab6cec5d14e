using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

public class PoolKernelTests
{
    private static readonly Gen<(int[] X, Size2 Window, Size2 Strides, Pads2 Pads, int Seed)> s_cases =
        from batch in Gen.Int[1, 3]
        from height in Gen.Int[1, 9]
        from width in Gen.Int[1, 9]
        from channels in Gen.Frequency((3, Gen.Int[1, 5]), (1, Gen.Int[15, 18]))
        from window in Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4])
        from strides in Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4])
        from kind in Gen.Int[0, 2]
        from sides in Gen.Int[0, 3].Array[4]
        from seed in Gen.Int[0, 1000]
        let pads = kind switch
        {
            0 => Pads2.None,
            1 => Pads2.Same(height, width, window, strides, Size2.One),
            _ => new Pads2(
                sides[0] % window.Item1,
                sides[1] % window.Item1,
                sides[2] % window.Item2,
                sides[3] % window.Item2
            ),
        }
        where height + pads.Top + pads.Bottom >= window.Item1
        where width + pads.Left + pads.Right >= window.Item2
        // An image shorter than its padding could leave a window on padding alone, which has no maximum and no mean.
        where HasPixels(height, window.Item1, strides.Item1, pads.Top, pads.Bottom)
        where HasPixels(width, window.Item2, strides.Item2, pads.Left, pads.Right)
        select ((int[])[batch, height, width, channels], (Size2)window, (Size2)strides, pads, seed);

    private static bool HasPixels(int n, int window, int stride, int before, int after)
    {
        for (int start = -before; start + window <= n + after; start += stride)
        {
            if (start + window <= 0 || start >= n)
            {
                return false;
            }
        }
        return true;
    }

    [Fact]
    public void Any_maximum_follows_its_definition() =>
        s_cases
            .Fixed()
            .Sample(
                c => new KernelCheck(new MaxPoolOp(c.Window, c.Strides, c.Pads), Draw64.Distinct(c.Seed, c.X)).Run(),
                iter: 100,
                threads: 1
            );

    [Fact]
    public void Any_mean_follows_its_definition() =>
        s_cases
            .Fixed()
            .Sample(
                c => new KernelCheck(new AveragePoolOp(c.Window, c.Strides, c.Pads), Draw64.Uniform(c.Seed, c.X)).Run(),
                iter: 100,
                threads: 1
            );

    [Fact]
    public void Any_adaptive_mean_follows_its_definition() =>
        Gen.Select(Gen.Int[1, 9].Array[4], Gen.Int[1, 7], Gen.Int[1, 7], Gen.Int[0, 1000])
            .Fixed()
            .Sample(
                (x, rows, columns, seed) =>
                    new KernelCheck(new AdaptiveAveragePoolOp((rows, columns)), Draw64.Uniform(seed, x)).Run(),
                iter: 100,
                threads: 1
            );

    [Fact]
    public void An_adaptive_mean_to_the_same_size_changes_nothing()
    {
        Array64 x = Draw64.Uniform(1, [2, 6, 6, 16]);
        OpNode node = OpLayer.Node(new AdaptiveAveragePoolOp(6), [x.Sizes], 0, true);
        foreach (Device device in TestDevices.All)
        {
            Assert.Equal(x.Values, KernelRun.Infer(device, node, [x], false).Values);
        }
    }

    [Fact]
    public void The_pools_of_the_family_follow_their_definition()
    {
        foreach (int n in (int[])[13, 6, 7, 3])
        {
            new KernelCheck(new MaxPoolOp(3, 2, Pads2.None), Draw64.Distinct(1, [2, n, n, 16])).Run();
            new KernelCheck(new AveragePoolOp(3, 2, Pads2.None), Draw64.Uniform(1, [2, n, n, 16])).Run();
        }
    }

    [Fact]
    public void Of_equal_maxima_one_takes_the_whole_gradient()
    {
        var op = new MaxPoolOp(2, 2, Pads2.None);
        var x = new Array64([1, 4, 4, 3], [.. Enumerable.Repeat(.5, 48)]);
        foreach (Device device in TestDevices.All)
        {
            KernelRun run = KernelRun.Of(device, OpLayer.Node(op, [x.Sizes], 0, true), [x], true, [true], false);
            Array64 gradient = run.Gradients[0]!;
            Assert.Equal(12, gradient.Values.Count(g => g != 0));
            foreach (int[] at in run.Cotangent.Indices())
            {
                double sum = WindowReference
                    .Pixels(x, at[1], at[2], 2, 2, Pads2.None)
                    .Sum(p => gradient[at[0], p.Row, p.Column, at[3]]);
                Assert.Equal(run.Cotangent[at], sum);
            }
        }
    }

    [Fact]
    public void Padding_never_is_the_maximum_even_of_very_negative_values()
    {
        var op = new MaxPoolOp(3, 2, new Pads2(1, 1, 1, 1));
        Array64 x = Draw64.Distinct(3, [1, 5, 5, 2]).Map(v => (float)(v - 1e30));
        OpNode node = OpLayer.Node(op, [x.Sizes], 0, true);
        foreach (Device device in TestDevices.All)
        {
            Assert.All(KernelRun.Infer(device, node, [x], false).Values, v => Assert.Equal((double)-1e30f, v));
        }
    }
}
