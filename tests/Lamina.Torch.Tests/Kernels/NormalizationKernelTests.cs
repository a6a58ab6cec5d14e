using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

public class NormalizationKernelTests
{
    private static readonly Gen<int[]> s_sizes =
        // Two rows alone become ±1, whatever they were: their gradient is what rounding leaves of a cancellation.
        from batch in Gen.Int[3, 6]
        from spatial in Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4])
        from channels in Gen.Frequency((3, Gen.Int[1, 5]), (1, Gen.Int[15, 18]))
        from rank in Gen.Int[2, 4]
        select rank switch
        {
            2 => (int[])[batch, channels],
            3 => [batch, spatial.Item1, channels],
            _ => [batch, spatial.Item1, spatial.Item2, channels],
        };

    private static readonly Gen<(BatchNormalizationOp Op, int[] Sizes, int Seed)> s_cases = Gen.Select(
        Gen.OneOf(.99, .9, 0),
        Gen.OneOf(1e-3, 1e-5, .1),
        Gen.Bool,
        Gen.Bool,
        Gen.Bool,
        s_sizes,
        Gen.Int[0, 1000],
        (momentum, epsilon, scale, center, unbiased, sizes, seed) =>
            (new BatchNormalizationOp(momentum, epsilon, scale, center, unbiased), sizes, seed)
    );

    private static KernelCheck Check(BatchNormalizationOp op, int[] sizes, int seed, bool training, bool trainable)
    {
        int[] channels = [sizes[^1]];
        List<Array64> inputs =
        [
            Draw64.Uniform(seed, sizes, -1, 3),
            Draw64.Uniform(seed + 1, channels),
            Draw64.Uniform(seed + 2, channels, .2, 2),
        ];
        if (op.HasScale)
        {
            // A scale may be negative.
            inputs.Add(Draw64.Uniform(seed + 3, channels, -2, 2));
        }
        if (op.HasCenter)
        {
            inputs.Add(Draw64.Uniform(seed + 4, channels));
        }
        return new KernelCheck(op, [.. inputs])
        {
            Weights = inputs.Count - 1,
            Training = training,
            Trainable = trainable,
            GradientFloor = 1e-2,
            HasGradient = i => i is not 1 and not 2,
        };
    }

    [Fact]
    public void In_training_the_batch_normalises_and_moves_the_averages() =>
        s_cases.Fixed().Sample(c => Check(c.Op, c.Sizes, c.Seed, true, true).Run(), iter: 80, threads: 1);

    [Fact]
    public void Two_rows_in_training_with_an_epsilon_that_counts() =>
        Check(new BatchNormalizationOp(.9, .5, true, true, true), [2, 5], 1, true, true).Run();

    [Fact]
    public void In_inference_the_stored_averages_normalise_and_stay() =>
        s_cases.Fixed().Sample(c => Check(c.Op, c.Sizes, c.Seed, false, true).Run(), iter: 40, threads: 1);

    [Fact]
    public void Frozen_the_stored_averages_normalise_and_stay_in_training_too() =>
        s_cases.Fixed().Sample(c => Check(c.Op, c.Sizes, c.Seed, true, false).Run(), iter: 40, threads: 1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_value_a_channel_is_normalised_to_beta_and_the_averages_stay_finite(bool unbiased)
    {
        var op = new BatchNormalizationOp(.9, 1e-3, true, true, unbiased);
        Array64[] inputs =
        [
            Draw64.Uniform(1, [1, 1, 1, 3]),
            .. Enumerable.Range(0, 4).Select(i => Draw64.Uniform(i, [3], .5, 1)),
        ];
        OpNode node = OpLayer.Node(op, [.. inputs.Select(x => x.Sizes)], 4, true);
        foreach (Device device in TestDevices.All)
        {
            KernelRun run = KernelRun.Of(device, node, inputs, true, [true, false, false, true, true], false);
            KernelCheck.AssertClose(new Array64([1, 1, 1, 3], inputs[4].Values), run.Output, 1e-6, "output");
            Assert.All(run.InputsAfter.SelectMany(x => x.Values), v => Assert.True(double.IsFinite(v)));
            Assert.All(run.Gradients[0]!.Values, v => Assert.Equal(0, v, 1e-5));
        }
    }

    [Fact]
    public void A_channel_far_from_zero_keeps_its_digits()
    {
        // Σx² − (Σx)² / n would lose them all.
        var op = new BatchNormalizationOp(.99, 1e-3, false, false, true);
        Array64 x = Draw64.Uniform(4, [16, 4, 4, 2]).Map(v => (float)(v + 1000));
        Array64[] inputs = [x, new Array64(2), new Array64([2], [1, 1])];
        OpNode node = OpLayer.Node(op, [.. inputs.Select(i => i.Sizes)], 2, true);
        foreach (Device device in TestDevices.All)
        {
            KernelRun run = KernelRun.Of(device, node, inputs, true, [true, false, false], false);
            KernelCheck.AssertClose(Reference.Forward(op, true, inputs), run.Output, 1e-3, "output");
        }
    }

    [Fact]
    public void Normalisation_across_channels_follows_its_definition() =>
        Gen.Select(
                Gen.Int[1, 3],
                Gen.Int[1, 4],
                Gen.Int[1, 20],
                Gen.OneOf(1, 3, 5, 9),
                Gen.OneOf(1e-4, .3, 1.0),
                Gen.OneOf(.75, .5, 1.0, .6),
                Gen.OneOf(1.0, 2.0),
                Gen.Int[0, 1000]
            )
            .Fixed()
            .Sample(
                (batch, side, channels, size, alpha, beta, k, seed) =>
                    new KernelCheck(
                        new LocalResponseNormalizationOp(size, alpha, beta, k),
                        Draw64.Uniform(seed, [batch, side, side, channels], -3, 3)
                    ).Run(),
                iter: 80,
                threads: 1
            );

    [Fact]
    public void The_papers_normalisation_follows_its_definition() =>
        new KernelCheck(
            new LocalResponseNormalizationOp(5, 1e-4, .75, 2),
            Draw64.Uniform(1, [2, 3, 3, 96], -40, 40)
        ).Run();
}
