namespace Lamina.Tests;

public class InitializerTests
{
    // E and E of squares of N(0, 1) cut at ±2, from the density: 1 − 2·2·φ(2) / (2Φ(2) − 1).
    private static readonly double s_truncatedVariance =
        1 - (4 * Math.Exp(-2) / Math.Sqrt(2 * Math.PI) / 0.954499736103642);

    /// <summary>Name, kernel (kh, kw, in / groups, filters), variance in closed form, bound of the absolute value.</summary>
    public static TheoryData<string, int[], double, double> VarianceScaling()
    {
        var data = new TheoryData<string, int[], double, double>();
        foreach (
            int[] shape in (int[][])
                [
                    [11, 11, 3, 96],
                    [5, 5, 48, 256],
                    [300, 200],
                    [40_000],
                ]
        )
        {
            // Keras's fans, written out: a kernel's are its receptive field times channels; groups shrink "in" alone.
            (double fanIn, double fanOut) = shape switch
            {
                [int kh, int kw, int channels, int filters] => ((double)kh * kw * channels, (double)kh * kw * filters),
                [int inputs, int outputs] => (inputs, outputs),
                _ => (shape[0], shape[0]),
            };
            double glorot = 2 / (fanIn + fanOut);
            double he = 2 / fanIn;
            double cut = 2 / Math.Sqrt(s_truncatedVariance);
            data.Add("glorot_uniform", shape, glorot, Math.Sqrt(6 / (fanIn + fanOut)));
            data.Add("glorot_normal", shape, glorot, cut * Math.Sqrt(glorot));
            data.Add("he_uniform", shape, he, Math.Sqrt(6 / fanIn));
            data.Add("he_normal", shape, he, cut * Math.Sqrt(he));
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(VarianceScaling))]
    public void Variance_scaling_has_its_closed_form(string name, int[] shape, double variance, double bound) =>
        AssertMoments(Fill(name, Shape.Of(shape)), 0, variance, bound);

