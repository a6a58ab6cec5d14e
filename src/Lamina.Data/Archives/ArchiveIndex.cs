using System.Security.Cryptography;
using System.Text;

namespace Lamina;

/// <summary>
/// The table of an archive's files, made once and kept beside the archive, or in the user's cache where that folder is
/// read-only. An index for another size or time of modification, or one that is damaged, is made again.
/// </summary>
internal static class ArchiveIndex
{
    /// <summary>The extension that is added to the archive's name.</summary>
    public const string Extension = ".lamina-index";

    private const string Magic = "lamina archive index 1";
    private const int MostIndexBytes = 1 << 30;

    // Listing a smaller archive is as fast as reading an index.
    private const int FewestFiles = 1000;

    /// <summary>Returns the files of an archive, from its index if that is current.</summary>
    /// <exception cref="DataException">The archive cannot be read.</exception>
    public static MemberTable Of(ByteSource source, CancellationToken cancellation)
    {
        foreach (string path in source.IndexPaths)
        {
            if (TryRead(path, source) is { } table)
            {
                return table;
            }
        }
        MemberTable made;
        using (Stream stream = source.OpenStream())
        {
            made = new TarScanner(source.Name, cancellation).Scan(stream);
        }
        if (made.Count >= FewestFiles)
        {
            Keep(source, made);
        }
        return made;
    }

    /// <summary>Writes the index of an archive, where that is possible.</summary>
    public static void Keep(ByteSource source, MemberTable table) =>
        _ = source.IndexPaths.Any(path => TryWrite(path, source, table));

    /// <summary>Returns the path of an index in the user's cache.</summary>
    /// <param name="name">The full path or the address of the archive.</param>
    public static string CachePath(string name)
    {
        string root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
            ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return Path.Combine(root, "lamina", "indexes", hash + Extension);
    }

    private static MemberTable? TryRead(string path, ByteSource source)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length is <= SHA256.HashSizeInBytes or > MostIndexBytes)
            {
                return null;
            }
            byte[] bytes = File.ReadAllBytes(path);
            int body = bytes.Length - SHA256.HashSizeInBytes;
            if (!SHA256.HashData(bytes.AsSpan(0, body)).AsSpan().SequenceEqual(bytes.AsSpan(body)))
            {
                return null;
            }
            using var reader = new BinaryReader(new MemoryStream(bytes, 0, body));
            return reader.ReadString() == Magic && reader.ReadString() == source.Stamp
                ? MemberTable.Read(reader, source.Length)
                : null;
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Writes an index; it only saves time, so a folder that cannot be written is not an error.</summary>
    private static bool TryWrite(string path, ByteSource source, MemberTable table)
    {
        try
        {
            using var body = new MemoryStream();
            using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
            {
                writer.Write(Magic);
                writer.Write(source.Stamp);
                table.Write(writer);
            }
            body.Write(SHA256.HashData(body.GetBuffer().AsSpan(0, (int)body.Length)));
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AtomicFile.WriteAllBytes(path, body.GetBuffer().AsMemory(0, (int)body.Length));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LaminaException)
        {
            return false;
        }
    }
}
