using System.Runtime.ExceptionServices;
using System.Security.Cryptography;

namespace Lamina;

/// <summary>Finds the shards of an earlier call that can be kept.</summary>
internal static class KeptShards
{
    /// <summary>Compares the shards in a folder with their checksums.</summary>
    /// <returns>The intact shards by file name.</returns>
    /// <exception cref="DataException">The folder has shards of other images or options.</exception>
    public static IReadOnlyDictionary<string, PackedShard> Of(
        string folder,
        PackManifest wanted,
        PackObserver observer,
        CancellationToken cancellation
    )
    {
        if (PackManifest.Find(folder) is not { } found)
        {
            return new Dictionary<string, PackedShard>();
        }
        RequireSame(folder, found, wanted);
        string[] expected = [.. wanted.AllShards];
        PackedShard[] candidates = [.. found.Shards.Where(s => expected.Contains(s.File))];
        var reasons = new string?[candidates.Length];
        int done = 0;
        try
        {
            var options = new ParallelOptions
            {
                CancellationToken = cancellation,
                MaxDegreeOfParallelism = Environment.ProcessorCount,
            };
            Parallel.For(
                0,
                candidates.Length,
                options,
                i =>
                {
                    reasons[i] = Damage(folder, candidates[i], cancellation);
                    observer.OnVerified(Interlocked.Increment(ref done), candidates.Length);
                }
            );
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        var kept = new Dictionary<string, PackedShard>(StringComparer.Ordinal);
        foreach ((PackedShard shard, string? reason) in candidates.Zip(reasons))
        {
            if (reason is null)
            {
                kept[shard.File] = shard;
            }
            else
            {
                observer.OnMessage($"{Path.Combine(folder, shard.File)}: {reason}; it is packed again");
            }
        }
        return kept;
    }

    private static void RequireSame(string folder, PackManifest found, PackManifest wanted)
    {
        string? difference =
            found.Side != wanted.Side ? $"side {found.Side} instead of {wanted.Side}"
            : found.Quality != wanted.Quality ? $"{Form(found.Quality)} instead of {Form(wanted.Quality)}"
            : found.Seed != wanted.Seed ? $"seed {found.Seed} instead of {wanted.Seed}"
            : found.ImagesPerShard != wanted.ImagesPerShard
                ? $"{found.ImagesPerShard} images per shard instead of {wanted.ImagesPerShard}"
            : !found.Parts.SequenceEqual(wanted.Parts) ? "images that are not those of the source now"
            : null;
        if (difference is not null)
        {
            throw new DataException(
                folder,
                $"has shards of {difference}. Use the same source and options, or another folder."
            );
        }
    }

    private static string Form(int quality) => quality == 0 ? "raw pixels" : $"JPEG of quality {quality}";

    private static string? Damage(string folder, PackedShard shard, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, shard.File);
        try
        {
            if (!File.Exists(path))
            {
                return "is missing";
            }
            using FileStream file = File.OpenRead(path);
            if (file.Length != shard.Bytes)
            {
                return $"has {file.Length} bytes instead of {shard.Bytes}";
            }
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[1 << 20];
            while (file.Read(buffer) is > 0 and var read)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset()) == shard.Sha256
                ? null
                : "does not match its checksum";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read ({e.Message.TrimEnd('.')})";
        }
    }
}
