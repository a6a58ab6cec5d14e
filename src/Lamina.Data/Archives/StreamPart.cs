namespace Lamina;

/// <summary>A part of a stream that can seek, as a stream of its own. The whole stream stays open.</summary>
internal sealed class StreamPart(Stream whole, long start, long length) : Stream
{
    private long _at;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _at;
        set => _at = value >= 0 ? value : throw new IOException("the position is before the beginning");
    }

    public override int Read(Span<byte> buffer)
    {
        long left = Math.Min(buffer.Length, length - _at);
        if (left <= 0)
        {
            return 0;
        }
        if (whole.Position != start + _at)
        {
            whole.Position = start + _at;
        }
        int read = whole.Read(buffer[..(int)left]);
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
                _ => length,
            }
        );

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
