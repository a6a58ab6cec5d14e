namespace Lamina.Torch.Tests.Kernels;

/// <summary>The dense product from panels of the kernel, beside float64 sums.</summary>
public sealed class PanelProductTests
{
    [Theory]
    [InlineData(1, 5, 256, true, false)]
    [InlineData(16, 96, 256, false, true)]
    [InlineData(33, 193, 512, true, true)]
    [InlineData(101, 100, 256, true, false)]
    public void Each_output_is_its_definition(int rows, int inputs, int outputs, bool biased, bool relu) =>
        VectorWidths.Run(new Sums(rows, inputs, outputs, biased, relu));

    [Fact]
    public void Other_sizes_are_left_to_oneDNN()
    {
        Assert.True(PanelProduct<Floats256>.Fits(1024));
        Assert.False(PanelProduct<Floats256>.Fits(1000));
        Assert.False(PanelProduct<Floats256>.Fits(128));
    }

    private sealed class Sums(int rows, int inputs, int outputs, bool biased, bool relu) : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            using Tensor x = Draw(1, rows, inputs);
            using Tensor weight = Draw(2, inputs, outputs);
            using Tensor bias = Draw(3, 1, outputs);
            using Tensor y = PanelProduct<TVector>.Run(x, weight, biased ? bias : null, relu);
            Assert.Equal([rows, outputs], y.Sizes.ToArray());
            for (int r = 0; r < rows; r++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    double expected = biased ? bias.AsSpan()[o] : 0;
                    for (int i = 0; i < inputs; i++)
                    {
                        expected += (double)x.AsSpan()[(r * inputs) + i] * weight.AsSpan()[(i * outputs) + o];
                    }
                    Assert.Equal(relu ? Math.Max(0, expected) : expected, y.AsSpan()[(r * outputs) + o], 2e-5);
                }
            }
        }
    }

    private static Tensor Draw(int seed, int rows, int columns)
    {
        Tensor result = Tensor.Empty([rows, columns]);
        var stream = new RandomStream(seed, RandomPurpose.User);
        foreach (ref float value in result.WriteSpan())
        {
            value = (2 * stream.NextSingle()) - 1;
        }
        return result;
    }
}
