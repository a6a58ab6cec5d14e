using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lamina.Inspect;
using Lamina.Runs.Data;
using Lamina.Runs.Inspecting;
using Lamina.Runs.Results;
using Lamina.Runs.Transfer;

namespace Lamina.Runs;

/// <summary>
/// Finds the training images that a trained network sees as most similar to an image: those whose outputs of the last hidden
/// layer are nearest, as in figure 4 of the AlexNet paper.
/// </summary>
/// <remarks>
/// The search is exact. The features of the searched images are computed once and kept on disk; a block of them is in memory at a
/// time.
/// </remarks>
public sealed class RunNeighbors
{
    private const int MostNeighbors = 100;
    private readonly RunClassifier _classifier;
    private readonly NeighborOptions _options;
    private readonly ModelTrunk _trunk;
    private readonly LabeledImages _images;
    private readonly RunObserver _observer;
    private string? _key;

    /// <summary>Creates a search of a classifier's training images.</summary>
    /// <param name="classifier">The classifier, in float32.</param>
    /// <param name="options">The number of neighbors and the images to search; the defaults if <see langword="null"/>.</param>
    /// <param name="observer">The observer of progress and skipped images. Default: none.</param>
    /// <exception cref="LaminaException">The classifier is quantized, or the layer or the images cannot be found.</exception>
    public RunNeighbors(RunClassifier classifier, NeighborOptions? options = null, RunObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        (_classifier, _options, _observer) = (
            classifier,
            options ?? new NeighborOptions(),
            observer ?? new RunObserver()
        );
        if (_options.Count is < 1 or > MostNeighbors)
        {
            throw new LaminaException($"{_options.Count} neighbors: the number must be from 1 to {MostNeighbors}.");
        }
        if (classifier.IsQuantized)
        {
            throw new LaminaException(
                $"{classifier.Path}: is quantized; its features are not read. Use the float32 model."
            );
        }
        _trunk = TrunkOf(classifier.Model, _options.Layer);
        IReadOnlyList<string> classes = classifier.Info.Classes;
        _images = _options.Data is { } folder
            ? DataSelection.OpenReferences(folder, _options.Format, classes)
            : DataSelection.OpenTrain(classifier.Info.DataOf(classifier.Path), classes);
    }

