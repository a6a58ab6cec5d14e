using Lamina.Runs.Data;

namespace Lamina.Runs.Inspecting;

/// <summary>Opens labeled images for a look inside a classifier.</summary>
internal static class InspectedData
{
    private const int BatchSize = 32;

    /// <summary>Opens test images.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="data">The images; the defaults if null.</param>
    /// <param name="observer">The observer of skipped images.</param>
    /// <param name="cancellation">Cancels the listing.</param>
    public static LabeledImages Test(
        RunClassifier classifier,
        InspectionData? data,
        RunObserver observer,
        CancellationToken cancellation
    )
    {
        IReadOnlyList<string> classes = classifier.Info.Classes;
        (LabeledImages images, string? note) = data?.Folder is { } folder
            ? DataSelection.OpenFor(folder, data.Format, classes, cancellation)
            : (DataSelection.OpenTest(classifier.Info.DataOf(classifier.Path), classes, cancellation), null);
        foreach (SkippedImage skipped in images.SkippedFolders)
        {
            observer.OnSkipped(skipped);
        }
        if (note is not null)
        {
            observer.OnWarning(Text.OneLine.Of(note));
        }
        return images;
    }

    /// <summary>Opens training images, or those of a folder.</summary>
    public static LabeledImages Train(RunClassifier classifier, InspectionData? data, CancellationToken cancellation)
    {
        IReadOnlyList<string> classes = classifier.Info.Classes;
        return data?.Folder is { } folder
            ? DataSelection.OpenReferences(folder, data.Format, classes, cancellation)
            : DataSelection.OpenTrain(classifier.Info.DataOf(classifier.Path), classes, cancellation);
    }

    /// <summary>Returns some of the images, spread over all of them; all if there are not more.</summary>
    public static LabeledImages Sample(LabeledImages images, int most)
    {
        if (images.Count <= most)
        {
            return images;
        }
        int[] order = [.. Enumerable.Range(0, images.Count)];
        new RandomStream(0, RandomPurpose.User, 4).Shuffle(order.AsSpan());
        return images.Subset([.. order.Take(most).Order()]);
    }

    /// <summary>Returns a loader of images in their order.</summary>
    public static DataLoader Loader(LabeledImages images, RunClassifier classifier, RunObserver observer) =>
        new(
            images,
            classifier.Info.Preprocessing,
            new DataLoaderOptions
            {
                BatchSize = BatchSize,
                ReuseBuffers = true,
                OnSkipped = observer.OnSkipped,
            }
        );

    /// <summary>Reports progress of images, and throws if it is canceled.</summary>
    public static void Report(
        RunObserver observer,
        int done,
        int total,
        TimeSpan elapsed,
        CancellationToken cancellation
    )
    {
        cancellation.ThrowIfCancellationRequested();
        double rate = elapsed.TotalSeconds > 0 ? done / elapsed.TotalSeconds : 0;
        TimeSpan left = rate > 0 ? TimeSpan.FromSeconds((total - done) / rate) : TimeSpan.Zero;
        observer.OnFeatureProgress(new FeatureProgress(done, total, rate, left));
    }
}
