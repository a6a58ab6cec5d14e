using System.Runtime.ExceptionServices;

namespace Lamina;

/// <summary>An archive and the files in it.</summary>
/// <param name="Source">The archive.</param>
/// <param name="Table">The files.</param>
internal sealed record ArchiveFiles(ByteSource Source, MemberTable Table)
{
    // Servers answer slowly compared with the work of listing.
    private const int Connections = 16;
    private const int MostIndexBytes = 256 << 20;

    /// <summary>Lists the files of archives, several at a time.</summary>
    /// <param name="paths">Paths, or addresses on servers.</param>
    /// <param name="access">The settings for servers.</param>
    /// <param name="cancellation">Cancels the listing.</param>
    /// <exception cref="DataException">An archive cannot be read, or contains no files.</exception>
    /// <exception cref="ConnectionException">A server cannot be read.</exception>
    public static ArchiveFiles[] List(IReadOnlyList<string> paths, HttpAccess access, CancellationToken cancellation)
    {
        var pages = new HttpPages(access.PageBytes, access.Pages);
        var found = new ArchiveFiles[paths.Count];
        try
        {
            var options = new ParallelOptions
            {
                CancellationToken = cancellation,
                MaxDegreeOfParallelism = paths.Any(HttpAccess.IsAddress) ? Connections : Environment.ProcessorCount,
            };
            Parallel.For(0, found.Length, options, i => found[i] = Open(paths[i], access, pages, cancellation));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        return found;
    }

    private static ArchiveFiles Open(string path, HttpAccess access, HttpPages pages, CancellationToken cancellation)
    {
        ArchiveFiles found = HttpAccess.IsAddress(path)
            ? OpenRemote(path, access, pages, cancellation)
            : Listed(new LocalSource(path), cancellation);
        return found.Table.Count > 0
            ? found
            : throw new DataException(path, found.Table.Skipped.LastOrDefault()?.Reason ?? "contains no files.");
    }

    private static ArchiveFiles OpenRemote(
        string address,
        HttpAccess access,
        HttpPages pages,
        CancellationToken cancellation
    )
    {
        HttpFile file =
            HttpFile.Find(access, address, cancellation)
            ?? throw new DataException(HttpAccess.PathOf(address), "no such file on the server.");
        ByteSource source = access.CacheFolder is { } folder
            ? new DownloadedSource(file, folder, access.PageBytes, cancellation)
            : new HttpSource(file, pages);
        if (ArchiveIndex.Find(source) is { } known)
        {
            return new ArchiveFiles(source, known);
        }
        // Packed shards have an index beside them, which saves reading the shard to list it.
        string index =
            HttpAccess.PathOf(address) + ArchiveIndex.Extension + address[HttpAccess.PathOf(address).Length..];
        MemberTable? table = HttpFile.ReadSmall(access, index, MostIndexBytes, cancellation) is { } bytes
            ? ArchiveIndex.OfCopy(bytes, source)
            : null;
        if (table is null)
        {
            return Listed(source, cancellation);
        }
        ArchiveIndex.Keep(source, table);
        return new ArchiveFiles(source, table);
    }

    private static ArchiveFiles Listed(ByteSource source, CancellationToken cancellation) =>
        new(source, ArchiveIndex.Of(source, cancellation));
}
