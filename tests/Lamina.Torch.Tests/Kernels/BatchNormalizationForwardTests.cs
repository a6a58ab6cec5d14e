namespace Lamina.Torch.Tests.Kernels;

/// <summary>Our forward of batch normalisation, beside the definition in float64.</summary>
public sealed class BatchNormalizationForwardTests
{
    [Theory]
    [InlineData(1, 3000, 0)]
    [InlineData(96, 1024, 1)]
    [InlineData(101, 5000, 100)]
    [InlineData(48, 2, -3)]
    public void Statistics_are_the_definition_s_however_far_the_mean_is_from_0(int channels, int rows, float mean) =>
        VectorWidths.Run(new Definition(channels, rows, mean));

    private sealed class Definition(int channels, int rows, float mean) : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            using Tensor x = Tensor.Empty([rows, channels]);
            var stream = new RandomStream(1, RandomPurpose.User);
            foreach (ref float value in x.WriteSpan())
            {
                value = mean + (3 * stream.NextSingle());
            }
            var means = new double[channels];
            var variances = new double[channels];
            BatchNormalizationForward<TVector>.Statistics(x, means, variances);
            for (int c = 0; c < channels; c++)
            {
                double[] values = [.. Enumerable.Range(0, rows).Select(r => (double)x.AsSpan()[(r * channels) + c])];
                double expected = values.Average();
                Assert.Equal(expected, means[c], 1e-5);
                double variance = values.Average(v => (v - expected) * (v - expected));
                Assert.Equal(variance, variances[c], 1e-5);
            }
            using Tensor y = Tensor.Empty([rows, channels]);
            using Tensor gamma = Tensor.Zeros([channels]);
            using Tensor beta = Tensor.Zeros([channels]);
            gamma.Fill(2);
            beta.Fill(0.5);
            double[] inverse = [.. variances.Select(v => 1 / Math.Sqrt(v + 1e-3))];
            BatchNormalizationForward<TVector>.Affine(x, y, gamma, beta, means, inverse);
            for (int i = 0; i < rows * channels; i++)
            {
                int c = i % channels;
                double expected = (2 * (x.AsSpan()[i] - means[c]) * inverse[c]) + 0.5;
                Assert.Equal(expected, y.AsSpan()[i], 1e-5 * (1 + (2 * inverse[c] * Math.Abs(means[c]))));
            }
        }
    }
}
