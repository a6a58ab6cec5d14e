using System.Security.Cryptography;
using System.Text;

namespace Lamina;

/// <summary>
/// An archive on a server of which a folder keeps a copy: downloaded when it is first read, continued at the next byte after
/// any interruption, and given its name once it is complete. Thread-safe.
/// </summary>
internal sealed class DownloadedSource : ByteSource
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(0.2);
    private readonly Lock _gate = new();
    private readonly HttpFile _file;
    private readonly int _pageBytes;
    private readonly CancellationToken _cancellation;
    private readonly string _path;
    private LocalSource? _copy;

    public DownloadedSource(HttpFile file, string folder, int pageBytes, CancellationToken cancellation)
    {
        (_file, _pageBytes, _cancellation) = (file, pageBytes, cancellation);
        // Another version of the file is another copy.
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{file.Name} {file.Stamp}")));
        _path = Path.Combine(Path.GetFullPath(folder), hash[..16], file.Name[(file.Name.LastIndexOf('/') + 1)..]);
    }

    public override string Name => _file.Name;

    public override long Length => _file.Length;

    public override string Stamp => _file.Stamp;

    public override IReadOnlyList<string> IndexPaths => [_path + ArchiveIndex.Extension];

    public override int PageOf(long offset) => (int)(offset / _pageBytes);

    public override Stream OpenStream() => Copy().OpenStream();

    public override void Read(long offset, Span<byte> target) => Copy().Read(offset, target);

    private LocalSource Copy()
    {
        lock (_gate)
        {
            return _copy ??= Download();
        }
    }

    private LocalSource Download()
    {
        string part = _path + ".part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            while (!File.Exists(_path) || new FileInfo(_path).Length != Length)
            {
                try
                {
                    using var target = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 0);
                    Continue(target);
                    target.Flush(flushToDisk: true);
                    File.Move(part, _path, overwrite: true);
                }
                catch (IOException e) when (IsLocked(e))
                {
                    // Another process, such as another rank, downloads it.
                    _cancellation.ThrowIfCancellationRequested();
                    Thread.Sleep(s_wait);
                }
            }
            return new LocalSource(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConnectionException(
                Name,
                $"the copy {_path} cannot be written ({e.Message.TrimEnd('.')}). Make space, or set {HttpAccess.CacheVariable} to another folder.",
                e
            );
        }
    }

    private void Continue(FileStream target)
    {
        long have = _file.HasRanges ? Math.Min(target.Length, Length) : 0;
        target.SetLength(have);
        target.Position = have;
        _file.Transfer(have, Length - have, target.Write, () => target.SetLength(0), _cancellation);
    }

    // EAGAIN or EWOULDBLOCK of flock on Linux and macOS, and a sharing violation.
    private static bool IsLocked(IOException e) => (e.HResult & 0xFFFF) is 11 or 35 or 32;
}
