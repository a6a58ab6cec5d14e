using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

public class ActivationKernelTests
{
    public static TheoryData<ActivationKind, double> Kinds()
    {
        var data = new TheoryData<ActivationKind, double>();
        foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
        {
            double[] alphas = kind switch
            {
                ActivationKind.LeakyRelu => [.2, .01, 0],
                ActivationKind.Elu => [1, .3],
                _ => [0],
            };
            foreach (double alpha in alphas)
            {
                data.Add(kind, alpha);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_activation_follows_its_definition(ActivationKind kind, double alpha)
    {
        double[] kinks = ActivationReference.Kinks(kind);
        var op = new ActivationOp(kind, alpha);
        foreach (
            int[] sizes in (int[][])
                [
                    [2, 3, 3, 5],
                    [3, 37],
                    [1, 1, 1, 1],
                    [5, 200],
                    [2, 3, 7],
                ]
        )
        {
            foreach (double reach in (double[])[.5, 4, 9])
            {
                new KernelCheck(op, Draw64.Uniform(1, sizes, -reach, reach, kinks)).Run();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Far_from_zero_values_stay_finite_and_right(ActivationKind kind, double alpha)
    {
        if (kind == ActivationKind.Exponential)
        {
            return; // e⁸⁸ is the last that float32 holds.
        }
        var op = new ActivationOp(kind, alpha);
        var x = new Array64([1, 6], [-1000, -100, -30, 30, 100, 1000]);
        foreach (Device device in TestDevices.All)
        {
            KernelRun run = KernelRun.Of(device, OpLayer.Node(op, [x.Sizes], 0, true), [x], true, [true], false);
            for (int i = 0; i < 6; i++)
            {
                // Gelu's series does not reach that far; its limits are 0 and x.
                double expected =
                    kind == ActivationKind.Gelu
                        ? Math.Max(0, x.Values[i])
                        : ActivationReference.Value(kind, alpha, x.Values[i]);
                Assert.Equal(expected, run.Output.Values[i], 1e-6 * Math.Max(1, Math.Abs(expected)));
                Assert.True(double.IsFinite(run.Gradients[0]!.Values[i]));
            }
        }
    }

    [Fact]
    public void The_slope_of_relu_at_zero_is_zero()
    {
        var x = new Array64([1, 4], [0, -0.0, 1, -1]);
        var op = new ActivationOp(ActivationKind.Relu);
        foreach (Device device in TestDevices.All)
        {
            KernelRun run = KernelRun.Of(device, OpLayer.Node(op, [x.Sizes], 0, true), [x], true, [true], false);
            Assert.Equal([0, 0, run.Cotangent.Values[2], 0], run.Gradients[0]!.Values);
        }
    }

    [Fact]
    public void Softmax_follows_its_definition() =>
        Gen.Select(Gen.Int[1, 5].Array[1, 3], Gen.Int[1, 40], Gen.Int[0, 1000])
            .Fixed()
            .Sample(
                (outer, classes, seed) =>
                    new KernelCheck(new SoftmaxOp(), Draw64.Uniform(seed, [.. outer, classes], -5, 5)).Run(),
                iter: 40,
                threads: 1
            );

    [Fact]
    public void Softmax_of_large_logits_does_not_overflow()
    {
        var x = new Array64([2, 3], [1000, 1000, -1000, -2000, -2000, -2000]);
        foreach (Device device in TestDevices.All)
        {
            Array64 y = KernelRun.Infer(device, OpLayer.Node(new SoftmaxOp(), [x.Sizes], 0, true), [x], false);
            double third = 1 / 3.0;
            double[] expected = [.5, .5, 0, third, third, third];
            Assert.All(expected.Zip(y.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        }
    }
}
