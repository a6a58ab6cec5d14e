using System.Diagnostics;
using System.Globalization;
using Lamina.Inspect;
using Lamina.Runs.Folder;
using Lamina.Runs.Inspecting;
using Lamina.Runs.Text;

namespace Lamina.Runs;

/// <summary>
/// Measures how far to trust the probabilities of a classifier, and fits a temperature that corrects them. It is kept with the
/// run; <see cref="ClassifierOptions.Calibrated"/> uses it.
/// </summary>
public static class RunCalibrator
{
    // The accuracy of fewer predictions says nothing.
    private const int FewestShown = 5;

    /// <summary>
    /// Fits the temperature to every second image of each class, and measures the calibration on the others.
    /// </summary>
    /// <param name="classifier">The classifier, not calibrated.</param>
    /// <param name="data">The images. Default: the test images of the run.</param>
    /// <param name="observer">The observer of progress and skipped images. Default: none.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    /// <exception cref="LaminaException">The images cannot be read, or are too few.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static CalibrationReport Calibrate(
        RunClassifier classifier,
        InspectionData? data = null,
        RunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(classifier);
        observer ??= new RunObserver();
        LabeledImages images = InspectedData.Test(classifier, data, observer, cancellation);
        (NDArray scores, int[] labels) = Scores(classifier, images, observer, cancellation);
        var seen = new int[classifier.Info.Classes.Count];
        bool[] isFitted = [.. labels.Select(label => seen[label]++ % 2 == 0)];
        (NDArray fitScores, int[] fitLabels) = Part(scores, labels, isFitted, isWanted: true);
        (NDArray restScores, int[] restLabels) = Part(scores, labels, isFitted, isWanted: false);
        double temperature = Calibration.FitTemperature(fitScores, fitLabels);
        var report = new CalibrationReport(
            temperature,
            fitLabels.Length,
            Calibration.Of(restScores, restLabels),
            Calibration.Of(restScores, restLabels, temperature)
        );
        if (RunFolder.ModelPathOf(classifier.Path) == classifier.Path)
        {
            return report;
        }
        report = report with { File = RunFolder.Open(classifier.Path).Calibration };
        CalibrationFile.Write(report.File, report);
        return report;
    }

    /// <summary>Draws the reliability diagram: the accuracy of predictions by their confidence, before and after.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="report">The calibration.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Draw(string path, CalibrationReport report, bool isDark = false)
    {
        ArgumentNullException.ThrowIfNull(report);
        ReliabilityBin[] before = [.. report.Before.Bins.Where(b => b.Count >= FewestShown)];
        ReliabilityBin[] after = [.. report.After.Bins.Where(b => b.Count >= FewestShown)];
        RunPictures.Chart(
            path,
            new ChartPicture
            {
                Title = "Reliability: how often predictions are right, by their confidence",
                Subtitle = string.Create(
                    CultureInfo.InvariantCulture,
                    $"mean gap {Words.Percent(report.Before.ExpectedError)}, {Words.Percent(report.After.ExpectedError)} with the temperature; {report.Before.Count:N0} images, bins of {FewestShown} or more"
                ),
                XLabel = "Confidence",
                YLabel = "Accuracy",
                BarsName = "without a temperature",
                Bars = [.. before.Select(b => new ChartBar(b.Low, b.High, b.Accuracy))],
                Lines =
                [
                    new ChartLine(
                        string.Create(CultureInfo.InvariantCulture, $"with temperature {report.Temperature:0.00}"),
                        [.. after.Select(b => b.Confidence)],
                        [.. after.Select(b => b.Accuracy)]
                    ),
                ],
                IsReliability = true,
                IsDark = isDark,
            }
        );
    }

    private static (NDArray Scores, int[] Labels) Scores(
        RunClassifier classifier,
        LabeledImages images,
        RunObserver observer,
        CancellationToken cancellation
    )
    {
        List<float> scores = [];
        List<int> labels = [];
        long started = Stopwatch.GetTimestamp();
        DataLoader loader = InspectedData.Loader(images, classifier, observer);
        foreach (Batch batch in loader.Batches(0))
        {
            scores.AddRange(classifier.Logits(batch.Inputs[0], loader.BatchSize).Values);
            labels.AddRange(batch.Targets[0].Values.ToArray().Select(v => (int)v));
            InspectedData.Report(observer, labels.Count, images.Count, Stopwatch.GetElapsedTime(started), cancellation);
        }
        int classes = classifier.Info.Classes.Count;
        return labels.Count >= 4
            ? (new NDArray(Shape.Of(labels.Count, classes), scores.ToArray()), labels.ToArray())
            : throw new LaminaException(
                $"{classifier.Path}: only {labels.Count} images can be read to calibrate with; at least 4 are needed."
            );
    }

    private static (NDArray, int[]) Part(NDArray scores, int[] labels, bool[] isFitted, bool isWanted)
    {
        int[] rows = [.. Enumerable.Range(0, labels.Length).Where(i => isFitted[i] == isWanted)];
        if (rows.Length == 0)
        {
            throw new LaminaException("each class has a single image; calibration needs two. Use more images.");
        }
        float[] values = [.. rows.SelectMany(i => scores.Samples(i, 1).Values.ToArray())];
        return (new NDArray(scores.Shape.WithBatch(rows.Length), values), [.. rows.Select(i => labels[i])]);
    }
}
