using System.Buffers.Binary;
using System.IO.Compression;

namespace Lamina;

/// <summary>
/// The first bytes of a file, and the names in it if it is a zip archive: enough to determine its format.
/// </summary>
internal sealed class FileSignature
{
    private const int Length = 64;
    private const int MostNames = 4096;

    private FileSignature(string path, bool isFolder, byte[] start, IReadOnlyList<string> names) =>
        (Path, IsFolder, Start, ZipNames) = (path, isFolder, start, names);

    public string Path { get; }

    public bool IsFolder { get; }

    /// <summary>The first bytes; empty for a folder.</summary>
    public byte[] Start { get; }

    /// <summary>The names of a zip archive's entries; empty for other files and for damaged archives.</summary>
    public IReadOnlyList<string> ZipNames { get; }

    /// <summary>Returns <see langword="true"/> if the file begins with these bytes.</summary>
    public bool StartsWith(ReadOnlySpan<byte> bytes) => Start.AsSpan().StartsWith(bytes);

    /// <summary><see langword="true"/> if the file is a JSON object.</summary>
    public bool IsJson => Start.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    /// <summary>
    /// <see langword="true"/> if the file begins with a length and a JSON object, like safetensors files.
    /// </summary>
    public bool IsSafetensors =>
        Start is [_, _, _, _, _, _, _, _, (byte)'{', ..]
        && BinaryPrimitives.ReadUInt64LittleEndian(Start) <= SafetensorsHeader.MaxLength;

    /// <summary>Reads the signature of a file.</summary>
    /// <exception cref="ModelFileException">The file does not exist, or cannot be read.</exception>
    public static FileSignature Read(string path)
    {
        if (Directory.Exists(path))
        {
            return new FileSignature(path, true, [], []);
        }
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var start = new byte[Length];
            int read = file.ReadAtLeast(start, Length, throwOnEndOfStream: false);
            start = start[..read];
            return new FileSignature(path, false, start, start.AsSpan().StartsWith("PK"u8) ? Names(file) : []);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(path, e);
        }
    }

    private static string[] Names(FileStream file)
    {
        try
        {
            file.Position = 0;
            using var zip = new ZipArchive(file, ZipArchiveMode.Read);
            return [.. zip.Entries.Take(MostNames).Select(e => e.FullName)];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }
}
