using System.Diagnostics;
using System.Globalization;
using Lamina.Runs.Text;

namespace Lamina.Runs.Transfer;

/// <summary>
/// Features of a frozen network, computed once and kept on disk beside the runs, in files of some hundred images each: what was
/// computed before an interruption is not computed again, and neither is it by another run of the same network, preprocessing
/// and images.
/// </summary>
/// <param name="folder">The folder of all caches.</param>
/// <param name="network">The network from images to features.</param>
/// <param name="observer">The observer that is told of progress and damaged files.</param>
internal sealed class FeatureCache(string folder, Model network, RunObserver observer)
{
    /// <summary>The name of the folder beside the runs.</summary>
    public const string FolderName = ".features";

    private const int ShardBatches = 8;
    private int _total;
    private int _done;
    private int _computed;
    private long _started;

    /// <summary>The number of images in a batch.</summary>
    public const int Batch = 32;

    /// <summary>Notes how many images are to come, each view counted.</summary>
    public void Begin(int total) => (_total, _done, _computed, _started) = (total, 0, 0, Stopwatch.GetTimestamp());

    /// <summary>Returns the features of a loader's images in several views.</summary>
    /// <param name="key">What the features depend on: network, preprocessing, images.</param>
    /// <param name="views">A loader for each view, in the images' order, of <see cref="Batch"/> images.</param>
    /// <param name="cancellation">Ends the computation; what is done is kept.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public FeatureSet Compute(string key, IReadOnlyList<DataLoader> views, CancellationToken cancellation)
    {
        string root = Path.Combine(folder, key[..16]);
        try
        {
            Directory.CreateDirectory(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{root}: cannot create the folder for features ({OneLine.Of(e.Message)})", e);
        }
        List<NDArray> features = [];
        NDArray? labels = null;
        for (int view = 0; view < views.Count; view++)
        {
            (NDArray values, labels) = View(root, $"{key}-{view}", view, views[view], cancellation);
            features.Add(values);
        }
        return new FeatureSet(features, labels!);
    }

    private (NDArray Features, NDArray Labels) View(
        string root,
        string key,
        int view,
        DataLoader loader,
        CancellationToken cancellation
    )
    {
        int shards = (loader.Count + (ShardBatches * Batch) - 1) / (ShardBatches * Batch);
        var parts = new (NDArray Features, NDArray Labels)?[shards];
        for (int shard = 0; shard < shards; shard++)
        {
            cancellation.ThrowIfCancellationRequested();
            string path = Path.Combine(
                root,
                string.Create(CultureInfo.InvariantCulture, $"{view}-{shard:D5}.safetensors")
            );
            parts[shard] = FeatureShard.Read(path, key, out string? damage);
            if (damage is not null)
            {
                observer.OnWarning(OneLine.Of(damage));
            }
            if (parts[shard] is { } known)
            {
                Report(known.Labels.Count, isComputed: false);
                continue;
            }
            parts[shard] = Shard(loader, shard, cancellation);
            if (parts[shard] is { } made)
            {
                FeatureShard.Write(path, key, made.Features, made.Labels);
            }
        }
        List<(NDArray Features, NDArray Labels)> found = [.. parts.OfType<(NDArray, NDArray)>()];
        return found.Count > 0
            ? (Joined([.. found.Select(p => p.Features)]), Joined([.. found.Select(p => p.Labels)]))
            : throw new DataException(loader.Source.NameOf(0), "none of the images can be read.");
    }

    private (NDArray Features, NDArray Labels)? Shard(DataLoader loader, int shard, CancellationToken cancellation)
    {
        List<NDArray> features = [];
        List<NDArray> labels = [];
        int end = (shard + 1) * ShardBatches;
        // A subset has its images and nothing of the next ones is read ahead.
        int first = shard * ShardBatches * Batch;
        int[] rows = [.. Enumerable.Range(first, Math.Min(end * Batch, loader.Source.Count) - first)];
        var part = new DataLoader(loader.Source.Subset(rows), loader.Preprocessing, loader.Options);
        try
        {
            foreach (Batch batch in part.Batches(0))
            {
                cancellation.ThrowIfCancellationRequested();
                features.Add(network.Predict(batch.Inputs[0], Batch));
                labels.Add(new NDArray(batch.Targets[0].Shape, batch.Targets[0].Values.ToArray()));
                Report(batch.Count, isComputed: true);
            }
        }
        catch (DataException) when (!loader.Options.Strict && features.Count == 0)
        {
            return null;
        }
        return (Joined(features), Joined(labels));
    }

    private void Report(int images, bool isComputed)
    {
        _done += images;
        _computed += isComputed ? images : 0;
        double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        double rate = seconds > 0 ? _computed / seconds : 0;
        TimeSpan left = rate > 0 ? TimeSpan.FromSeconds(Math.Max(0, _total - _done) / rate) : TimeSpan.Zero;
        observer.OnFeatureProgress(new FeatureProgress(_done, _total, rate, left));
    }

    private static NDArray Joined(List<NDArray> parts)
    {
        var result = new NDArray(parts[0].Shape.WithBatch(parts.Sum(p => p.Count)));
        int at = 0;
        foreach (NDArray part in parts)
        {
            part.Values.CopyTo(result.Values[at..]);
            at += part.Values.Length;
        }
        return result;
    }
}
