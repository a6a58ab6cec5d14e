using System.Security.Cryptography;

namespace Lamina;

/// <summary>The length and SHA-256 of a file, which distinguish an intact file from a damaged one.</summary>
internal sealed record Checksum(long Length, string Sha256)
{
    /// <summary>The number of hexadecimal digits of a SHA-256.</summary>
    public const int Digits = SHA256.HashSizeInBytes * 2;
}

/// <summary>A stream that counts and hashes what is written through it.</summary>
internal sealed class ChecksumWriteStream(Stream inner, Action? onWrite = null) : ForwardStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;

    public override bool CanWrite => true;

    /// <summary>The checksum of everything written so far.</summary>
    public Checksum Checksum => new(_length, Convert.ToHexStringLower(_hash.GetCurrentHash()));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        _hash.AppendData(buffer);
        _length += buffer.Length;
        onWrite?.Invoke();
    }

    public override void Flush() => inner.Flush();

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A stream that hashes what is read through it, and compares at the end.</summary>
internal sealed class ChecksumReadStream(Stream inner, Checksum expected, string file) : ForwardStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override bool CanRead => true;

    /// <summary>The required length of the file.</summary>
    public long ExpectedLength => expected.Length;

    /// <summary>The file's name in errors.</summary>
    public string File => file;

    public override int Read(Span<byte> buffer)
    {
        int count = inner.Read(buffer);
        _hash.AppendData(buffer[..count]);
        return count;
    }

    /// <summary>Verifies the checksum of what was read, which must be the whole file.</summary>
    /// <exception cref="ModelFileException">The file differs from the one that was saved.</exception>
    public void Verify() => Verify(Convert.ToHexStringLower(_hash.GetCurrentHash()), expected, file);

    /// <summary>Throws unless a file has the checksum that it was saved with.</summary>
    /// <exception cref="ModelFileException">The file differs from the one that was saved.</exception>
    public static void Verify(string sha256, Checksum expected, string file)
    {
        if (sha256 != expected.Sha256)
        {
            throw new ModelFileException(
                $"{file}: is damaged: its SHA-256 is not the one in {ModelPart.Manifest}. Use another copy of the model."
            );
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            inner.Dispose();
        }
        base.Dispose(disposing);
    }
}

/// <summary>A stream that moves only forward, and either reads or writes.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanRead => false;
    public override bool CanWrite => false;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
