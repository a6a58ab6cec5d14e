using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Runs.Folder;
using Lamina.Runs.Results;
using Lamina.Runs.Text;

namespace Lamina.Runs.Report;

/// <summary>Collects the content of the report of a finished run.</summary>
internal static class RunReportContent
{
    private const int MistakePixels = 160;
    private const int PairPixels = 96;
    private const int MostPairs = 10;

    /// <summary>Collects the content; pictures and summary are read from the run folder.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="info">The facts saved with the model.</param>
    /// <param name="outcome">The result of the run.</param>
    /// <param name="facts">Further facts about the run, by name.</param>
    public static ReportContent Of(RunFolder folder, RunInfo info, RunOutcome outcome, IReadOnlyList<ReportFact> facts)
    {
        Evaluation result = outcome.Result;
        return new()
        {
            Title = $"Run {Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder.Root)))}",
            Headlines = [.. Headlines(outcome)],
            Warning = outcome.Baselines is { } baselines ? BaselineText.Warning(baselines, result.Top1) : null,
            Facts =
            [
                .. facts,
                .. BaselineFacts(outcome.Baselines),
                new("test", result.Crops > 1 ? $"{result.Crops} crops per image, averaged" : "center crop"),
                new("parameters", Count(outcome.Model.CountParams())),
                .. Settings(info),
            ],
            Pictures = [.. Pictures(folder)],
            Classes = ClassReport.Of(result.Classes, result.Confusion),
            Pairs = Pairs(outcome),
            Mistakes =
            [
                .. result.WorstMistakes.Select(m => new ReportMistake(
                    Thumbnail.TryPng(outcome.Images, m.Image, MistakePixels) ?? [],
                    outcome.Images.NameOf(m.Image),
                    result.Classes[m.Truth],
                    result.Classes[m.Predicted],
                    m.Probability
                )),
            ],
            History = outcome.History,
            Summary = Read(folder.Summary, File.ReadAllText),
        };
    }

    private static IEnumerable<ReportFact> Headlines(RunOutcome outcome)
    {
        Evaluation result = outcome.Result;
        return
        [
            new("top-1 accuracy", Words.Percent(result.Top1)),
            new("top-1 error", Words.Percent(result.Top1Error)),
            new("top-5 accuracy", Words.Percent(result.Top5)),
            new("top-5 error", Words.Percent(result.Top5Error)),
            .. BaselineHeadlines(outcome.Baselines),
            new("test loss", result.Loss.ToString("F4", CultureInfo.InvariantCulture)),
            new("test images", Count(result.Count)),
            new("epochs", Count(outcome.History.Count)),
            new("time", Words.Clock(outcome.Elapsed)),
        ];
    }

    private static IEnumerable<ReportPicture> Pictures(RunFolder folder) =>
        [
            .. Picture(
                folder.Curves,
                "Curves",
                "Loss and accuracy of each epoch, in training and in validation, and the learning rate of its last step. "
                    + "The dotted line marks the epoch with the best validation; the model is that of the last epoch."
            ),
            .. Picture(
                folder.TrainingImages,
                "Training images",
                "Images of the first training batch as the network saw them: resized and augmented."
            ),
            .. Picture(folder.Confusion, "Confusion matrix", "Rows are true classes, columns are predicted classes."),
            .. Picture(folder.Filters, "Filters", "The kernels of the first convolution."),
            .. Picture(
                folder.Predictions,
                "Predictions",
                "Test images with their true class and the five most probable classes; the true one is dark. "
                    + "They are chosen to show all classes and both right and wrong predictions, and are not a fair sample."
            ),
            .. Picture(
                folder.Explanations,
                "Where the network looks",
                "Grad-CAM of the worst mistakes and of right predictions: the regions that speak for the predicted class, and for the true or second one. "
                    + "alexnet explain shows more methods for any image."
            ),
        ];

