namespace Lamina.Inspect;

/// <summary>Orders classes so that those that are confused with each other are neighbors in a confusion matrix.</summary>
public static class ClassOrder
{
    /// <summary>
    /// Returns an order of the classes: clusters are merged by their mean share of confusions, each turned so that the classes
    /// that meet are most alike.
    /// </summary>
    /// <param name="confusion">Counts: (true class, predicted class).</param>
    /// <returns>The indices of the classes in the new order.</returns>
    public static IReadOnlyList<int> BySimilarity(int[,] confusion)
    {
        ArgumentNullException.ThrowIfNull(confusion);
        int n = confusion.GetLength(0);
        double[,] alike = Similarity(confusion, n);
        List<List<int>> clusters = [.. Enumerable.Range(0, n).Select(i => new List<int> { i })];
        while (clusters.Count > 1)
        {
            (int a, int b, double best) = (0, 1, double.NegativeInfinity);
            for (int i = 0; i < clusters.Count; i++)
            {
                for (int j = i + 1; j < clusters.Count; j++)
                {
                    double mean = clusters[i].Average(x => clusters[j].Average(y => alike[x, y]));
                    (a, b, best) = mean > best ? (i, j, mean) : (a, b, best);
                }
            }
            clusters[a] = Joined(clusters[a], clusters[b], alike);
            clusters.RemoveAt(b);
        }
        return clusters.Count == 0 ? [] : clusters[0];
    }

    /// <summary>Returns a matrix with its rows and columns in another order.</summary>
    public static int[,] Reorder(int[,] confusion, IReadOnlyList<int> order)
    {
        ArgumentNullException.ThrowIfNull(confusion);
        ArgumentNullException.ThrowIfNull(order);
        var result = new int[order.Count, order.Count];
        for (int i = 0; i < order.Count; i++)
        {
            for (int j = 0; j < order.Count; j++)
            {
                result[i, j] = confusion[order[i], order[j]];
            }
        }
        return result;
    }

    private static double[,] Similarity(int[,] confusion, int n)
    {
        var alike = new double[n, n];
        double[] sums =
        [
            .. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n).Sum(j => (double)confusion[i, j])),
        ];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                alike[i, j] = Share(i, j) + Share(j, i);
            }
        }
        return alike;

        double Share(int i, int j) => sums[i] > 0 ? confusion[i, j] / sums[i] : 0;
    }

    private static List<int> Joined(List<int> a, List<int> b, double[,] alike)
    {
        List<int> turnedA = [.. Enumerable.Reverse(a)];
        List<int> turnedB = [.. Enumerable.Reverse(b)];
        (List<int> First, List<int> Second)[] choices = [(a, b), (a, turnedB), (turnedA, b), (turnedA, turnedB)];
        (List<int> first, List<int> second) = choices.MaxBy(c => alike[c.First[^1], c.Second[0]]);
        return [.. first, .. second];
    }
}
