using System.Diagnostics;
using System.Globalization;
using Lamina.Runs.Text;

namespace Lamina.Runs.Transfer;

/// <summary>
/// Features of a frozen network, computed once and kept on disk beside the runs, in files of a few hundred images each. An
/// interrupted computation continues where it stopped, and another run of the same network, preprocessing and images reuses
/// the files.
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

    /// <summary>Sets the number of images to expect, counting each view.</summary>
    public void Begin(int total) => (_total, _done, _computed, _started) = (total, 0, 0, Stopwatch.GetTimestamp());

    /// <summary>Returns the features of a loader's images in several views.</summary>
    /// <param name="key">The key of what the features depend on: network, preprocessing, images.</param>
    /// <param name="views">A loader for each view, in the images' order, of <see cref="Batch"/> images.</param>
    /// <param name="cancellation">Ends the computation; what is done is kept.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public FeatureSet Compute(string key, IReadOnlyList<DataLoader> views, CancellationToken cancellation)
    {
        List<NDArray> features = [];
        NDArray? labels = null;
        for (int view = 0; view < views.Count; view++)
        {
            FeatureBlock[] blocks = [.. Blocks(key, view, views[view], cancellation)];
            features.Add(Joined([.. blocks.Select(b => b.Features)]));
            labels = Joined([.. blocks.Select(b => b.Labels)]);
        }
        return new FeatureSet(features, labels!) { Shapes = [.. network.Outputs.Select(o => o.Shape)] };
    }

    /// <summary>Returns the features of a loader's images in blocks of some hundred, so that one is in memory at a time.</summary>
    /// <param name="key">The key of what the features depend on: network, preprocessing, images.</param>
    /// <param name="view">The number of the view, from 0.</param>
    /// <param name="loader">A loader in the images' order, of <see cref="Batch"/> images.</param>
    /// <param name="cancellation">Ends the computation; what is done is kept.</param>
    /// <exception cref="DataException">None of the images can be read.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public IEnumerable<FeatureBlock> Blocks(string key, int view, DataLoader loader, CancellationToken cancellation)
    {
        string root = CreateRoot(key);
        int shards = ShardsOf(loader.Count);
        bool isEmpty = true;
        for (int shard = 0; shard < shards; shard++)
        {
            cancellation.ThrowIfCancellationRequested();
            string path = PathOf(root, view, shard);
            FeatureBlock? block = FeatureShard.Read(path, $"{key}-{view}", out string? damage);
            if (damage is not null)
            {
                observer.OnWarning(OneLine.Of(damage));
            }
            if (block is not null)
            {
                Report(block.Labels.Count, isComputed: false);
            }
            else if ((block = Shard(loader, shard, cancellation)) is not null)
            {
                FeatureShard.Write(path, $"{key}-{view}", block);
            }
            if (block is not null)
            {
                isEmpty = false;
                yield return block;
            }
        }
        if (isEmpty)
        {
            throw new DataException(loader.Source.NameOf(0), "none of the images can be read.");
        }
    }

    /// <summary>Returns <see langword="true"/> if the files of all features are there.</summary>
    /// <param name="folder">The folder of all caches.</param>
    /// <param name="key">The key of what the features depend on.</param>
    /// <param name="view">The number of the view.</param>
    /// <param name="images">The number of images.</param>
    public static bool IsComplete(string folder, string key, int view, int images)
    {
        string root = RootOf(folder, key);
        return Directory.Exists(root)
            && Enumerable.Range(0, ShardsOf(images)).All(shard => File.Exists(PathOf(root, view, shard)));
    }

    private static int ShardsOf(int images) => (images + (ShardBatches * Batch) - 1) / (ShardBatches * Batch);

    private static string RootOf(string folder, string key) => Path.Combine(folder, key[..16]);

    private static string PathOf(string root, int view, int shard) =>
        Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"{view}-{shard:D5}.safetensors"));

    private string CreateRoot(string key)
    {
        string root = RootOf(folder, key);
        try
        {
            Directory.CreateDirectory(root);
            return root;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{root}: cannot create the folder for features ({OneLine.Of(e.Message)})", e);
        }
    }

    private FeatureBlock? Shard(DataLoader loader, int shard, CancellationToken cancellation)
    {
        List<NDArray> features = [];
        List<NDArray> labels = [];
        List<int> indices = [];
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
                features.Add(Packed(network.PredictAll([batch.Inputs[0]], Batch)));
                labels.Add(new NDArray(batch.Targets[0].Shape, batch.Targets[0].Values.ToArray()));
                indices.AddRange(batch.Indices!.Take(batch.Count).Select(i => first + i));
                Report(batch.Count, isComputed: true);
            }
        }
        catch (DataException) when (!loader.Options.Strict && features.Count == 0)
        {
            return null;
        }
        return new FeatureBlock(Joined(features), Joined(labels), [.. indices]);
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

    // Several values of an image are kept in one row.
    private static NDArray Packed(IReadOnlyList<NDArray> values)
    {
        if (values is [var only])
        {
            return only;
        }
        int[] widths = [.. values.Select(v => v.Values.Length / v.Count)];
        int width = widths.Sum();
        var rows = new NDArray(Shape.Of(values[0].Count, width));
        int begin = 0;
        for (int value = 0; value < widths.Length; value++)
        {
            int own = widths[value];
            for (int i = 0; i < rows.Count; i++)
            {
                values[value].Values.Slice(i * own, own).CopyTo(rows.Values.Slice((i * width) + begin, own));
            }
            begin += own;
        }
        return rows;
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
