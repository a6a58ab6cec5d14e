namespace Lamina.Hdf5;

/// <summary>Receives a number of values, as bytes, that begin at an element of the dataset.</summary>
internal delegate void Hdf5Values(ReadOnlySpan<byte> bytes, long element, int count);

/// <summary>The position of a dataset's values in the file.</summary>
internal sealed record Hdf5Layout(
    Hdf5Layout.Storage Kind,
    long Address,
    long StoredBytes,
    byte[] Compact,
    Hdf5Chunks? Chunks
)
{
    private const int Block = 1 << 18;

    /// <summary>The kinds of storage.</summary>
    internal enum Storage
    {
        Compact,
        Contiguous,
        Chunked,
    }

    /// <summary><see langword="true"/> if the values are stored in chunks.</summary>
    public bool IsChunked => Kind == Storage.Chunked;

    public static Hdf5Layout Read(byte[] bytes, Hdf5Filters filters)
    {
        var cursor = new Hdf5Cursor(bytes, "a layout");
        byte version = cursor.Version(3, 4);
        switch (cursor.U8())
        {
            case 0:
                return new Hdf5Layout(Storage.Compact, 0, 0, cursor.Bytes(cursor.U16()).ToArray(), null);
            case 1:
                long address = cursor.I64();
                return new Hdf5Layout(Storage.Contiguous, address, cursor.I64(), [], null);
            case 2:
                return new Hdf5Layout(Storage.Chunked, 0, 0, [], Hdf5Chunks.Read(ref cursor, version, filters));
            default:
                throw new InvalidDataException(
                    "a dataset keeps its values in other files, which Lamina does not follow"
                );
        }
    }

    /// <summary>Claims memory for the values, and rejects storage that cannot contain them.</summary>
    public void Claim(Hdf5Source source, Hdf5Dataset dataset)
    {
        if (IsChunked)
        {
            source.ClaimPacked(dataset.Bytes);
            Chunks!.Require(dataset);
            return;
        }
        source.ClaimPlain(dataset.Bytes);
        if (dataset.Bytes > (Kind == Storage.Compact ? Compact.Length : StoredBytes))
        {
            throw new InvalidDataException($"dataset {dataset} has fewer bytes in the file than its shape needs");
        }
    }

    /// <summary>Copies bytes of values that are stored as they are.</summary>
    public void ReadPlain(Hdf5Source source, Hdf5Dataset dataset, long offset, Span<byte> destination)
    {
        if (Kind == Storage.Compact)
        {
            Compact.AsSpan((int)offset, destination.Length).CopyTo(destination);
        }
        else if (destination.Length > 0)
        {
            source.Data(Address + offset, destination, $"dataset {dataset}");
        }
    }

    /// <summary>Passes on all values that are stored.</summary>
    public void Read(Hdf5Source source, Hdf5Dataset dataset, Hdf5Values take, Action start)
    {
        if (IsChunked)
        {
            // Chunks that were never written stand for zeros.
            start();
            Chunks!.ReadAll(source, dataset, take);
            return;
        }
        int size = dataset.Type.Size;
        var buffer = new byte[Math.Min(Block, dataset.Space.Count) * size];
        for (long at = 0; at < dataset.Space.Count; at += Block)
        {
            int count = (int)Math.Min(Block, dataset.Space.Count - at);
            Span<byte> bytes = buffer.AsSpan(0, count * size);
            ReadPlain(source, dataset, at * size, bytes);
            take(bytes, at, count);
        }
    }
}
