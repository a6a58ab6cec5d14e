using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Lamina;

/// <summary>Packs the shards that are missing, one after the other, each on several threads.</summary>
internal sealed class PackRun(
    IReadOnlyList<(string Name, LabeledImages Images)> parts,
    string folder,
    PackOptions options,
    PackObserver observer,
    CancellationToken cancellation
)
{
    // Encoded images that wait to be written; one slow image delays only these.
    private const int ImagesPerWorker = 32;

    private readonly ConcurrentBag<PackEncoder> _encoders = [];
    private readonly List<PackedShard> _shards = [];
    private int _done;
    private int _total;
    private int _kept;

    /// <summary>Packs the shards.</summary>
    /// <param name="manifest">The index without shards.</param>
    /// <param name="kept">The shards of earlier calls, by file name.</param>
    public PackResult Run(PackManifest manifest, IReadOnlyDictionary<string, PackedShard> kept)
    {
        _total = parts.Sum(p => p.Images.Count);
        _kept = _done = kept.Values.Sum(s => s.Images + s.Skipped.Count);
        // Damaged shards are no longer listed, and a shard may be missing in the middle.
        Save(manifest, kept.Values);
        observer.OnPacked(_done, _total, _kept);
        foreach ((string name, LabeledImages images) in parts)
        {
            Pack(manifest, name, images, kept);
        }
        return new PackResult
        {
            Folder = folder,
            Images = _shards.Sum(s => s.Images),
            Shards = _shards.Count,
            KeptShards = kept.Count,
            Bytes = _shards.Sum(s => s.Bytes),
            Skipped = [.. _shards.SelectMany(s => s.Skipped)],
        };
    }

    private void Pack(
        PackManifest manifest,
        string part,
        LabeledImages images,
        IReadOnlyDictionary<string, PackedShard> kept
    )
    {
        int[] order = [.. Enumerable.Range(0, images.Count)];
        new RandomStream(options.Seed, RandomPurpose.Shuffle).Shuffle(order.AsSpan());
        int packed = 0;
        for (int shard = 0; shard < manifest.ShardsOf(images.Count); shard++)
        {
            string file = PackManifest.NameOf(part, shard);
            if (!kept.TryGetValue(file, out PackedShard? done))
            {
                int start = shard * options.ImagesPerShard;
                int count = Math.Min(options.ImagesPerShard, images.Count - start);
                done = Write(file, images, order.AsMemory(start, count));
            }
            _shards.Add(done);
            packed += done.Images;
            foreach (SkippedImage skipped in done.Skipped)
            {
                observer.OnSkipped(skipped);
            }
            Save(manifest, _shards.Concat(kept.Values).DistinctBy(s => s.File));
        }
        if (packed == 0)
        {
            SkippedImage first = _shards[^1].Skipped[0];
            throw new DataException(first.Name, $"{first.Reason} None of the {images.Count} images can be read.");
        }
    }

    private void Save(PackManifest manifest, IEnumerable<PackedShard> shards) =>
        (manifest with { Shards = [.. shards] }).Write(folder);

    private PackedShard Write(string file, LabeledImages images, ReadOnlyMemory<int> order)
    {
        string path = Path.Combine(folder, file);
        PackedShard? result = null;
        MemberTable? table = null;
        AtomicFile.Write(
            path,
            stream =>
            {
                using var writer = new ShardWriter(stream, PackEncoder.ExtensionOf(options));
                List<SkippedImage> skipped = Write(writer, images, order);
                (long bytes, string hash) = writer.Finish();
                table = writer.Table;
                result = new PackedShard(file, writer.Images, bytes, hash, skipped);
            }
        );
        // Listing the shard again would read the headers of all files.
        ArchiveIndex.Keep(new LocalSource(path), table!);
        return result!;
    }

    private List<SkippedImage> Write(ShardWriter writer, LabeledImages images, ReadOnlyMemory<int> order)
    {
        var skipped = new List<SkippedImage>();
        int step = ImagesPerWorker * options.Workers;
        var files = new byte[Math.Min(step, order.Length)][];
        var failures = new DataException?[files.Length];
        for (int from = 0; from < order.Length; from += step)
        {
            ReadOnlyMemory<int> some = order.Slice(from, Math.Min(step, order.Length - from));
            Encode(images, some, files, failures);
            for (int i = 0; i < some.Length; i++)
            {
                int index = some.Span[i];
                if (failures[i] is { } failure)
                {
                    skipped.Add(new SkippedImage(failure.Path, failure.Reason));
                }
                else
                {
                    writer.Write(index, images.NameOf(index), images.Labels[index], files[i]);
                }
            }
            _done += some.Length;
            observer.OnPacked(_done, _total, _kept);
        }
        return skipped;
    }

    private void Encode(LabeledImages images, ReadOnlyMemory<int> some, byte[][] files, DataException?[] failures)
    {
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellation,
            MaxDegreeOfParallelism = options.Workers,
        };
        try
        {
            Parallel.For(
                0,
                some.Length,
                parallel,
                () => _encoders.TryTake(out PackEncoder? idle) ? idle : new PackEncoder(options),
                (i, _, encoder) =>
                {
                    failures[i] = null;
                    try
                    {
                        files[i] = encoder.Encode(images, some.Span[i]);
                    }
                    catch (DataException e)
                    {
                        failures[i] = e;
                    }
                    return encoder;
                },
                _encoders.Add
            );
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
