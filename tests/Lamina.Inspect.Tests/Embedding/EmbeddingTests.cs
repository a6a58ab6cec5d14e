namespace Lamina.Inspect.Tests.Embeddings;

/// <summary>Principal components against closed forms, and t-SNE of clusters.</summary>
public sealed class EmbeddingTests
{
    [Fact]
    public void Components_of_a_stretched_cloud_are_its_axes()
    {
        // Four points on the axes (3, 4)/5 and (−4, 3)/5, at ±10 and ±5 around (7, −2).
        var rows = new NDArray([4, 2], new float[] { 7 + 6, -2 + 8, 7 - 6, -2 - 8, 7 - 4, -2 + 3, 7 + 4, -2 - 3 });
        (NDArray projections, IReadOnlyList<double> shares) = Pca.Of(rows, 2);
        Assert.Equal([0.8, 0.2], shares.Select(s => Math.Round(s, 9)));
        // The signs are free.
        float[] expected = [10, 0, 10, 0, 0, 5, 0, 5];
        Assert.All(expected.Zip(projections.Values.ToArray()), p => Assert.Equal(p.First, Math.Abs(p.Second), 1e-4f));
        Assert.Equal(-projections[0, 0], projections[1, 0], 1e-4f);
        Assert.Throws<LaminaException>(() => Pca.Of(rows, 3));
    }

    [Fact]
    public void Distances_are_kept_by_all_components_of_many_numbers()
    {
        NDArray rows = Clusters(12, 40, 3);
        (NDArray projections, IReadOnlyList<double> shares) = Pca.Of(rows, 12);
        Assert.Equal(1, shares.Sum(), 1e-9);
        Assert.Equal(Distance(rows, 0, 5), Distance(projections, 0, 5), 1e-3);
        Assert.Equal(Distance(rows, 2, 11), Distance(projections, 2, 11), 1e-3);
    }

    [Fact]
    public void Clusters_stay_apart_and_the_places_are_the_same_again()
    {
        NDArray rows = Clusters(60, 20, 3);
        var options = new TsneOptions { Perplexity = 8, Steps = 400 };
        int steps = 0;
        NDArray places = Tsne.Of(rows, options, s => steps = s, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(400, steps);
        Assert.Equal(Shape.Of(60, 2), places.Shape);
        for (int i = 0; i < 60; i++)
        {
            int nearest = Enumerable.Range(0, 60).Where(j => j != i).MinBy(j => Distance(places, i, j));
            Assert.Equal(i % 3, nearest % 3);
        }
        Assert.Equal(0, Enumerable.Range(0, 60).Average(i => places[i, 0]), 1e-3);
        Assert.Equal(
            places.Values.ToArray(),
            Tsne.Of(rows, options, cancellation: TestContext.Current.CancellationToken).Values.ToArray()
        );
    }

    [Fact]
    public void Few_equal_or_too_many_vectors_are_placed_or_refused()
    {
        Assert.All(
            Tsne.Of(new NDArray([5, 3]), cancellation: TestContext.Current.CancellationToken).Values.ToArray(),
            v => Assert.True(float.IsFinite(v))
        );
        Assert.Throws<LaminaException>(() =>
            Tsne.Of(new NDArray([3, 3]), cancellation: TestContext.Current.CancellationToken)
        );
        Assert.Throws<LaminaException>(() =>
            Tsne.Of(new NDArray([5001, 1]), cancellation: TestContext.Current.CancellationToken)
        );
        using var canceled = new CancellationTokenSource();
        canceled.Cancel();
        Assert.Throws<OperationCanceledException>(() => Tsne.Of(new NDArray([5, 3]), cancellation: canceled.Token));
    }

    private static NDArray Clusters(int count, int width, int clusters)
    {
        var random = new RandomStream(1, RandomPurpose.User);
        var rows = new NDArray(Shape.Of(count, width));
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < width; k++)
            {
                rows[i, k] = (float)(random.NextNormal() + (k == i % clusters ? 12 : 0));
            }
        }
        return rows;
    }

    private static double Distance(NDArray rows, int a, int b)
    {
        double sum = 0;
        for (int k = 0; k < rows.Shape[1]; k++)
        {
            sum += Math.Pow(rows[a, k] - (double)rows[b, k], 2);
        }
        return Math.Sqrt(sum);
    }
}
