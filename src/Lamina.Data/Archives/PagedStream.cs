namespace Lamina;

/// <summary>A file on a server as a stream that can seek, read a page at a time.</summary>
internal sealed class PagedStream(HttpFile file, int pageBytes) : SeekableReader
{
    private byte[] _page = [];
    private long _start;

    public override long Length => file.Length;

    public override int Read(Span<byte> buffer)
    {
        if (Position >= Length || buffer.IsEmpty)
        {
            return 0;
        }
        if (Position < _start || Position >= _start + _page.Length)
        {
            int count = (int)Math.Min(pageBytes, Length - Position);
            _page = _page.Length == count ? _page : new byte[count];
            _start = Position;
            file.Read(_start, _page, 0, count);
        }
        int within = (int)(Position - _start);
        int read = Math.Min(buffer.Length, _page.Length - within);
        _page.AsSpan(within, read).CopyTo(buffer);
        Position += read;
        return read;
    }
}
