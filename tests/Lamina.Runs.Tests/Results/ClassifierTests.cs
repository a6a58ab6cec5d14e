using Lamina.Runs.Results;

namespace Lamina.Runs.Tests.Results;

/// <summary>Precision, recall, F1 and the best classes: small things with known answers.</summary>
public sealed class ClassifierTests
{
    [Fact]
    public void Precision_and_recall_of_a_worked_example()
    {
        // a: 8 of 10 found, 8 of 12 said; b: 6 of 10 found, 6 of 8 said; c: no images, never said.
        int[,] confusion =
        {
            { 8, 2, 0 },
            { 4, 6, 0 },
            { 0, 0, 0 },
        };
        IReadOnlyList<ClassReport> report = ClassReport.Of(["a", "b", "c"], confusion);
        Assert.Equal(8.0 / 12, report[0].Precision!.Value, 12);
        Assert.Equal(0.8, report[0].Recall!.Value, 12);
        Assert.Equal(8.0 / 11, report[0].F1!.Value, 12);
        Assert.Equal((0.75, 0.6), (report[1].Precision, report[1].Recall));
        Assert.Equal((null, null, null), (report[2].Precision, report[2].Recall, report[2].F1));
    }

    [Fact]
    public void Top_names_the_best_and_of_equals_the_first()
    {
        float[] scores = [0.1f, 0.4f, 0.1f, 0.4f];
        Assert.Equal([1, 3, 0], Classifier.Top(scores, 3).Select(t => t.Index));
        Assert.Equal(1, Classifier.ArgMax(scores));
    }
}
