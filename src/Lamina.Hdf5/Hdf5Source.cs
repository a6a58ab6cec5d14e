namespace Lamina.Hdf5;

/// <summary>
/// The bytes of an HDF5 file. Every range is checked against the file's length before it is read, and structure (not
/// data) that is read is counted, so that circular links and tables that point to themselves end.
/// </summary>
internal sealed class Hdf5Source
{
    private const long MaxStructure = 48 << 20;
    private const int ReadCost = 64;

    private readonly Stream _stream;
    private readonly long _start;
    private long _structureLeft;
    private long _plainLeft;
    private long _packedLeft;

    /// <summary>Wraps a stream that supports seeking; the file is everything from its position on.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="fileLength">
    /// The bytes on disk, which limit the memory; fewer if the stream was decompressed.
    /// </param>
    public Hdf5Source(Stream stream, long fileLength)
    {
        _stream = stream;
        _start = stream.Position;
        Length = stream.Length - _start;
        _structureLeft = Math.Min(MaxStructure, (1 << 20) + (8 * Length));
        _plainLeft = Length;
        _packedLeft = fileLength + (48 << 20);
    }

    /// <summary>The file's length in bytes.</summary>
    public long Length { get; }

    /// <summary>Reads structure.</summary>
    public byte[] Structure(long address, long count, string what)
    {
        RequireRange(address, count, what);
        _structureLeft -= count + ReadCost;
        if (_structureLeft < 0)
        {
            throw new InvalidDataException("its structure refers to itself, or is larger than that of any model");
        }
        var bytes = new byte[count];
        Fill(address, bytes);
        return bytes;
    }

    /// <summary>Reads data that is stored as it is.</summary>
    public void Data(long address, Span<byte> destination, string what)
    {
        RequireRange(address, destination.Length, what);
        Fill(address, destination);
    }

    /// <summary>Reads a stored chunk of data.</summary>
    public byte[] Chunk(long address, long count, string what)
    {
        RequireRange(address, count, what);
        var bytes = new byte[count];
        Fill(address, bytes);
        return bytes;
    }

    /// <summary>
    /// Claims the values of a dataset before memory is allocated for them; together they have no more bytes than the
    /// file.
    /// </summary>
    public void ClaimPlain(long bytes)
    {
        _plainLeft -= bytes;
        if (bytes < 0 || _plainLeft < 0)
        {
            throw new InvalidDataException("its datasets have more bytes than the file, so they overlap");
        }
    }

    /// <summary>Claims the decompressed values of a dataset in chunks, which may be compressed or missing.</summary>
    public void ClaimPacked(long bytes)
    {
        _packedLeft -= bytes;
        if (bytes < 0 || _packedLeft < 0)
        {
            throw new InvalidDataException(
                "its compressed datasets unpack to over 48 MB more than the file has; write them without compression"
            );
        }
    }

    private void RequireRange(long address, long count, string what)
    {
        if (address < 0 || count < 0 || count > Array.MaxLength || address > Length - count)
        {
            throw new InvalidDataException($"{what} lies outside the file ({count} bytes at {address} of {Length})");
        }
    }

    private void Fill(long address, Span<byte> destination)
    {
        _stream.Position = _start + address;
        _stream.ReadExactly(destination);
    }
}