    /// <summary>Returns the accuracies, for the head of a report.</summary>
    private static IEnumerable<ReportFact> BaselineHeadlines(Baselines? baselines) =>
        baselines is null
            ? []
            :
            [
                new("nearest neighbor", BaselineText.Accuracy(baselines)),
                new("most frequent class", Words.Percent(baselines.MajorityAccuracy)),
            ];

    /// <summary>Returns a description of the baselines for a report.</summary>
    private static IEnumerable<ReportFact> BaselineFacts(Baselines? baselines) =>
        baselines is null
            ? []
            :
            [
                new(
                    "baselines",
                    $"The class of the nearest training image ({BaselineText.Description(baselines)}): {BaselineText.Accuracy(baselines)}. "
                        + $"Always '{baselines.MajorityClass}': {Words.Percent(baselines.MajorityAccuracy)}."
                ),
            ];

    private static ReportPair[] Pairs(RunOutcome outcome)
    {
        Evaluation result = outcome.Result;
        return
        [
            .. ConfusedPair
                .Of(result.Confusion, MostPairs)
                .Select(p => new ReportPair(
                    result.Classes[p.Truth],
                    result.Classes[p.Said],
                    p.Count,
                    p.Share,
                    [.. result.Examples.Of(p.Truth, p.Said).SelectMany(Example)]
                )),
        ];

        IEnumerable<ReportThumbnail> Example(TestPrediction image) =>
            Thumbnail.TryPng(outcome.Images, image.Image, PairPixels) is { } png
                ? [new ReportThumbnail(png, outcome.Images.NameOf(image.Image))]
                : [];
    }

    /// <summary>Returns the settings as saved with the model, one row each.</summary>
    private static IEnumerable<ReportFact> Settings(RunInfo info)
    {
        yield return new("data", info.Data!.ToString());
        yield return new("classes", Count(info.Classes.Count));
        foreach ((string name, JsonNode? value) in info.Training.Where(t => t.Key != "command"))
        {
            foreach (ReportFact fact in Rows(name, value))
            {
                yield return fact;
            }
        }
        // Only the size of a mean image is of interest to readers.
        string image = info.Preprocessing.MeanImage is { } mean
            ? $", mean image {mean.Height}×{mean.Width}×{mean.Channels} of the training set"
            : "";
        Preprocessing shown = info.Preprocessing with { MeanImage = null };
        yield return new("preprocessing", Line(JsonNode.Parse(shown.ToJson())) + image);
    }

    /// <summary>Returns the row of a value, or one per member of an object; missing values have no row.</summary>
    private static IEnumerable<ReportFact> Rows(string name, JsonNode? value) =>
        value switch
        {
            null => [],
            JsonObject { Count: > 0 } members => members
                .Where(m => m.Value is not null)
                .Select(m => new ReportFact(AsWords($"{name} {m.Key}"), Line(m.Value))),
            _ => [new ReportFact(AsWords(name), Line(value))],
        };

    private static string Line(JsonNode? value) =>
        value switch
        {
            null => "–",
            JsonObject o => string.Join(
                ", ",
                o.Where(m => m.Value is not null)
                    .Select(m => m.Key == "name" ? Line(m.Value) : $"{AsWords(m.Key)} {Line(m.Value)}")
            ),
            JsonArray a => a.Count == 0 ? "none" : string.Join("; ", a.Select(Line)),
            _ => value.ToString(),
        };

    /// <summary>Splits a JSON key into words: <c>short_side</c>, <c>shortSide</c>.</summary>
    private static string AsWords(string key) =>
        string.Concat(
            key.Select(c =>
                c == '_' ? " "
                : char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}"
                : $"{c}"
            )
        );

    private static IEnumerable<ReportPicture> Picture(string path, string title, string caption) =>
        Read(path, File.ReadAllBytes) is { } png ? [new ReportPicture(title, caption, png)] : [];

    private static T? Read<T>(string path, Func<string, T> read)
        where T : class
    {
        try
        {
            return File.Exists(path) ? read(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{path}: cannot be read for the report ({OneLine.Of(e.Message)})", e);
        }
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
