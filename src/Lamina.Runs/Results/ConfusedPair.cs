namespace Lamina.Runs.Results;

/// <summary>A pair of confused classes.</summary>
/// <param name="Truth">The true class.</param>
/// <param name="Said">The predicted class.</param>
/// <param name="Count">The number of confused images.</param>
/// <param name="Share">Their fraction of the true class's images.</param>
internal sealed record ConfusedPair(int Truth, int Said, int Count, double Share)
{
    /// <summary>Returns the most frequent confusions of a matrix (true class, predicted class), most frequent first.</summary>
    public static IReadOnlyList<ConfusedPair> Of(int[,] confusion, int most)
    {
        int n = confusion.GetLength(0);
        long[] images = [.. Enumerable.Range(0, n).Select(r => Enumerable.Range(0, n).Sum(c => (long)confusion[r, c]))];
        return
        [
            .. Enumerable
                .Range(0, n)
                .SelectMany(r => Enumerable.Range(0, n).Select(c => (Row: r, Column: c)))
                .Where(p => p.Row != p.Column && confusion[p.Row, p.Column] > 0)
                .OrderByDescending(p => confusion[p.Row, p.Column])
                .ThenByDescending(p => (double)confusion[p.Row, p.Column] / images[p.Row])
                .ThenBy(p => p)
                .Take(most)
                .Select(p => new ConfusedPair(
                    p.Row,
                    p.Column,
                    confusion[p.Row, p.Column],
                    (double)confusion[p.Row, p.Column] / images[p.Row]
                )),
        ];
    }
}
