using System.Globalization;
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
        if (Find(source) is { } found)
        {
            return found;
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

    /// <summary>Returns the files of an archive if its index is current.</summary>
    public static MemberTable? Find(ByteSource source) =>
        source.IndexPaths.Select(path => TryRead(path, source)).FirstOrDefault(table => table is not null);

    /// <summary>Returns the files by an index for a copy of an archive elsewhere, which has another time of modification.</summary>
    /// <returns>The files; <see langword="null"/> if the index is damaged or for an archive of another length.</returns>
    public static MemberTable? OfCopy(byte[] index, ByteSource source)
    {
        string length = string.Create(CultureInfo.InvariantCulture, $"{source.Length} bytes, ");
        try
        {
            return Parse(index, source, stamp => stamp.StartsWith(length, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException)
        {
            return null;
        }
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
            return Parse(File.ReadAllBytes(path), source, stamp => stamp == source.Stamp);
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            return null;
        }
    }

    private static MemberTable? Parse(byte[] bytes, ByteSource source, Predicate<string> isCurrent)
    {
        int body = bytes.Length - SHA256.HashSizeInBytes;
        if (body <= 0 || !SHA256.HashData(bytes.AsSpan(0, body)).AsSpan().SequenceEqual(bytes.AsSpan(body)))
        {
            return null;
        }
        using var reader = new BinaryReader(new MemoryStream(bytes, 0, body));
        return reader.ReadString() == Magic && isCurrent(reader.ReadString())
            ? MemberTable.Read(reader, source.Length)
            : null;
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
