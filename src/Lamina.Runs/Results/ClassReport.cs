namespace Lamina.Runs;

/// <summary>The results of a model on one class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Images">The number of images of the class.</param>
/// <param name="Precision">The fraction of images predicted as the class that belong to it; <see langword="null"/> without any.</param>
/// <param name="Recall">The fraction of the class's images that were predicted as it; <see langword="null"/> without any.</param>
public sealed record ClassReport(string Name, long Images, double? Precision, double? Recall)
{
    /// <summary>The harmonic mean of precision and recall; <see langword="null"/> if either is undefined.</summary>
    public double? F1 =>
        (Precision, Recall) switch
        {
            (0, 0) => 0,
            ({ } p, { } r) => 2 * p * r / (p + r),
            _ => null,
        };

    /// <summary>Returns the results of each class of a confusion matrix.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="confusion">Counts: (true class, predicted class).</param>
    public static IReadOnlyList<ClassReport> Of(IReadOnlyList<string> classes, int[,] confusion) =>
        [
            .. classes.Select(
                (name, c) =>
                {
                    IEnumerable<int> all = Enumerable.Range(0, classes.Count);
                    long images = all.Sum(i => (long)confusion[c, i]);
                    long said = all.Sum(i => (long)confusion[i, c]);
                    double hits = confusion[c, c];
                    return new ClassReport(
                        name,
                        images,
                        said == 0 ? null : hits / said,
                        images == 0 ? null : hits / images
                    );
                }
            ),
        ];
}
