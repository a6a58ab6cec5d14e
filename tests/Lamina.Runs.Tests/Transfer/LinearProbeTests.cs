using Lamina.Runs.Transfer;

namespace Lamina.Runs.Tests.Transfer;

/// <summary>The linear probe: closed forms held against their definitions.</summary>
public sealed class LinearProbeTests
{
    [Fact]
    public void The_inverse_times_the_matrix_is_one()
    {
        const int Size = 13;
        const double Ridge = 0.3;
        float[][] rows = [.. Enumerable.Range(0, Size).Select(i => Random(5, i))];
        var matrix = new double[Size, Size];
        for (int i = 0; i < Size; i++)
        {
            for (int j = 0; j < Size; j++)
            {
                matrix[i, j] = DotProduct.Of<float>(rows[i], rows[j]);
            }
        }
        double[,] inverse = PositiveMatrix.Inverse(matrix, Ridge);
        for (int i = 0; i < Size; i++)
        {
            for (int j = 0; j < Size; j++)
            {
                double sum = Enumerable.Range(0, Size).Sum(k => (matrix[i, k] + (i == k ? Ridge : 0)) * inverse[k, j]);
                Assert.Equal(i == j ? 1 : 0, sum, 1e-6);
            }
        }
    }

    [Fact]
    public void Sums_of_products_are_those_of_a_loop()
    {
        foreach (int length in (int[])[0, 1, 7, 8, 9, 33])
        {
            float[] a = Random(length, 1);
            float[] b = Random(length, 2);
            Assert.Equal(a.Zip(b, (x, y) => (double)x * y).Sum(), DotProduct.Of<float>(a, b), 1e-4);
        }
    }

    [Fact]
    public void Classes_on_two_sides_of_a_plane_are_told_apart()
    {
        (NDArray features, int[] labels) = Images(60, (row, i) => row[0] + row[1] > 0 ? 1 : 0);
        var probe = LinearProbe.Fit(features, labels, classes: 2);
        Assert.InRange(probe.LeaveOneOutAccuracy, 0.85, 1);
        Assert.InRange(Enumerable.Range(0, 60).Count(i => probe.Classify(features, i) == labels[i]), 55, 60);
    }

    [Fact]
    public void Left_out_images_show_that_random_classes_cannot_be_learned()
    {
        // As many features as images: what is fitted is right for all of them.
        (NDArray features, int[] labels) = Images(40, (_, i) => i % 2, features: 40);
        var probe = LinearProbe.Fit(features, labels, classes: 2);
        Assert.InRange(probe.LeaveOneOutAccuracy, 0.1, 0.75);
        Assert.InRange(probe.LeaveOneOutError, 0.2, 10);
    }

    private static (NDArray Features, int[] Labels) Images(int count, Func<float[], int, int> label, int features = 4)
    {
        float[][] rows = [.. Enumerable.Range(0, count).Select(i => Random(features, 100 + i))];
        return (
            new NDArray(Shape.Of(count, features), rows.SelectMany(r => r).ToArray()),
            [.. rows.Select((r, i) => label(r, i))]
        );
    }

    private static float[] Random(int count, int seed)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)random.NextNormal();
        }
        return values;
    }
}
