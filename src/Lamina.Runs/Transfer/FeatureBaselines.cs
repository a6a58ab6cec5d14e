using Lamina.Runs.Text;

namespace Lamina.Runs.Transfer;

/// <summary>The accuracy of frozen features without training: nearest neighbors, and a linear probe.</summary>
internal static class FeatureBaselines
{
    private const int MostProbed = 1500;
    private const int MostReferences = 5000;
    private const int MostQueries = 1000;

    /// <summary>Returns the accuracies in a line.</summary>
    /// <param name="train">The features of training images.</param>
    /// <param name="test">The features of the images to classify.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">The seed of the samples.</param>
    public static string Line(FeatureSet train, FeatureSet test, int classes, long seed)
    {
        NDArray references = train.Rows;
        NDArray queries = test.Rows;
        int[] asked = Sample(test.Count, MostQueries, seed, part: 3);
        int[] known = Sample(train.Count, MostReferences, seed, part: 4);
        int near = Count(asked, NearestNeighbor(references, known, train.Labels, queries), test.Labels);
        int[] probed = Sample(train.Count, MostProbed, seed, part: 5);
        var probe = LinearProbe.Fit(
            Rows(references, probed),
            [.. probed.Select(i => (int)train.Labels.Values[i])],
            classes
        );
        int linear = Count(asked, i => probe.Classify(queries, i), test.Labels);
        string sample =
            probed.Length < train.Count ? FormattableString.Invariant($" fitted to {probed.Length:N0}") : "";
        return FormattableString.Invariant(
            $"frozen features of {asked.Length:N0} images: nearest neighbor {Words.Percent((double)near / asked.Length)}, linear probe{sample} {Words.Percent((double)linear / asked.Length)}"
        );
    }

    /// <summary>Finds the class of the most similar reference, by the angle between standardized features.</summary>
    public static Func<int, int> NearestNeighbor(NDArray references, int[] known, NDArray labels, NDArray queries)
    {
        var scale = new FeatureScale(references);
        float[][] rows = [.. known.Select(i => Unit(scale.Row(references, i)))];
        return query =>
        {
            float[] x = scale.Row(queries, query);
            (int best, float most) = (0, float.NegativeInfinity);
            for (int i = 0; i < rows.Length; i++)
            {
                float similarity = DotProduct.Of<float>(rows[i], x);
                (best, most) = similarity > most ? (i, similarity) : (best, most);
            }
            return (int)labels.Values[known[best]];
        };
    }

    private static int Count(int[] asked, Func<int, int> classify, NDArray labels)
    {
        int right = 0;
        Parallel.ForEach(
            asked,
            i =>
            {
                if (classify(i) == (int)labels.Values[i])
                {
                    Interlocked.Increment(ref right);
                }
            }
        );
        return right;
    }

    private static float[] Unit(float[] row)
    {
        float length = MathF.Sqrt(DotProduct.Of<float>(row, row));
        return length > 0 ? [.. row.Select(v => v / length)] : row;
    }

    private static NDArray Rows(NDArray all, int[] rows)
    {
        int width = all.Shape[1]!.Value;
        var result = new NDArray(Shape.Of(rows.Length, width));
        for (int i = 0; i < rows.Length; i++)
        {
            all.Values.Slice(rows[i] * width, width).CopyTo(result.Values.Slice(i * width, width));
        }
        return result;
    }

    private static int[] Sample(int count, int most, long seed, int part)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new RandomStream(seed, RandomPurpose.User, part).Shuffle(order.AsSpan());
        return [.. order.Take(most).Order()];
    }
}
