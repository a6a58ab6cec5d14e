namespace Lamina;

/// <summary>A file on a server as a stream that can seek, read a page at a time.</summary>
internal sealed class PagedStream(HttpFile file, int pageBytes) : Stream
{
    private byte[] _page = [];
    private long _start;
    private long _at;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => _at;
        set => _at = value >= 0 ? value : throw new IOException("the position is before the beginning");
    }

    public override int Read(Span<byte> buffer)
    {
        if (_at >= Length || buffer.IsEmpty)
        {
            return 0;
        }
        if (_at < _start || _at >= _start + _page.Length)
        {
            int count = (int)Math.Min(pageBytes, Length - _at);
            _page = _page.Length == count ? _page : new byte[count];
            _start = _at;
            file.Read(_at, _page, 0, count);
        }
        int within = (int)(_at - _start);
        int read = Math.Min(buffer.Length, _page.Length - within);
        _page.AsSpan(within, read).CopyTo(buffer);
        _at += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = checked(
            offset
            + origin switch
            {
                SeekOrigin.Begin => 0,
                SeekOrigin.Current => _at,
                _ => Length,
            }
        );

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
