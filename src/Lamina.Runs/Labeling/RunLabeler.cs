using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lamina.Inspect;
using Lamina.Runs.Data;
using Lamina.Runs.Labeling;
using Lamina.Runs.Sources;
using Lamina.Runs.Training;
using Lamina.Runs.Transfer;

namespace Lamina.Runs;

/// <summary>
/// Proposes classes for images without labels: groups of similar features of a network that others trained, to be checked and
/// renamed by hand.
/// </summary>
public static class RunLabeler
{
    private const int FewestImages = 4;
    private const int MostClasses = 20;
    private const int MostComponents = 32;

    /// <summary>Groups the images and writes the folders.</summary>
    /// <param name="options">The images, the network, and the folder to write.</param>
    /// <param name="observer">The observer of progress and skipped images. Default: none.</param>
    /// <param name="cancellation">Cancels the search; nothing is written, but features that are done are kept.</param>
    /// <exception cref="LaminaException">The images or the network cannot be used, or the folder exists.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static LabelReport Create(
        LabelOptions options,
        RunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        observer ??= new RunObserver();
        var writer = new LabelFolder(options.Output, options.Copy);
        writer.RequireNew();
        LabeledImages images = DataSelection.OpenUnlabeled(options.Data, DataFormat.Folder, cancellation);
        foreach (SkippedImage folder in images.SkippedFolders)
        {
            observer.OnSkipped(folder);
        }
        if (images.Count < FewestImages || options.Classes < 2 || options.Classes > images.Count)
        {
            throw new LaminaException(
                $"{options.Data}: has {images.Count} images, of which {options.Classes ?? 2} classes cannot be made. Use at least {FewestImages} images and 2 classes, and no more classes than images."
            );
        }
        FeatureBlock features = Features(options, images, observer, cancellation);
        NDArray rows = Components(features.Features, options.Seed);
        observer.OnMessage(
            string.Create(
                CultureInfo.InvariantCulture,
                $"grouping {rows.Count:N0} images by {features.Features.Shape[1]} features"
            )
        );
        Clusters found = Group(rows, options, cancellation);
        return writer.Write(Labels(found, features.Indices, images), cancellation);
    }

    private static FeatureBlock Features(
        LabelOptions options,
        LabeledImages images,
        RunObserver observer,
        CancellationToken cancellation
    )
    {
        Recipe recipe = HeadRecipe.Get();
        SourceModel source = StartingPoint.Load(options.Weights, recipe);
        string path = options.Weights.Path;
        _ = StartingPoint.InputOf(source.Model, path);
        Preprocessing preprocessing = options.Weights.Preprocessing is { } name
            ? NamedPreprocessing.Read(source.Model, name)
            : source.Preprocessing
                ?? throw new LaminaException(
                    $"{path}: does not say how images are prepared, which cannot be guessed without classes. Name the preprocessing: {string.Join(", ", NamedPreprocessing.Names)}."
                );
        Model network = ModelTrunk.Of(source.Model).Network;
        string folder = Path.Combine(
            Path.GetDirectoryName(Path.GetFullPath(Path.TrimEndingDirectorySeparator(options.Output)))!,
            FeatureCache.FolderName
        );
        string text =
            "label"
            + TransferSettings.ChecksumOf(path)
            + network.GetConfig().ToJsonString()
            + preprocessing.ToJson()
            + images.Fingerprint(cancellation: cancellation);
        string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var cache = new FeatureCache(folder, network, observer);
        cache.Begin(images.Count);
        var loader = new DataLoader(
            images,
            preprocessing,
            new DataLoaderOptions
            {
                BatchSize = FeatureCache.Batch,
                ReuseBuffers = true,
                OnSkipped = observer.OnSkipped,
            }
        );
        FeatureBlock[] blocks = [.. cache.Blocks(key, 0, loader, cancellation)];
        float[] values = [.. blocks.SelectMany(b => b.Features.Values.ToArray())];
        int[] indices = [.. blocks.SelectMany(b => b.Indices)];
        var all = new NDArray(Shape.Of(indices.Length, values.Length / indices.Length), values);
        return new FeatureBlock(all, new NDArray(Shape.Of(indices.Length, 1)), indices);
    }

    // Standardized, of length 1, and without the many directions of little variance, in which all images are equally far apart.
    private static NDArray Components(NDArray features, long seed)
    {
        var scale = new FeatureScale(features);
        float[] values =
        [
            .. Enumerable
                .Range(0, features.Count)
                .SelectMany(i =>
                {
                    float[] row = scale.Row(features, i);
                    float length = MathF.Sqrt(DotProduct.Of<float>(row, row));
                    return length > 0 ? row.Select(v => v / length) : row;
                }),
        ];
        var rows = new NDArray(features.Shape, values);
        int count = Math.Min(MostComponents, Math.Min(features.Count, scale.Width));
        return Pca.Of(rows, count, seed).Projections;
    }

    private static Clusters Group(NDArray rows, LabelOptions options, CancellationToken cancellation)
    {
        if (options.Classes is { } classes)
        {
            return KMeans.Of(rows, classes, options.Seed, cancellation: cancellation);
        }
        Clusters? best = null;
        int most = Math.Min(MostClasses, rows.Count / 2);
        for (int k = 2; k <= most; k++)
        {
            Clusters found = KMeans.Of(rows, k, options.Seed, cancellation: cancellation);
            best = best is null || KMeans.Silhouette(found) > KMeans.Silhouette(best) ? found : best;
        }
        return best!;
    }

    // The largest class is the first.
    private static List<ProposedLabel> Labels(Clusters found, IReadOnlyList<int> indices, LabeledImages images)
    {
        int[] order =
        [
            .. found.Labels.CountBy(l => l).OrderByDescending(p => p.Value).ThenBy(p => p.Key).Select(p => p.Key),
        ];
        return
        [
            .. found
                .Labels.Select(
                    (l, i) =>
                        new ProposedLabel(
                            images.NameOf(indices[i]),
                            string.Create(CultureInfo.InvariantCulture, $"class-{Array.IndexOf(order, l) + 1:D2}"),
                            found.Margins[i]
                        )
                )
                .OrderBy(l => l.Certainty)
                .ThenBy(l => l.Image, StringComparer.Ordinal),
        ];
    }
}
