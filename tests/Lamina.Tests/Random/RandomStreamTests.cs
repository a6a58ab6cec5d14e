namespace Lamina.Tests;

// Streams are functions of their names, so every bound here holds for good or fails for good: a bound is set at five
// standard deviations or more of what a fair generator would show.
public class RandomStreamTests
{
    private const int Draws = 200_000;

    [Fact]
    public void Streams_differ_by_seed_purpose_step_and_index()
    {
        var seen = new HashSet<(uint, uint)>();
        int streams = 0;
        foreach (long seed in (long[])[0, 1, -1, long.MaxValue, 1L << 32])
        {
            foreach (RandomPurpose purpose in Enum.GetValues<RandomPurpose>())
            {
                for (int step = 0; step < 12; step++)
                {
                    for (int index = 0; index < 12; index++)
                    {
                        var stream = new RandomStream(seed, purpose, step, index);
                        seen.Add((stream.NextUInt32(), stream.NextUInt32()));
                        streams++;
                    }
                }
            }
        }
        // Two of 64 random bits meet with a chance of 5·10⁻¹³ among 4,320.
        Assert.Equal(streams, seen.Count);
    }

    [Fact]
    public void Neighbouring_streams_are_uncorrelated()
    {
        (RandomStream A, RandomStream B)[] pairs =
        [
            (new(7, RandomPurpose.User, 0, 0), new(7, RandomPurpose.User, 0, 1)),
            (new(7, RandomPurpose.User, 0, 0), new(7, RandomPurpose.User, 1, 0)),
            (new(7, RandomPurpose.User, 0, 0), new(7, RandomPurpose.Dropout, 0, 0)),
            (new(7, RandomPurpose.User, 0, 0), new(8, RandomPurpose.User, 0, 0)),
            (new(7, RandomPurpose.User, 0, 1), new(7, RandomPurpose.User, 1, 0)),
        ];
        foreach ((RandomStream a, RandomStream b) in pairs)
        {
            (RandomStream x, RandomStream y) = (a, b);
            double sum = 0;
            for (int i = 0; i < Draws; i++)
            {
                sum += (x.NextDouble() - .5) * (y.NextDouble() - .5);
            }
            // Correlation = mean product / variance (1/12); its deviation is 1/√n.
            Assert.InRange(sum / Draws * 12, -5 / Math.Sqrt(Draws), 5 / Math.Sqrt(Draws));
        }
    }

    [Fact]
    public void Singles_and_doubles_are_uniform_below_one()
    {
        var stream = new RandomStream(11, RandomPurpose.User);
        AssertUniform(() => stream.NextSingle());
        AssertUniform(() => stream.NextDouble());

        static void AssertUniform(Func<double> draw)
        {
            var bins = new int[64];
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < Draws; i++)
            {
                double u = draw();
                Assert.True(u is >= 0 and < 1);
                bins[(int)(u * bins.Length)]++;
                sum += u;
                squares += u * u;
            }
            Assert.InRange(sum / Draws, .5 - (5 * Math.Sqrt(1 / 12.0 / Draws)), .5 + (5 * Math.Sqrt(1 / 12.0 / Draws)));
            Assert.InRange(squares / Draws, (1 / 3.0) - .0034, (1 / 3.0) + .0034);
            AssertChiSquared(bins, Draws);
        }
    }

    [Fact]
    public void Singles_are_multiples_of_two_to_the_minus_24()
    {
        var stream = new RandomStream(2, RandomPurpose.User);
        for (int i = 0; i < 10_000; i++)
        {
            double scaled = stream.NextSingle() * (double)(1 << 24);
            Assert.Equal(Math.Floor(scaled), scaled);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(100)]
    public void Integers_are_equally_likely(int bound)
    {
        var stream = new RandomStream(3, RandomPurpose.User);
        var bins = new int[bound];
        for (int i = 0; i < Draws; i++)
        {
            bins[stream.NextInt32(bound)]++;
        }
        AssertChiSquared(bins, Draws);
    }

    [Fact]
    public void Integers_below_a_bound_that_divides_badly_are_unbiased()
    {
        // With 3·2³⁰ a plain remainder or product would make a third of the values twice as likely.
        var stream = new RandomStream(4, RandomPurpose.User);
        const int bound = int.MaxValue / 4 * 3;
        var bins = new int[3];
        for (int i = 0; i < Draws; i++)
        {
            bins[(int)(stream.NextInt32(bound) / (bound / 3.0))]++;
        }
        AssertChiSquared(bins, Draws);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomStream(0, RandomPurpose.User).NextInt32(0));
    }

    [Fact]
    public void Normals_have_the_moments_and_the_tails_of_a_normal()
    {
        var stream = new RandomStream(5, RandomPurpose.User);
        var moments = new double[5];
        int within1 = 0;
        int within2 = 0;
        for (int i = 0; i < Draws; i++)
        {
            double z = stream.NextNormal();
            Assert.True(double.IsFinite(z));
            for (int power = 1; power <= 4; power++)
            {
                moments[power] += Math.Pow(z, power) / Draws;
            }
            within1 += Math.Abs(z) < 1 ? 1 : 0;
            within2 += Math.Abs(z) < 2 ? 1 : 0;
        }
        // Var(zᵏ) = E z²ᵏ − (E zᵏ)²: 1, 2, 15, 96.
        double sigma = 5 / Math.Sqrt(Draws);
        Assert.InRange(moments[1], -sigma, sigma);
        Assert.InRange(moments[2], 1 - (Math.Sqrt(2) * sigma), 1 + (Math.Sqrt(2) * sigma));
        Assert.InRange(moments[3], -Math.Sqrt(15) * sigma, Math.Sqrt(15) * sigma);
        Assert.InRange(moments[4], 3 - (Math.Sqrt(96) * sigma), 3 + (Math.Sqrt(96) * sigma));
        Assert.Equal(.682689, within1 / (double)Draws, .0053);
        Assert.Equal(.954500, within2 / (double)Draws, .0024);
    }

    [Fact]
    public void Shuffle_is_a_permutation_and_each_is_equally_likely()
    {
        var counts = new Dictionary<string, int>();
        for (int epoch = 0; epoch < 24_000; epoch++)
        {
            char[] items = ['a', 'b', 'c', 'd'];
            new RandomStream(6, RandomPurpose.Shuffle, epoch).Shuffle(items.AsSpan());
            string order = new(items);
            Assert.Equal("abcd", string.Concat(order.Order()));
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(24, counts.Count);
        AssertChiSquared([.. counts.Values], 24_000);
    }

    [Fact]
    public void Shuffle_of_many_keeps_every_item()
    {
        int[] items = [.. Enumerable.Range(0, 5_000)];
        new RandomStream(6, RandomPurpose.Shuffle).Shuffle(items.AsSpan());
        Assert.NotEqual(Enumerable.Range(0, 5_000), items);
        Assert.Equal(Enumerable.Range(0, 5_000), items.Order());
    }

    // The statistic has mean k and variance 2k for k degrees of freedom.
    private static void AssertChiSquared(int[] bins, int draws)
    {
        double expected = draws / (double)bins.Length;
        double chi = bins.Sum(b => (b - expected) * (b - expected) / expected);
        int freedom = bins.Length - 1;
        Assert.True(chi <= freedom + (6 * Math.Sqrt(2.0 * freedom)), $"χ² is {chi} for {freedom} degrees of freedom");
    }
}
