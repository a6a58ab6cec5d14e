using System.Globalization;
using System.Text.Json.Nodes;

namespace Lamina.Cli;

/// <summary>Gathers what the report of a finished run says.</summary>
internal static class RunReportContent
{
    private const int MistakePixels = 160;

    /// <summary>Gathers it; pictures and summary are read from the run's folder.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="info">What the run was.</param>
    /// <param name="model">The model.</param>
    /// <param name="history">The epochs.</param>
    /// <param name="result">What the test gave.</param>
    /// <param name="images">The images of the test.</param>
    /// <param name="elapsed">How long the run took.</param>
    /// <param name="facts">What else to say of the run, by name.</param>
    public static ReportContent Of(
        RunFolder folder,
        RunInfo info,
        Model model,
        IReadOnlyList<EpochLog> history,
        Evaluation result,
        LabeledImages images,
        TimeSpan elapsed,
        IReadOnlyList<ReportFact> facts
    ) =>
        new()
        {
            Title = $"Run {Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder.Root)))}",
            Headlines =
            [
                new("top-1 accuracy", EvaluationText.Percent(result.Top1)),
                new("top-1 error", EvaluationText.Percent(result.Top1Error)),
                new("top-5 accuracy", EvaluationText.Percent(result.Top5)),
                new("top-5 error", EvaluationText.Percent(result.Top5Error)),
                new("test loss", result.Loss.ToString("F4", CultureInfo.InvariantCulture)),
                new("test images", Count(result.Count)),
                new("epochs", Count(history.Count)),
                new("time", ProgressLine.Clock(elapsed)),
            ],
            Facts =
            [
                .. facts,
                new("test", result.Crops > 1 ? $"{result.Crops} crops of each image, averaged" : "centre crop"),
                new("parameters", Count(model.CountParams())),
                .. Settings(info),
            ],
            Pictures =
            [
                .. Picture(
                    folder.Curves,
                    "Curves",
                    "Loss and accuracy after each epoch, in training and on the test images."
                ),
                .. Picture(folder.Confusion, "Confusion matrix", "Rows are true classes, columns what the model said."),
                .. Picture(folder.Filters, "Filters", "The kernels of the first convolution."),
                .. Picture(
                    folder.Predictions,
                    "Predictions",
                    "Test images with their true class and the five classes that the model thinks likeliest; the true one is red."
                ),
            ],
            Classes = ClassReport.Of(result.Classes, result.Confusion),
            Mistakes =
            [
                .. result.WorstMistakes.Select(m => new ReportMistake(
                    Thumbnail.TryPng(images, m.Image, MistakePixels) ?? [],
                    images.NameOf(m.Image),
                    result.Classes[m.Truth],
                    result.Classes[m.Said],
                    m.Probability
                )),
            ],
            History = history,
            Summary = Read(folder.Summary, File.ReadAllText),
        };

    /// <summary>The settings as they are saved with the model, a row each.</summary>
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
        // Of a mean image only its size is for people.
        string image = info.Preprocessing.MeanImage is { } mean
            ? $", mean image {mean.Height}×{mean.Width}×{mean.Channels} of the training set"
            : "";
        Preprocessing shown = info.Preprocessing with { MeanImage = null };
        yield return new("preprocessing", Line(JsonNode.Parse(shown.ToJson())) + image);
    }

    /// <summary>A value's row; an object of values is one a member.</summary>
    private static IEnumerable<ReportFact> Rows(string name, JsonNode? value) =>
        value is JsonObject { Count: > 0 } members
            ? members.Select(m => new ReportFact(Words($"{name} {m.Key}"), Line(m.Value)))
            : [new ReportFact(Words(name), Line(value))];

    private static string Line(JsonNode? value) =>
        value switch
        {
            null => "–",
            JsonObject o => string.Join(
                ", ",
                o.Select(m => m.Key == "name" ? Line(m.Value) : $"{Words(m.Key)} {Line(m.Value)}")
            ),
            JsonArray a => a.Count == 0 ? "none" : string.Join("; ", a.Select(Line)),
            _ => value.ToString(),
        };

    /// <summary>A key of JSON as words: <c>short_side</c>, <c>shortSide</c>.</summary>
    private static string Words(string key) =>
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
            throw new LaminaException($"{path}: cannot be read for the report ({ErrorLine.OneLine(e.Message)})", e);
        }
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