    [Theory]
    [InlineData(6, 4)]
    [InlineData(4, 6)]
    [InlineData(3, 3, 2, 20)]
    [InlineData(5, 1)]
    public void Orthogonal_vectors_have_the_length_of_the_gain(params int[] dims)
    {
        Shape shape = Shape.Of(dims);
        float[] values = Fill(new Orthogonal(2), shape);
        int columns = dims[^1];
        int rows = values.Length / columns;
        bool areRows = rows < columns;
        for (int a = 0; a < Math.Min(rows, columns); a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double product = 0;
                for (int j = 0; j < Math.Max(rows, columns); j++)
                {
                    product += areRows
                        ? (double)values[(a * columns) + j] * values[(b * columns) + j]
                        : (double)values[(j * columns) + a] * values[(j * columns) + b];
                }
                Assert.Equal(a == b ? 4 : 0, product, 1e-5);
            }
        }
        Assert.Equal(values, Fill(new Orthogonal(2), shape));
        Assert.Throws<ShapeException>(() => Fill(new Orthogonal(), Shape.Of(3)));
    }

    [Fact]
    public void Identity_has_the_gain_on_its_diagonal()
    {
        Assert.Equal([2, 0, 0, 0, 2, 0], Fill(new IdentityInitializer(2), Shape.Of(2, 3)));
        Assert.Equal([1, 0, 0, 1, 0, 0], Fill("identity", Shape.Of(3, 2)));
        Assert.Contains(
            "two dimensions",
            Assert.Throws<ShapeException>(() => Fill(new IdentityInitializer(), Shape.Of(3, 3, 1, 1))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Plain_distributions_have_their_parameters()
    {
        Shape shape = Shape.Of(200, 250);
        AssertMoments(Fill(new RandomUniform(), shape), 0, .1 * .1 / 12, .05);
        AssertMoments(Fill(new RandomUniform(2, 5), shape), 3.5, 9 / 12.0, 1.5);
        AssertMoments(Fill(new RandomNormal(), shape), 0, .05 * .05, double.PositiveInfinity);
        AssertMoments(Fill(new RandomNormal(1, .01), shape), 1, 1e-4, double.PositiveInfinity);
        AssertMoments(Fill(new TruncatedNormal(), shape), 0, .05 * .05 * s_truncatedVariance, .1);
        AssertMoments(Fill(new TruncatedNormal(-3, 2), shape), -3, 4 * s_truncatedVariance, 4);
    }

    [Fact]
    public void Fan_modes_and_scales_reach_the_variance()
    {
        Shape shape = Shape.Of(400, 100);
        const ScalingDistribution uniform = ScalingDistribution.Uniform;
        AssertMoments(Fill(new VarianceScaling(3, FanMode.FanIn, uniform), shape), 0, 3 / 400.0, Math.Sqrt(9 / 400.0));
        AssertMoments(Fill(new VarianceScaling(3, FanMode.FanOut, uniform), shape), 0, 3 / 100.0, Math.Sqrt(9 / 100.0));
        AssertMoments(Fill(new VarianceScaling(3, FanMode.FanAvg, uniform), shape), 0, 3 / 250.0, Math.Sqrt(9 / 250.0));
    }

    [Fact]
    public void Constants_are_constant()
    {
        Assert.All(Fill("zeros", Shape.Of(50)), v => Assert.Equal(0, v));
        Assert.All(Fill("ones", Shape.Of(50)), v => Assert.Equal(1, v));
        Assert.All(Fill(new Constant(.1), Shape.Of(50)), v => Assert.Equal(.1f, v));
        Assert.All(Fill("constant", Shape.Of(50)), v => Assert.Equal(0, v));
    }

    [Theory]
    [InlineData(new int[] { }, 1, 1)]
    [InlineData(new[] { 7 }, 7, 7)]
    [InlineData(new[] { 7, 9 }, 7, 9)]
    [InlineData(new[] { 3, 4, 7, 9 }, 84, 108)]
    [InlineData(new[] { 5, 5, 48, 256 }, 1200, 6400)] // conv2 of the paper: 96 channels in 2 groups
    [InlineData(new[] { 2, 3, 4, 5, 6 }, 120, 144)]
    public void Fans_are_those_of_Keras(int[] shape, double fanIn, double fanOut) =>
        Assert.Equal((fanIn, fanOut), Initializer.Fans(Shape.Of(shape)));

    [Fact]
    public void An_unknown_name_lists_the_known_ones()
    {
        var error = Assert.Throws<ArgumentException>(() => Lamina.Initializers.FromName("xavier"));
        Assert.Contains("'xavier'", error.Message, StringComparison.Ordinal);
        Assert.Contains("glorot_uniform", error.Message, StringComparison.Ordinal);
    }

    private static float[] Fill(Initializer initializer, Shape shape)
    {
        var values = new float[shape.ElementCount];
        var random = new RandomStream(1, RandomPurpose.Initializer);
        initializer.Fill(values, shape, ref random);
        return values;
    }

    private static void AssertMoments(float[] values, double mean, double variance, double bound)
    {
        double n = values.Length;
        double m = values.Average(v => (double)v);
        double var = values.Average(v => (v - m) * (v - m));
        double deviation = Math.Sqrt(variance);
        Assert.InRange(m, mean - (5 * deviation / Math.Sqrt(n)), mean + (5 * deviation / Math.Sqrt(n)));
        // The relative deviation of a sample variance is at most √(2 / n), that of a normal.
        Assert.InRange(var / variance, 1 - (5 * Math.Sqrt(2 / n)), 1 + (5 * Math.Sqrt(2 / n)));
        double largest = values.Max(v => Math.Abs(v - mean));
        Assert.True(largest <= bound * (1 + 1e-5) + 1e-7, $"{largest} is beyond ±{bound}");
        if (double.IsFinite(bound))
        {
            Assert.True(largest > .97 * bound, $"{largest} stays far from ±{bound}");
        }
    }
}