    /// <summary>Finds the neighbors of prepared images.</summary>
    /// <param name="images">
    /// The name of each image, and (1, height, width, channels) as <c>Images.Load</c> returns it; read one at a time.
    /// </param>
    /// <param name="cancellation">Cancels the search; the features that are done are kept.</param>
    /// <returns><see langword="null"/> if there are no images.</returns>
    /// <exception cref="LaminaException">None of the searched images can be read.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public NeighborReport? Find(
        IEnumerable<(string Name, NDArray Image)> images,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        List<float> features = [];
        List<(string Name, ClassScore Prediction)> asked = [];
        List<NDArray> drawn = [];
        foreach ((string name, NDArray image) in images)
        {
            cancellation.ThrowIfCancellationRequested();
            features.AddRange(_trunk.Network.Predict(image).Values);
            asked.Add((name, Prediction(image)));
            if (drawn.Count < NeighborSheet.MostRows)
            {
                drawn.Add(image);
            }
        }
        if (asked.Count == 0)
        {
            return null;
        }
        var queries = new NDArray(Shape.Of(asked.Count, _trunk.FeatureCount), features.ToArray());
        var search = new NearestSearch(queries, Math.Min(_options.Count, _images.Count));
        int searched = 0;
        foreach (FeatureBlock block in Blocks(cancellation))
        {
            search.Add(Rows(block.Features), block.Indices);
            searched += block.Labels.Count;
        }
        IReadOnlyList<IReadOnlyList<Neighbor>> found = search.Results;
        return new NeighborReport(
            [.. asked.Select((a, i) => new ImageNeighbors(a.Name, a.Prediction, [.. found[i].Select(Named)]))],
            _trunk.Last.Name,
            _trunk.FeatureCount,
            searched
        )
        {
            Source = _images,
            Prepared = drawn,
        };
    }

    /// <summary>
    /// Returns <see langword="true"/> if the features of the searched images are on disk, so that a search computes none.
    /// </summary>
    /// <param name="cancellation">Cancels the reading of the images, by which the features are found.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public bool HasFeatures(CancellationToken cancellation = default) =>
        FeatureCache.IsComplete(CacheFolder, Key(cancellation), 0, _images.Count);

    /// <summary>Draws images with their neighbors beside them, as in figure 4 of the paper.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="report">A report of this search.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <returns>The number of images drawn: at most 40.</returns>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public int Draw(string path, NeighborReport report, bool isDark = false)
    {
        ArgumentNullException.ThrowIfNull(report);
        PictureSheet sheet = NeighborSheet.Of(report, new PixelRange(_classifier.Info.Preprocessing), isDark);
        RunPictures.Sheet(path, sheet);
        return sheet.Rows.Count;
    }

    private static ModelTrunk TrunkOf(Model model, string? layer)
    {
        if (layer is null)
        {
            return ModelTrunk.Of(model);
        }
        return model.Layers.Any(l => l.Name == layer)
            ? ModelTrunk.At(model, layer)
            : throw new LaminaException(
                $"{model.Name} has no layer '{layer}'. Its layers are {string.Join(", ", model.Layers.Select(l => l.Name))}."
            );
    }

    private IEnumerable<FeatureBlock> Blocks(CancellationToken cancellation)
    {
        string folder = CacheFolder;
        var cache = new FeatureCache(folder, _trunk.Network, _observer);
        var loader = new DataLoader(
            _images,
            _classifier.Info.Preprocessing,
            new DataLoaderOptions
            {
                BatchSize = FeatureCache.Batch,
                ReuseBuffers = true,
                OnSkipped = _observer.OnSkipped,
            }
        );
        cache.Begin(_images.Count);
        foreach (FeatureBlock block in cache.Blocks(Key(cancellation), 0, loader, cancellation))
        {
            yield return block.Indices.Count == block.Labels.Count && block.Indices.All(i => i >= 0)
                ? block
                : throw new LaminaException(
                    $"{folder}: features are damaged. Delete the folder; they are computed again."
                );
        }
    }

    private string CacheFolder
    {
        get
        {
            string run = Path.GetFullPath(Path.TrimEndingDirectorySeparator(_classifier.Path));
            return _options.Cache ?? Path.Combine(Path.GetDirectoryName(run)!, FeatureCache.FolderName);
        }
    }

    // Of many images it takes long to compute, and a server asks again and again.
    private string Key(CancellationToken cancellation) => _key ??= CreateKey(cancellation);

    private string CreateKey(CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Weight weight in _trunk.Network.Weights)
        {
            hash.AppendData(MemoryMarshal.AsBytes(weight.GetValues().AsSpan()));
        }
        string text =
            "neighbors"
            + _trunk.Network.GetConfig().ToJsonString()
            + _classifier.Info.Preprocessing.ToJson()
            + _images.Fingerprint(cancellation: cancellation);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private ClassScore Prediction(NDArray image)
    {
        (int index, float probability) = Classifier.Top(_classifier.Probabilities(image, 1).Values, 1)[0];
        return new ClassScore(index, _classifier.Info.Classes[index], probability);
    }

    private NeighborImage Named(Neighbor neighbor) =>
        new(
            _images.NameOf(neighbor.Index),
            _classifier.Info.Classes[_images.Labels[neighbor.Index]],
            neighbor.Distance,
            neighbor.Index
        );

    private static NDArray Rows(NDArray features) =>
        features.Reshape(Shape.Of(features.Count, (int)features.Shape.SampleCount!));
}
