using System.Text.Json.Nodes;
using Lamina.Runs.Training;

namespace Lamina.Runs.Tests.Training;

public sealed class TrainSettingsTests
{
    [Fact]
    public void A_run_from_before_statistics_were_estimated_resumes_without_the_estimate()
    {
        JsonObject json = new TrainSettings(new TrainOptions()).ToRunJson(threads: 1);
        Assert.Equal(1024, TrainSettings.FromRunJson(json).Recipe.StatisticsImages);
        json["recipe"]!.AsObject().Remove("statistics_images");
        Assert.Equal(0, TrainSettings.FromRunJson(json).Recipe.StatisticsImages);
    }
}
