using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

public class LinearKernelTests
{
    private static readonly Gen<(int[] X, int Outputs, bool Bias, int Seed)> s_cases =
        from batch in Gen.Int[1, 9]
        from inner in Gen.Int[1, 4].Array[0, 2]
        from inputs in Gen.Int[1, 40]
        from outputs in Gen.Int[1, 20]
        from bias in Gen.Bool
        from seed in Gen.Int[0, 1000]
        select ((int[])[batch, .. inner, inputs], outputs, bias, seed);

    private static Array64[] Inputs((int[] X, int Outputs, bool Bias, int Seed) c)
    {
        Array64[] inputs = [Draw64.Uniform(c.Seed, c.X), Draw64.Uniform(c.Seed + 1, [c.X[^1], c.Outputs])];
        return c.Bias ? [.. inputs, Draw64.Uniform(c.Seed + 2, [c.Outputs])] : inputs;
    }

    [Fact]
    public void Any_dense_product_follows_its_definition() =>
        s_cases
            .Fixed()
            .Sample(
                c => new KernelCheck(new LinearOp(), Inputs(c)) { Weights = c.Bias ? 2 : 1 }.Run(),
                iter: 60,
                threads: 1
            );

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 300, 130)]
    [InlineData(33, 64, 64)]
    [InlineData(4, 257, 10)]
    public void Larger_and_smallest_products_too(int batch, int inputs, int outputs) =>
        new KernelCheck(new LinearOp(), Inputs(([batch, inputs], outputs, true, 3))) { Weights = 2 }.Run();

    [Fact]
    public void A_fused_relu_is_the_relu_of_the_output() =>
        s_cases
            .Fixed()
            .Sample(
                c =>
                {
                    Array64[] inputs = Inputs(c);
                    var op = new LinearOp();
                    OpNode node = OpLayer.Node(op, [.. inputs.Select(x => x.Sizes)], c.Bias ? 2 : 1, true);
                    Array64 positive = Reference.Forward(op, false, inputs).Map(v => Math.Max(0, v));
                    foreach (Device device in TestDevices.All)
                    {
                        KernelCheck.AssertClose(positive, KernelRun.Infer(device, node, inputs, true), 1e-5, "fused");
                    }
                },
                iter: 40,
                threads: 1
            );
}
