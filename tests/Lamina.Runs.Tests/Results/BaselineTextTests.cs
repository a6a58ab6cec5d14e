using System.Text.Json.Nodes;
using Lamina.Runs.Results;
using Lamina.Runs.Text;

namespace Lamina.Runs.Tests.Results;

/// <summary>What a training says of its baselines.</summary>
public sealed class BaselineTextTests(TrainedRun trained) : IClassFixture<TrainedRun>
{
    private static readonly Baselines s_baselines = new()
    {
        MajorityClass = "dog",
        MajorityAccuracy = 0.25,
        NearestNeighborAccuracy = 0.5368,
        References = 5000,
        Queries = 1000,
        IsSampled = true,
        Size = new Size2(32),
        Channels = 3,
    };

    [Theory]
    [InlineData(0.2, "is not above that of always guessing 'dog' (25.00 %): the model has learned nothing.")]
    [InlineData(0.25, "is not above that of always guessing 'dog' (25.00 %): the model has learned nothing.")]
    [InlineData(0.5, "is below that of nearest neighbors on thumbnails (53.68 %).")]
    public void A_model_below_them_is_told(double accuracy, string expected)
    {
        string warning = BaselineText.Warning(s_baselines, accuracy)!;
        Assert.StartsWith(
            $"the test accuracy of {Words.Percent(accuracy)} {expected}",
            warning,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', warning);
    }

    [Fact]
    public void A_model_above_them_is_not()
    {
        Assert.Null(BaselineText.Warning(s_baselines, 0.5368));
        Assert.Null(BaselineText.Warning(s_baselines with { NearestNeighborAccuracy = null }, 0.3));
        Assert.Equal(
            "baselines: always 'dog' 25.00 %, nearest neighbor 53.68 % (on 32×32 pixels, sample of 1,000 test and 5,000 training images)",
            BaselineText.Line(s_baselines)
        );
    }

    [Fact]
    public void They_are_kept_in_the_run_and_shown_in_its_report()
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(trained.Run, "run.json")))!["baselines"]!;
        Baselines kept = BaselineText.FromJson(json.AsObject());
        // One image of 61 cannot be read.
        Assert.Equal((60, 1.0, false), (kept.References + kept.Queries, kept.NearestNeighborAccuracy, kept.IsSampled));
        Assert.Equal((new Size2(16, 20), 3), (kept.Size, kept.Channels));
        Assert.Equal(s_baselines, BaselineText.FromJson(BaselineText.ToJson(s_baselines)));
        string report = File.ReadAllText(Path.Combine(trained.Run, "report.html"));
        Assert.Contains("<dt>nearest neighbor</dt>", report, StringComparison.Ordinal);
        Assert.Contains("<dt>most frequent class</dt>", report, StringComparison.Ordinal);
    }
}
