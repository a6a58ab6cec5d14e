namespace Lamina;

/// <summary>A folder of packed shards on a server, whose <c>pack.json</c> lists them.</summary>
internal static class RemoteFolder
{
    private const int MostBytes = 256 << 20;

    /// <summary>Returns <see langword="true"/> for addresses that are not those of .tar files.</summary>
    public static bool Fits(string source) =>
        HttpAccess.IsAddress(source) && !HttpAccess.PathOf(source).EndsWith(".tar", StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the addresses of the shards.</summary>
    /// <exception cref="DataException">The folder has no list of shards, or none of this part.</exception>
    /// <exception cref="ConnectionException">The server cannot be read.</exception>
    public static string[] Shards(string address, string? part, HttpAccess access, CancellationToken cancellation)
    {
        string path = HttpAccess.PathOf(address);
        string folder = path.TrimEnd('/') + "/" + address[path.Length..];
        string list = HttpAccess.Beside(folder, PackManifest.FileName);
        byte[] json =
            HttpFile.ReadSmall(access, list, MostBytes, cancellation)
            ?? throw new DataException(
                path,
                $"has no {PackManifest.FileName}, which lists packed shards. Name the shards: {path.TrimEnd('/')}/shard-{{000..099}}.tar."
            );
        PackManifest manifest = PackManifest.Parse(json, HttpAccess.PathOf(list));
        manifest.RequireAll(path);
        string[] shards =
        [
            .. manifest
                .Shards.Select(s => s.File)
                .Where(f => part is null || ShardPattern.PartOf(f) == part)
                .Select(f => HttpAccess.Beside(folder, Uri.EscapeDataString(f))),
        ];
        return shards.Length > 0 ? shards : throw new DataException(path, $"has no shards for {part}.");
    }
}
