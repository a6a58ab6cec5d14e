using System.Diagnostics;
using System.Globalization;
using Lamina.Inspect;
using Lamina.Runs.Inspecting;
using Lamina.Runs.Text;

namespace Lamina.Runs;

/// <summary>The options of <see cref="RunAttacker"/>.</summary>
public sealed record AttackSettings
{
    /// <summary>The images. Default: the test images of the run.</summary>
    public InspectionData? Data { get; init; }

    /// <summary>The most images, drawn at random, at least 1. Default: 200.</summary>
    public int Images { get; init; } = 200;

    /// <summary>The changes of pixels to try, of 255. Default: 0, 1, 2, 4, 8, 16.</summary>
    public IReadOnlyList<double> Epsilons { get; init; } = [0, 1, 2, 4, 8, 16];

    /// <summary>The number of steps of projected gradient descent, at least 2. Default: 10.</summary>
    public int Steps { get; init; } = 10;
}

/// <summary>The accuracy under attack.</summary>
/// <param name="Points">The accuracy for each epsilon.</param>
/// <param name="Images">The number of images.</param>
/// <param name="Steps">The number of steps of projected gradient descent.</param>
public sealed record AttackReport(IReadOnlyList<AttackPoint> Points, int Images, int Steps)
{
    internal IReadOnlyList<SheetRow> Examples { get; init; } = [];
}

/// <summary>The accuracy for one epsilon.</summary>
/// <param name="Epsilon">The most that a pixel changes, of 255.</param>
/// <param name="OneStep">The share of right predictions under the fast gradient sign method.</param>
/// <param name="ManySteps">
/// The share under projected gradient descent; an image that is misled by a smaller change is misled.
/// </param>
public readonly record struct AttackPoint(double Epsilon, double OneStep, double ManySteps);

/// <summary>Measures how small changes of pixels mislead a classifier: adversarial images.</summary>
public static class RunAttacker
{
    private const int MostExamples = 4;
    private const double ShownChange = 127;

