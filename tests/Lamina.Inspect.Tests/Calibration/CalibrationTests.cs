namespace Lamina.Inspect.Tests.Calibrations;

/// <summary>Calibration against cases worked by hand and closed forms.</summary>
public sealed class CalibrationTests
{
    [Fact]
    public void Bins_errors_and_loss_are_those_worked_by_hand()
    {
        // Confidences 0.9, 0.8, 0.9 and 0.6, of which the first, third and fourth are right.
        NDArray scores = Scores((0.9, 0), (0.8, 0), (0.9, 0), (0.6, 1));
        var result = Calibration.Of(scores, [0, 1, 0, 1], bins: 2);
        Assert.Equal(4, result.Count);
        Assert.Equal((0, 4), (result.Bins[0].Count, result.Bins[1].Count));
        Assert.Equal(0.8, result.Confidence, 1e-6);
        Assert.Equal(0.75, result.Accuracy);
        Assert.Equal(0.05, result.ExpectedError, 1e-6);
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.2) + Math.Log(0.9) + Math.Log(0.6)) / 4, result.Loss, 1e-6);

        var fine = Calibration.Of(scores, [0, 1, 0, 1], bins: 10);
        // (0.5, 0.6]: 0.6 is right; (0.7, 0.8]: 0.8 is wrong; (0.8, 0.9]: 0.9 is right twice.
        Assert.Equal(((1 * 0.4) + (1 * 0.8) + (2 * 0.1)) / 4, fine.ExpectedError, 1e-5);
        Assert.Equal(0.8, fine.LargestError, 1e-5);
    }

    [Theory]
    [InlineData(3.0, 80)]
    [InlineData(0.4, 60)]
    public void The_temperature_makes_the_confidence_the_accuracy(double score, int right)
    {
        // All scores are (a, −a), so the confidence is 1 / (1 + exp(−2a / T)), which is to be the accuracy.
        var scores = new NDArray([100, 2]);
        for (int i = 0; i < 100; i++)
        {
            (scores[i, 0], scores[i, 1]) = ((float)score, (float)-score);
        }
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i < right ? 0 : 1)];
        double accuracy = right / 100.0;
        double temperature = Calibration.FitTemperature(scores, labels);
        Assert.Equal(2 * score / Math.Log(accuracy / (1 - accuracy)), temperature, 1e-5);
        Assert.Equal(0, Calibration.Of(scores, labels, temperature).ExpectedError, 1e-6);
        Assert.Equal(accuracy, Calibration.Of(scores, labels, temperature).Accuracy, 1e-12);
    }

    [Fact]
    public void Extreme_scores_have_a_finite_loss_and_labels_are_checked()
    {
        var scores = new NDArray([1, 2], new float[] { 3000, -3000 });
        Assert.Equal(6000, Calibration.Of(scores, [1]).Loss, 1e-6);
        Assert.Throws<ShapeException>(() => Calibration.Of(scores, [2]));
        Assert.Throws<ShapeException>(() => Calibration.FitTemperature(scores, [0, 1]));
    }

    [Fact]
    public void Confused_classes_become_neighbors()
    {
        // 0 and 3 are confused with each other, and so are 1 and 4; 2 with none.
        int[,] confusion =
        {
            { 6, 0, 0, 4, 0 },
            { 0, 5, 0, 0, 5 },
            { 0, 0, 9, 1, 0 },
            { 5, 0, 0, 5, 0 },
            { 0, 4, 0, 0, 6 },
        };
        IReadOnlyList<int> order = ClassOrder.BySimilarity(confusion);
        Assert.Equal([0, 1, 2, 3, 4], order.Order());
        int[] place = [.. Enumerable.Range(0, 5).Select(c => order.ToList().IndexOf(c))];
        Assert.Equal(1, Math.Abs(place[0] - place[3]));
        Assert.Equal(1, Math.Abs(place[1] - place[4]));
        int[,] ordered = ClassOrder.Reorder(confusion, order);
        Assert.Equal(confusion.Cast<int>().Sum(), ordered.Cast<int>().Sum());
        Assert.Equal(confusion[order[0], order[1]], ordered[0, 1]);
    }

    private static NDArray Scores(params (double Confidence, int Class)[] rows)
    {
        var scores = new NDArray(Shape.Of(rows.Length, 2));
        for (int i = 0; i < rows.Length; i++)
        {
            scores[i, rows[i].Class] = (float)Math.Log(rows[i].Confidence / (1 - rows[i].Confidence));
        }
        return scores;
    }
}
