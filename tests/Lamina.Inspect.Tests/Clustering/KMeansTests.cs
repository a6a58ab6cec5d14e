namespace Lamina.Inspect.Tests.Clustering;

/// <summary>Groups of vectors: groups that are there are found, and the certainty is that of the distances.</summary>
public sealed class KMeansTests
{
    [Fact]
    public void Separate_groups_are_found_and_their_number_has_the_largest_silhouette()
    {
        NDArray rows = Rows(groups: 4, each: 25, spread: 0.4);
        Clusters four = KMeans.Of(rows, 4, cancellation: Token);
        Assert.Equal(4, four.Labels.Distinct().Count());
        for (int g = 0; g < 4; g++)
        {
            Assert.Single(four.Labels.Skip(g * 25).Take(25).Distinct());
        }
        double[] silhouettes = [.. Enumerable.Range(2, 5).Select(k => KMeans.Silhouette(KMeans.Of(rows, k)))];
        Assert.Equal(2, Array.IndexOf(silhouettes, silhouettes.Max()));
        Assert.Equal(four.Labels, KMeans.Of(rows, 4, cancellation: Token).Labels);
    }

    [Fact]
    public void The_margin_is_one_in_the_middle_and_zero_between_groups()
    {
        var rows = new NDArray(Shape.Of(7, 1), (float[])[-10, -10.001f, -9.999f, 10, 10.001f, 9.999f, 0.01f]);
        Clusters two = KMeans.Of(rows, 2, cancellation: Token);
        Assert.Equal(6, Array.IndexOf([.. two.Margins], two.Margins.Min()));
        Assert.InRange(two.Margins[0], 0.95, 1);
        Assert.InRange(two.Margins[6], 0, 0.5);
        // The sum of squares that Lloyd's iteration minimizes, by its definition.
        double inertia = 0;
        foreach (
            IGrouping<int, float> group in rows
                .Values.ToArray()
                .Zip(two.Labels, (v, l) => (v, l))
                .GroupBy(p => p.l, p => p.v)
        )
        {
            inertia += group.Sum(v => Math.Pow(v - group.Average(), 2));
        }
        Assert.Equal(inertia, two.Inertia, 1e-3);
    }

    [Fact]
    public void Equal_vectors_and_impossible_numbers_of_groups()
    {
        var equal = new NDArray(Shape.Of(5, 2));
        Assert.All(KMeans.Of(equal, 3, cancellation: Token).Margins, m => Assert.Equal(0, m));
        Assert.Throws<LaminaException>(() => KMeans.Of(equal, 6, cancellation: Token));
        Assert.Throws<LaminaException>(() => KMeans.Of(equal, 1, cancellation: Token));
    }

    private static NDArray Rows(int groups, int each, double spread)
    {
        var random = new RandomStream(4, RandomPurpose.User);
        float[] values =
        [
            .. Enumerable
                .Range(0, groups * each)
                .SelectMany(i =>
                    Enumerable
                        .Range(0, 3)
                        .Select(j =>
                            (float)(
                                (j == (i / each) % 3 ? 6 + (6 * (i / each / 3)) : 0) + (spread * random.NextNormal())
                            )
                        )
                ),
        ];
        return new NDArray(Shape.Of(groups * each, 3), values);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
