using Lamina.Torch;
using Lamina.Torch.Tests;
using static Lamina.Layers;

namespace Lamina.Tests.Smoke;

public class FusedReluTests
{
    private static readonly StepContext s_inference = new(false, 0, 0);

    [Theory]
    [InlineData(1, 0, 0, 1)]
    [InlineData(2, 1, 1, 2)]
    [InlineData(4, 3, 4, 1)]
    public void A_fused_convolution_is_the_convolution_and_then_the_ReLU(int stride, int before, int after, int groups)
    {
        OpNode node = Ops.Convolution(
            Input(Shape.Of(19, 19, 6), 2),
            Input(Shape.Of(5, 6 / groups, 8), 5),
            Input(Shape.Of(), 8),
            stride,
            new Pads2(before, after, before, after),
            1,
            groups
        ).Producer;
        AssertFused(node, Random(2, 19, 19, 6), Random(8, 5, 5, 6 / groups), Random(8));
    }

    [Fact]
    public void A_fused_linear_op_is_the_linear_op_and_then_the_ReLU()
    {
        OpNode node = Ops.Linear(Input(Shape.Of(40), 5), Input(Shape.Of(30), 40), Input(Shape.Of(), 30)).Producer;
        AssertFused(node, Random(5, 40), Random(40, 30), Random(30));
    }

    [Fact]
    public void Nothing_else_is_fused()
    {
        OpNode node = Ops.Softmax(Input(4)).Producer;
        foreach (Device device in TestDevices.All)
        {
            KernelFactory kernels = Backends.For(device);
            Assert.Throws<ArgumentException>(() =>
                kernels.Create(node, new KernelRequest { Epilogue = Epilogue.Relu })
            );
        }
    }

    private static Tensor Random(params long[] sizes)
    {
        Tensor result = Tensor.Empty(sizes);
        var random = new RandomStream(sizes.Length, RandomPurpose.User);
        foreach (ref float value in result.WriteSpan())
        {
            value = random.NextSingle() - 0.5f;
        }
        return result;
    }

    private static void AssertFused(OpNode node, params Tensor[] inputs)
    {
        foreach (Device device in TestDevices.All)
        {
            AssertFused(Backends.For(device), node, inputs);
        }
        Array.ForEach(inputs, i => i.Dispose());
    }

    private static void AssertFused(KernelFactory kernels, OpNode node, Tensor[] inputs)
    {
        using Tensor plain = kernels.Create(node).Forward(s_inference, inputs, false);
        using Tensor fused = kernels
            .Create(node, new KernelRequest { Epilogue = Epilogue.Relu })
            .Forward(s_inference, inputs, false);
        using Tensor expected = Aten.Unary("aten::relu"u8, plain);
        Assert.True(fused.IsContiguous);
        Assert.Equal(expected.Sizes.ToArray(), fused.Sizes.ToArray());
        float[] values = fused.AsSpan().ToArray();
        Assert.Contains(0, values);
        Assert.All(expected.AsSpan().ToArray().Zip(values), p => Assert.Equal(p.First, p.Second, 1e-5f));
    }
}