    /// <summary>Attacks a classifier on labeled images.</summary>
    /// <param name="classifier">The classifier, in float32.</param>
    /// <param name="settings">The images and the epsilons; the defaults if <see langword="null"/>.</param>
    /// <param name="observer">The observer of progress and skipped images. Default: none.</param>
    /// <param name="cancellation">Cancels the attack.</param>
    /// <exception cref="LaminaException">The images cannot be read, or a setting is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static AttackReport Attack(
        RunClassifier classifier,
        AttackSettings? settings = null,
        RunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(classifier);
        settings ??= new AttackSettings();
        observer ??= new RunObserver();
        if (classifier.IsQuantized)
        {
            throw new LaminaException($"{classifier.Path}: a quantized model has no gradients. Use the float32 model.");
        }
        if (settings.Epsilons.Count == 0 || settings.Epsilons.Any(e => !(e is >= 0 and <= 255)))
        {
            throw new LaminaException("attack: epsilons must be from 0 to 255, at least one.");
        }
        var range = new PixelRange(classifier.Info.Preprocessing);
        using var attributor = new Attributor(classifier.Model);
        var adversary = new Adversary(attributor, range.Black, range.White);
        LabeledImages images = InspectedData.Sample(
            InspectedData.Test(classifier, settings.Data, observer, cancellation),
            settings.Images
        );
        double[] epsilons = [.. settings.Epsilons.Order()];
        var right = new int[epsilons.Length, 2];
        List<SheetRow> examples = [];
        int count = 0;
        long started = Stopwatch.GetTimestamp();
        foreach (Batch batch in InspectedData.Loader(images, classifier, observer).Batches(0))
        {
            int[] labels = [.. batch.Targets[0].Values.ToArray().Select(v => (int)v)];
            NDArray attacked = batch.Inputs[0];
            var originals = new NDArray(attacked.Shape, attacked.Values.ToArray());
            for (int e = 0; e < epsilons.Length; e++)
            {
                cancellation.ThrowIfCancellationRequested();
                double epsilon = epsilons[e] / 255;
                right[e, 0] += Right(adversary, adversary.Attack(originals, labels, epsilon), labels).Count;
                attacked = Strengthen(adversary, originals, attacked, labels, epsilon, settings.Steps);
                right[e, 1] += Right(adversary, attacked, labels).Count;
                if (examples.Count < MostExamples && e == epsilons.Length / 2)
                {
                    examples.AddRange(
                        Examples(classifier, attributor, range, originals, attacked, labels, epsilons[e])
                    );
                }
            }
            count += batch.Count;
            InspectedData.Report(observer, count, images.Count, Stopwatch.GetElapsedTime(started), cancellation);
        }
        return new AttackReport(
            [
                .. epsilons.Select(
                    (e, i) => new AttackPoint(e, (double)right[i, 0] / count, (double)right[i, 1] / count)
                ),
            ],
            count,
            settings.Steps
        )
        {
            Examples = [.. examples.Take(MostExamples)],
        };
    }

    /// <summary>Draws the accuracy over epsilon.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="report">The report.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Draw(string path, AttackReport report, bool isDark = false)
    {
        ArgumentNullException.ThrowIfNull(report);
        double[] xs = [.. report.Points.Select(p => p.Epsilon)];
        RunPictures.Chart(
            path,
            new ChartPicture
            {
                Title = "Accuracy under attack",
                Subtitle = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{report.Images:N0} test images whose pixels change by at most ε of 255, to raise the loss"
                ),
                XLabel = "ε, of 255",
                YLabel = "Accuracy",
                Lines =
                [
                    new ChartLine("one step (FGSM)", xs, [.. report.Points.Select(p => p.OneStep)]),
                    new ChartLine(
                        string.Create(CultureInfo.InvariantCulture, $"{report.Steps} steps (PGD)"),
                        xs,
                        [.. report.Points.Select(p => p.ManySteps)]
                    ),
                ],
                IsDark = isDark,
            }
        );
    }

    /// <summary>Draws misled predictions: the image, the change, and the adversarial image.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="report">The report.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <returns><see langword="false"/> if no prediction was misled, and nothing is drawn.</returns>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static bool DrawExamples(string path, AttackReport report, bool isDark = false)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Examples.Count == 0)
        {
            return false;
        }
        RunPictures.Sheet(
            path,
            new PictureSheet
            {
                Title = "Adversarial images",
                Subtitle = "the test image, the change of its pixels (enlarged), and the sum, which is misclassified",
                Rows = report.Examples,
                TileSize = 150,
                Columns = 3,
                IsDark = isDark,
            }
        );
        return true;
    }

    // An image that misleads within a smaller epsilon does so within a larger one: only the others are attacked again.
    private static NDArray Strengthen(
        Adversary adversary,
        NDArray originals,
        NDArray attacked,
        int[] labels,
        double epsilon,
        int steps
    )
    {
        IReadOnlyList<int> left = Right(adversary, attacked, labels);
        var result = new NDArray(attacked.Shape, attacked.Values.ToArray());
        if (left.Count == 0 || epsilon == 0)
        {
            return result;
        }
        float[] pixels = [.. left.SelectMany(i => originals.Samples(i, 1).Values.ToArray())];
        NDArray stronger = adversary.Attack(
            new NDArray(originals.Shape.WithBatch(left.Count), pixels),
            [.. left.Select(i => labels[i])],
            epsilon,
            new AttackOptions { Steps = steps }
        );
        for (int i = 0; i < left.Count; i++)
        {
            stronger.Samples(i, 1).Values.CopyTo(result.Samples(left[i], 1).Values);
        }
        return result;
    }

    private static IReadOnlyList<int> Right(Adversary adversary, NDArray images, int[] labels)
    {
        IReadOnlyList<int> said = adversary.Predict(images);
        return [.. Enumerable.Range(0, labels.Length).Where(i => said[i] == labels[i])];
    }

    private static IEnumerable<SheetRow> Examples(
        RunClassifier classifier,
        Attributor attributor,
        PixelRange range,
        NDArray images,
        NDArray attacked,
        int[] labels,
        double epsilon
    )
    {
        NDArray before = attributor.Probabilities(images);
        NDArray after = attributor.Probabilities(attacked);
        for (int i = 0; i < labels.Length; i++)
        {
            int said = Results.Classifier.ArgMax<float>(before.Samples(i, 1).Values);
            int misled = Results.Classifier.ArgMax<float>(after.Samples(i, 1).Values);
            if (said != labels[i] || misled == labels[i])
            {
                continue;
            }
            SheetTile original = range.ToTile(images.Samples(i, 1));
            SheetTile changed = range.ToTile(attacked.Samples(i, 1));
            yield return new SheetRow([
                original with
                {
                    Title = classifier.Info.Classes[said],
                    Caption = Words.Percent(before[i, said]),
                },
                Change(original, changed, epsilon),
                changed with
                {
                    Title = classifier.Info.Classes[misled],
                    Caption = Words.Percent(after[i, misled]),
                    IsRight = false,
                },
            ]);
        }
    }

    // Around gray, so that epsilon is black or white.
    private static SheetTile Change(SheetTile original, SheetTile changed, double epsilon)
    {
        var bytes = new byte[original.Pixels.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            double change = changed.Pixels.Span[i] - original.Pixels.Span[i];
            bytes[i] = (byte)Math.Clamp(Math.Round(128 + (ShownChange * change / Math.Max(epsilon, 1))), 0, 255);
        }
        return new SheetTile(bytes, original.Height, original.Width, original.Channels)
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"change, ε = {epsilon:0.##} of 255"),
        };
    }
}
