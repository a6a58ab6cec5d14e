using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lamina;

/// <summary>
/// Writes samples of a shard as WebDataset stores them: an image and a .cls file with its label, under the same key. Equal
/// samples give equal bytes.
/// </summary>
internal sealed class ShardWriter : IDisposable
{
    private const int HeaderBytes = 512;
    private const int MostStem = 40;
    private readonly CountedHash _output;
    private readonly TarWriter _writer;
    private readonly string _extension;

    public ShardWriter(Stream output, string extension)
    {
        _extension = extension;
        _output = new CountedHash(output);
        _writer = new TarWriter(_output, TarEntryFormat.Ustar, leaveOpen: true);
    }

    /// <summary>The files that were written.</summary>
    public MemberTable Table { get; } = new();

    /// <summary>The number of images that were written.</summary>
    public int Images { get; private set; }

    /// <summary>Writes an image.</summary>
    /// <param name="index">The index of the image in the source.</param>
    /// <param name="name">The name of the image in the source.</param>
    /// <param name="label">The label.</param>
    /// <param name="file">The encoded image.</param>
    public void Write(int index, string name, int label, byte[] file)
    {
        string key = KeyOf(index, name);
        string text = label.ToString(CultureInfo.InvariantCulture);
        Add(key + _extension, file, null);
        Add(key + ".cls", Encoding.ASCII.GetBytes(text), text);
        Images++;
    }

    /// <summary>Ends the archive.</summary>
    /// <returns>The number of bytes and their SHA-256 in hexadecimal digits.</returns>
    public (long Bytes, string Sha256) Finish()
    {
        _writer.Dispose();
        return (_output.Count, _output.Finish());
    }

    public void Dispose()
    {
        // Only a finished archive gets its end: after an error the file is discarded, and the disk may be full.
        _output.Dispose();
    }

    /// <summary>Returns the key of a sample: its index in the source and its name, without dots, at which keys end.</summary>
    private static string KeyOf(int index, string name)
    {
        string stem = Path.GetFileNameWithoutExtension(name);
        var key = new StringBuilder(index.ToString("D8", CultureInfo.InvariantCulture)).Append('-');
        foreach (char c in stem.AsSpan(0, Math.Min(stem.Length, MostStem)))
        {
            key.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_');
        }
        return key.ToString();
    }

    private void Add(string name, byte[] bytes, string? label)
    {
        Table.Add(name, _output.Count + HeaderBytes, bytes.Length, label);
        using var data = new MemoryStream(bytes);
        _writer.WriteEntry(
            new UstarTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = data,
                ModificationTime = DateTimeOffset.UnixEpoch,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            }
        );
    }

    /// <summary>Counts and hashes what is written.</summary>
    private sealed class CountedHash(Stream output) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public long Count { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            output.Write(buffer);
            _hash.AppendData(buffer);
            Count += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Flush() => output.Flush();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _hash.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
