namespace Lamina.Inspect.Tests.Neighbors;

/// <summary>Nearest vectors against a comparison of all pairs in float64.</summary>
public sealed class NearestSearchTests
{
    [Theory]
    [InlineData(1, 3, 5)]
    [InlineData(7, 37, 600)]
    [InlineData(4, 64, 257)]
    public void The_nearest_are_those_of_all_pairs(int queries, int width, int references)
    {
        NDArray asked = Random(queries, width, 1);
        NDArray known = Random(references, width, 2);
        var search = new NearestSearch(asked, 4);
        // In two parts, with indices of their own.
        int half = references / 2;
        search.Add(known.Samples(0, half), [.. Enumerable.Range(1000, half)]);
        search.Add(known.Samples(half, references - half), [.. Enumerable.Range(1000 + half, references - half)]);
        for (int q = 0; q < queries; q++)
        {
            (int Index, double Distance)[] expected =
            [
                .. Enumerable
                    .Range(0, references)
                    .Select(r => (Index: 1000 + r, Distance: Distance(asked, q, known, r)))
                    .OrderBy(p => p.Distance)
                    .Take(4),
            ];
            Assert.Equal(expected.Select(e => e.Index), search.Results[q].Select(n => n.Index));
            Assert.All(expected.Zip(search.Results[q]), p => Assert.Equal(p.First.Distance, p.Second.Distance, 1e-12));
        }
    }

    [Fact]
    public void Far_from_the_origin_small_distances_stay_exact()
    {
        // In float32, |a|² + |b|² − 2ab of these vectors is off by more than their distances.
        float[] rows = [.. Enumerable.Range(0, 50).SelectMany(i => new[] { 5000f + (i / 1024f), 5000f, 5000f })];
        var search = new NearestSearch(new NDArray([1, 3], new[] { 5000f + (20 / 1024f), 5000f, 5000f }), 3);
        search.Add(new NDArray([50, 3], rows), [.. Enumerable.Range(0, 50)]);
        Assert.Equal([20, 19, 21], search.Results[0].Select(n => n.Index));
        Assert.Equal([0, 1 / 1024.0, 1 / 1024.0], search.Results[0].Select(n => n.Distance));
    }

    [Fact]
    public void Shapes_are_checked_and_fewer_references_give_fewer_neighbors()
    {
        var search = new NearestSearch(Random(2, 8, 1), 5);
        search.Add(Random(3, 8, 2), [0, 1, 2]);
        Assert.All(search.Results, r => Assert.Equal(3, r.Count));
        Assert.Throws<ShapeException>(() => search.Add(Random(3, 7, 2), [0, 1, 2]));
        Assert.Throws<ShapeException>(() => search.Add(Random(3, 8, 2), [0, 1]));
    }

    private static double Distance(NDArray a, int i, NDArray b, int j)
    {
        int width = a.Shape[1]!.Value;
        double sum = 0;
        for (int k = 0; k < width; k++)
        {
            sum += Math.Pow((double)a[i, k] - b[j, k], 2);
        }
        return Math.Sqrt(sum);
    }

    private static NDArray Random(int rows, int width, long seed)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        var result = new NDArray(Shape.Of(rows, width));
        foreach (ref float value in result.Values)
        {
            value = (float)random.NextNormal();
        }
        return result;
    }
}
