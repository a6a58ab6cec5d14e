using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Lamina;

/// <summary>An archive on disk. It is opened for each read, so that thousands of shards do not exhaust file handles.</summary>
internal sealed class LocalSource : ByteSource
{
    private readonly string _path;
    private readonly long _modified;

    /// <exception cref="DataException">The file does not exist, is not a regular file, or cannot be opened.</exception>
    public LocalSource(string path)
    {
        _path = path;
        (SafeFileHandle handle, Length) = Open();
        handle.Dispose();
        _modified = File.GetLastWriteTimeUtc(path).Ticks;
    }

    public override string Name => _path;

    public override long Length { get; }

    public override string Stamp =>
        string.Create(CultureInfo.InvariantCulture, $"{Length} bytes, modified {_modified}");

    public override IReadOnlyList<string> IndexPaths =>
        [_path + ArchiveIndex.Extension, ArchiveIndex.CachePath(Path.GetFullPath(_path))];

    public override Stream OpenStream() => new FileStream(Open().Handle, FileAccess.Read);

    public override void Read(long offset, Span<byte> target)
    {
        (SafeFileHandle handle, long length) = Open();
        using var _ = handle;
        if (length != Length)
        {
            throw new DataException(
                _path,
                $"changed while in use: it had {Length} bytes, now {length}. Start again with the new file."
            );
        }
        try
        {
            while (!target.IsEmpty)
            {
                int read = RandomAccess.Read(handle, target, offset);
                if (read == 0)
                {
                    throw new DataException(_path, "ends before the image does.");
                }
                target = target[read..];
                offset += read;
            }
        }
        catch (IOException e)
        {
            throw new DataException(_path, $"cannot be read ({e.Message}).", e);
        }
    }

    private (SafeFileHandle Handle, long Length) Open()
    {
        try
        {
            return Directory.Exists(_path)
                ? throw new DataException(_path, "is a folder, not an archive.")
                : RegularFile.Open(_path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException(_path, "no such file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(_path, $"cannot be read ({e.Message}).", e);
        }
    }
}
