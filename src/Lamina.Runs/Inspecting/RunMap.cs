using System.Globalization;
using Lamina.Inspect;
using Lamina.Runs.Inspecting;
using Lamina.Runs.Results;
using Lamina.Runs.Text;

namespace Lamina.Runs;

/// <summary>The places of images on a map by the last hidden layer of a classifier.</summary>
/// <param name="Names">The name of each image.</param>
/// <param name="Labels">The class of each image.</param>
/// <param name="Predicted">The predicted class of each image.</param>
/// <param name="Components">The first two principal components, (N, 2).</param>
/// <param name="Shares">Their shares of the variance.</param>
/// <param name="Neighborhood">The places by t-SNE, (N, 2).</param>
/// <param name="Features">The number of outputs of the layer.</param>
public sealed record MapReport(
    IReadOnlyList<string> Names,
    IReadOnlyList<int> Labels,
    IReadOnlyList<int> Predicted,
    NDArray Components,
    IReadOnlyList<double> Shares,
    NDArray Neighborhood,
    int Features
);

/// <summary>
/// Places test images in a plane by the outputs of the last hidden layer: by principal components, which keep large distances, and
/// by t-SNE, which keeps neighbors.
/// </summary>
public static class RunMap
{
    /// <summary>Computes the map.</summary>
    /// <param name="classifier">The classifier, in float32.</param>
    /// <param name="data">The images. Default: the test images of the run.</param>
    /// <param name="images">The most images, drawn at random, 4 to 5,000. Default: 1,000.</param>
    /// <param name="observer">The observer of progress and skipped images. Default: none.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    /// <exception cref="LaminaException">The images cannot be read, or are too few.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static MapReport Create(
        RunClassifier classifier,
        InspectionData? data = null,
        int images = 1000,
        RunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(classifier);
        observer ??= new RunObserver();
        if (classifier.IsQuantized)
        {
            throw new LaminaException(
                $"{classifier.Path}: is quantized; its features are not read. Use the float32 model."
            );
        }
        LabeledImages chosen = InspectedData.Sample(
            InspectedData.Test(classifier, data, observer, cancellation),
            images
        );
        var trunk = ModelTrunk.Of(classifier.Model);
        List<float> features = [];
        List<int> labels = [];
        List<int> predicted = [];
        List<string> names = [];
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        foreach (Batch batch in InspectedData.Loader(chosen, classifier, observer).Batches(0))
        {
            features.AddRange(trunk.Network.Predict(batch.Inputs[0]).Values);
            NDArray scores = classifier.Logits(batch.Inputs[0], batch.Count);
            predicted.AddRange(
                Enumerable.Range(0, batch.Count).Select(i => Classifier.ArgMax<float>(scores.Samples(i, 1).Values))
            );
            labels.AddRange(batch.Targets[0].Values.ToArray().Select(v => (int)v));
            names.AddRange(batch.Indices!.Take(batch.Count).Select(chosen.NameOf));
            TimeSpan elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(started);
            InspectedData.Report(observer, labels.Count, chosen.Count, elapsed, cancellation);
        }
        var rows = new NDArray(Shape.Of(labels.Count, trunk.FeatureCount), features.ToArray());
        observer.OnMessage(string.Create(CultureInfo.InvariantCulture, $"placing {labels.Count:N0} images by t-SNE"));
        NDArray neighborhood = Tsne.Of(rows, cancellation: cancellation);
        (NDArray components, IReadOnlyList<double> shares) = Pca.Of(rows, 2);
        return new MapReport(names, labels, predicted, components, shares, neighborhood, trunk.FeatureCount);
    }

    /// <summary>Draws the map, with a color for each class.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="report">The map.</param>
    /// <param name="classes">The names of the classes.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Draw(string path, MapReport report, IReadOnlyList<string> classes, bool isDark = false)
    {
        ArgumentNullException.ThrowIfNull(report);
        RunPictures.Scatter(
            path,
            new ScatterPicture
            {
                Title = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{report.Labels.Count:N0} test images by {report.Features:N0} outputs of the last hidden layer"
                ),
                Subtitle =
                    "A point is an image, its color the true class. t-SNE keeps neighbors together; its distances between groups mean little.",
                Panels =
                [
                    new ScatterPanel("t-SNE", report.Neighborhood),
                    new ScatterPanel(
                        $"Principal components ({Words.Percent(report.Shares[0])} and {Words.Percent(report.Shares[1])} of the variance)",
                        report.Components
                    ),
                ],
                Labels = report.Labels,
                Classes = classes,
                IsDark = isDark,
            }
        );
    }

    /// <summary>Draws the confusion matrix with classes that are confused beside each other.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="report">The map.</param>
    /// <param name="classes">The names of the classes.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void DrawConfusion(string path, MapReport report, IReadOnlyList<string> classes, bool isDark = false)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(classes);
        var confusion = new int[classes.Count, classes.Count];
        for (int i = 0; i < report.Labels.Count; i++)
        {
            confusion[report.Labels[i], report.Predicted[i]]++;
        }
        IReadOnlyList<int> order = ClassOrder.BySimilarity(confusion);
        RunPictures.ConfusionMatrix(
            path,
            ClassOrder.Reorder(confusion, order),
            [.. order.Select(c => classes[c])],
            isDark,
            "similar classes are beside each other"
        );
    }
}
