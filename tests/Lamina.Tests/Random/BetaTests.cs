namespace Lamina.Tests;

/// <summary>Beta draws against distributions whose cumulative function is known in closed form.</summary>
public class BetaTests
{
    private const int Draws = 100_000;

    public static TheoryData<double, double, Func<double, double>> Closed =>
        new()
        {
            { 1, 1, x => x },
            { 0.5, 0.5, x => 2 / Math.PI * Math.Asin(Math.Sqrt(x)) },
            { 2, 2, x => x * x * (3 - (2 * x)) },
            { 0.2, 1, x => Math.Pow(x, 0.2) },
            { 5, 1, x => Math.Pow(x, 5) },
            { 1, 0.3, x => 1 - Math.Pow(1 - x, 0.3) },
        };

    [Theory]
    [MemberData(nameof(Closed))]
    public void Draws_follow_the_distribution(double alpha, double beta, Func<double, double> distribution)
    {
        double[] draws = [.. Many(alpha, beta).Order()];
        double distance = 0;
        for (int i = 0; i < draws.Length; i++)
        {
            double expected = distribution(draws[i]);
            distance = Math.Max(distance, Math.Abs(expected - (i / (double)Draws)));
            distance = Math.Max(distance, Math.Abs(((i + 1) / (double)Draws) - expected));
        }
        // Kolmogorov and Smirnov: a true sample goes beyond 2.5 / √n once in 130,000.
        Assert.True(distance < 2.5 / Math.Sqrt(Draws), $"distance {distance}");
    }

    [Theory]
    [InlineData(0.1, 0.1)]
    [InlineData(0.2, 0.2)]
    [InlineData(0.4, 1.7)]
    [InlineData(30, 8)]
    public void Mean_and_variance_are_those_of_the_distribution(double alpha, double beta)
    {
        double[] draws = Many(alpha, beta);
        double sum = alpha + beta;
        double mean = alpha / sum;
        double variance = alpha * beta / (sum * sum * (sum + 1));
        Assert.Equal(mean, draws.Average(), 5 * Math.Sqrt(variance / Draws));
        // The variance of (x − mean)² is at most its mean, as |x − mean| ≤ 1.
        Assert.Equal(variance, draws.Average(x => (x - mean) * (x - mean)), 5 * Math.Sqrt(variance / Draws));
    }

    [Fact]
    public void Tiny_parameters_give_zeros_and_ones_and_never_nan()
    {
        double[] draws = Many(1e-6, 1e-6);
        Assert.All(draws, x => Assert.True(x is >= 0 and <= 1));
        Assert.Equal(0.5, draws.Average(), 5 * 0.5 / Math.Sqrt(Draws));
        Assert.True(draws.Count(x => x is < 1e-6 or > 1 - 1e-6) > 0.999 * Draws);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, -1)]
    [InlineData(double.NaN, 1)]
    [InlineData(1, double.PositiveInfinity)]
    public void Parameters_out_of_range_are_refused(double alpha, double beta) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomStream(0, RandomPurpose.User).NextBeta(alpha, beta));

    private static double[] Many(double alpha, double beta)
    {
        var stream = new RandomStream(17, RandomPurpose.User);
        var draws = new double[Draws];
        foreach (ref double draw in draws.AsSpan())
        {
            draw = stream.NextBeta(alpha, beta);
        }
        return draws;
    }
}
