namespace Lamina.Cli;

/// <summary>How a model did on one class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Images">The images of the class.</param>
/// <param name="Precision">Of the images said to be of the class, the share that is; null if none was said to be.</param>
/// <param name="Recall">Of the class's images, the share that was found; null if it has none.</param>
internal sealed record ClassReport(string Name, long Images, double? Precision, double? Recall)
{
    /// <summary>The harmonic mean of precision and recall; null where one is not defined.</summary>
    public double? F1 =>
        (Precision, Recall) switch
        {
            (0, 0) => 0,
            ({ } p, { } r) => 2 * p * r / (p + r),
            _ => null,
        };

    /// <summary>One for each class of a confusion matrix (true class, predicted class).</summary>
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
