using Lamina.Runs.Results;

namespace Lamina.Runs.Tests.Results;

/// <summary>The images that stand for a test: every class, right and wrong.</summary>
public sealed class ExampleImagesTests
{
    [Theory]
    [InlineData(3, 0.1)]
    [InlineData(12, 0.4)]
    [InlineData(16, 0.9)]
    public void Every_class_appears_and_both_right_and_wrong(int classes, double errorRate)
    {
        ExampleImages examples = Of(classes, 60, errorRate);
        IReadOnlyList<TestPrediction> chosen = examples.Choose(16, errorRate);
        Assert.Equal(16, chosen.Count);
        Assert.Equal(16, chosen.Select(p => p.Image).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, classes), chosen.Select(p => p.Truth).Distinct());
        Assert.InRange(chosen.Count(p => p.Truth != p.Predicted), 4, 12);
        Assert.Equal(chosen.OrderBy(p => p.Truth).ThenBy(p => p.Truth != p.Predicted).ThenBy(p => p.Image), chosen);
    }

    [Fact]
    public void Of_many_classes_some_appear_from_the_first_to_the_last()
    {
        IReadOnlyList<TestPrediction> chosen = Of(120, 10, 0.5).Choose(40, 0.5);
        Assert.Equal(40, chosen.Select(p => p.Truth).Distinct().Count());
        Assert.Equal((0, 117), (chosen[0].Truth, chosen[^1].Truth));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void Without_mistakes_or_hits_the_others_fill_the_room(double errorRate)
    {
        IReadOnlyList<TestPrediction> chosen = Of(4, 20, errorRate).Choose(12, errorRate);
        Assert.Equal(12, chosen.Count);
        Assert.All(chosen, p => Assert.Equal(errorRate == 1, p.Truth != p.Predicted));
        Assert.Equal(2, Of(2, 1, errorRate).Choose(16, errorRate).Count);
    }

    [Fact]
    public void The_surest_mistakes_of_a_pair_are_kept()
    {
        var examples = new ExampleImages();
        double[] sure = [0.5, 0.9, 0.7, 0.95, 0.6];
        for (int i = 0; i < sure.Length; i++)
        {
            examples.Add(new TestPrediction(i, 1, 2, sure[i]));
        }
        Assert.Equal([3, 1, 2], examples.Of(1, 2).Select(p => p.Image));
        Assert.Empty(examples.Of(2, 1));
    }

    [Fact]
    public void The_most_confused_pairs_come_first()
    {
        int[,] confusion =
        {
            { 5, 3, 0 },
            { 3, 1, 2 },
            { 0, 0, 0 },
        };
        Assert.Equal(
            // Three of six weigh more than three of eight.
            [new(1, 0, 3, 0.5), new(0, 1, 3, 0.375), new(1, 2, 2, 1 / 3.0)],
            ConfusedPair.Of(confusion, 10)
        );
        Assert.Single(ConfusedPair.Of(confusion, 1));
    }

    /// <summary>Predictions of which a share is wrong, in each class alike.</summary>
    private static ExampleImages Of(int classes, int perClass, double errorRate)
    {
        var examples = new ExampleImages();
        int image = 0;
        for (int c = 0; c < classes; c++)
        {
            for (int i = 0; i < perClass; i++)
            {
                int said =
                    i < Math.Round(perClass * errorRate) ? (c + 1 + (i % Math.Max(1, classes - 1))) % classes : c;
                examples.Add(new TestPrediction(image++, c, said, 0.5));
            }
        }
        return examples;
    }
}
