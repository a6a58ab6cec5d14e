namespace Lamina;

/// <summary>
/// A stream under a tar reader that refuses what would take unbounded memory: the reader allocates as many bytes for a long
/// name or an extended header as its size field declares, before it reads them.
/// </summary>
internal sealed class TarGuard(Stream stream, long limit) : Stream
{
    private const int BlockBytes = 512;
    private const int TypeAt = 156;
    private const int SizeAt = 124;
    private const int SizeDigits = 12;
    private const int MostMetadata = 1 << 20;
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => stream.CanSeek;

    public override bool CanWrite => false;

    public override long Length => stream.Length;

    public override long Position
    {
        get => stream.Position;
        set => stream.Position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        int read = stream.Read(buffer);
        _read += read;
        if (_read > limit)
        {
            throw new InvalidDataException($"it contains more than {limit >> 20} MiB");
        }
        if (read == BlockBytes && buffer.Length == BlockBytes)
        {
            CheckHeader(buffer);
        }
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => stream.Seek(offset, origin);

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Checks the size of headers that hold metadata: PAX attributes (x, g), GNU long names (L, K).</summary>
    private static void CheckHeader(ReadOnlySpan<byte> block)
    {
        if (!"xgLK"u8.Contains(block[TypeAt]))
        {
            return;
        }
        long size = 0;
        foreach (byte digit in block.Slice(SizeAt, SizeDigits))
        {
            // A set top bit starts a binary number, which only sizes of 8 GiB and more need.
            size =
                digit >= 0x80 ? long.MaxValue
                : digit is >= (byte)'0' and <= (byte)'7' && size < MostMetadata ? (size * 8) + digit - '0'
                : size;
        }
        if (size > MostMetadata)
        {
            throw new InvalidDataException($"a name or extended header is larger than {MostMetadata >> 20} MiB");
        }
    }
}
