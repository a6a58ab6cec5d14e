using System.IO.Compression;

namespace Lamina.Hdf5;

/// <summary>
/// The filters that were applied to a dataset's chunks when they were written, in order: gzip, shuffled bytes, a
/// checksum.
/// </summary>
internal sealed record Hdf5Filters(IReadOnlyList<(int Id, int Parameter)> Steps)
{
    private const int Deflate = 1;
    private const int Shuffle = 2;
    private const int Fletcher32 = 3;
    private const int MaxElementSize = 64;

    public static Hdf5Filters Read(byte[]? bytes)
    {
        if (bytes is null)
        {
            return new Hdf5Filters([]);
        }
        var cursor = new Hdf5Cursor(bytes, "a filter pipeline");
        byte version = cursor.Version(1, 2);
        int count = cursor.U8();
        cursor.Skip(version == 1 ? 6 : 0);
        var steps = new List<(int, int)>();
        for (int i = 0; i < count; i++)
        {
            int id = cursor.U16();
            int nameLength = version == 1 || id >= 256 ? cursor.U16() : 0;
            cursor.Skip(2);
            int values = cursor.U16();
            cursor.Skip(version == 1 ? (nameLength + 7) / 8 * 8 : nameLength);
            int parameter = values > 0 ? (int)Math.Min(int.MaxValue, cursor.U32()) : 0;
            for (int v = 1; v < values; v++)
            {
                cursor.Skip(4);
            }
            cursor.Skip(version == 1 && values % 2 == 1 ? 4 : 0);
            if (id is not (Deflate or Shuffle or Fletcher32))
            {
                throw new InvalidDataException(
                    $"a dataset is packed by filter {id}; Lamina supports gzip, shuffle and fletcher32"
                );
            }
            steps.Add((id, parameter));
        }
        return new Hdf5Filters(steps);
    }

    /// <summary>Reverses the filters on a chunk.</summary>
    /// <param name="chunk">The stored bytes.</param>
    /// <param name="skipped">The bits of filters that were skipped for this chunk.</param>
    /// <param name="size">The chunk's length after all filters are reversed.</param>
    /// <param name="elementSize">The size of an element in bytes, which shuffling depends on.</param>
    public byte[] Undo(byte[] chunk, uint skipped, int size, int elementSize)
    {
        for (int i = Steps.Count - 1; i >= 0; i--)
        {
            if ((skipped >> i & 1) != 0)
            {
                continue;
            }
            chunk = Steps[i].Id switch
            {
                Deflate => Inflate(chunk, size + (4 * Steps.Take(i).Count(s => s.Id == Fletcher32))),
                Shuffle => Unshuffle(chunk, Steps[i].Parameter > 0 ? Steps[i].Parameter : elementSize),
                _ => chunk.Length >= 4 ? chunk[..^4] : throw new InvalidDataException("a chunk has no checksum"),
            };
        }
        return chunk.Length == size
            ? chunk
            : throw new InvalidDataException($"a chunk unpacks to {chunk.Length} bytes, not {size}");
    }

    private static byte[] Inflate(byte[] chunk, int size)
    {
        var result = new byte[size];
        using var zlib = new ZLibStream(new MemoryStream(chunk), CompressionMode.Decompress);
        int read = zlib.ReadAtLeast(result, size, throwOnEndOfStream: false);
        return read == size && zlib.ReadByte() < 0
            ? result
            : throw new InvalidDataException($"a chunk does not unpack to {size} bytes");
    }

    private static byte[] Unshuffle(byte[] chunk, int elementSize)
    {
        if (elementSize > MaxElementSize)
        {
            throw new InvalidDataException($"a dataset is shuffled by elements of {elementSize} bytes");
        }
        int count = chunk.Length / elementSize;
        var result = new byte[chunk.Length];
        for (int b = 0; b < elementSize; b++)
        {
            for (int i = 0; i < count; i++)
            {
                result[(i * elementSize) + b] = chunk[(b * count) + i];
            }
        }
        int whole = count * elementSize;
        chunk.AsSpan(whole).CopyTo(result.AsSpan(whole));
        return result;
    }
}
