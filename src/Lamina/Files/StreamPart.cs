namespace Lamina;

/// <summary>A part of a stream that can seek, as a stream of its own. The whole stream stays open.</summary>
internal sealed class StreamPart(Stream whole, long start, long length) : SeekableReader
{
    public override long Length => length;

    public override int Read(Span<byte> buffer)
    {
        long left = Math.Min(buffer.Length, length - Position);
        if (left <= 0)
        {
            return 0;
        }
        if (whole.Position != start + Position)
        {
            whole.Position = start + Position;
        }
        int read = whole.Read(buffer[..(int)left]);
        Position += read;
        return read;
    }
}
