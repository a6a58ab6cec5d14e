namespace Lamina.Torch.Tests.Kernels;

/// <summary>Our gradient of a dense layer's kernel, beside float64 sums.</summary>
public sealed class OuterProductsTests
{
    [Theory]
    [InlineData(1, 4, 16)]
    [InlineData(3, 100, 48)]
    [InlineData(33, 196, 80)]
    public void Each_element_is_the_sum_over_the_samples(int samples, int inputs, int outputs) =>
        VectorWidths.Run(new Sums(samples, inputs, outputs));

    [Fact]
    public void Other_sizes_are_left_to_libtorch()
    {
        Assert.False(OuterProducts<Floats512>.Fits(6, 16));
        Assert.False(OuterProducts<Floats512>.Fits(8, 8));
        Assert.True(OuterProducts<Floats512>.Fits(8, 16));
        Assert.False(OuterProducts<Floats256>.Fits(8, 4));
        Assert.True(OuterProducts<Floats256>.Fits(8, 8));
        Assert.False(OuterProducts<Floats128>.Fits(8, 2));
        Assert.True(OuterProducts<Floats128>.Fits(8, 4));
    }

    private sealed class Sums(int samples, int inputs, int outputs) : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            using Tensor x = Draw(1, samples, inputs);
            using Tensor gradient = Draw(2, samples, outputs);
            Assert.True(OuterProducts<TVector>.Fits((int)x.Sizes[1], (int)gradient.Sizes[1]));
            using Tensor result = OuterProducts<TVector>.Sum(x, gradient);
            Assert.Equal([inputs, outputs], result.Sizes.ToArray());
            for (int i = 0; i < inputs; i++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    double expected = 0;
                    for (int n = 0; n < samples; n++)
                    {
                        expected += (double)x.AsSpan()[(n * inputs) + i] * gradient.AsSpan()[(n * outputs) + o];
                    }
                    Assert.Equal(expected, result.AsSpan()[(i * outputs) + o], 1e-5);
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
