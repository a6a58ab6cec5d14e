using System.Buffers.Binary;
using System.IO.Compression;

namespace Lamina;

/// <summary>
/// A file in the IDX format of MNIST (yann.lecun.com/exdb/mnist), gzipped or not: two zeros, the element type (8 for
/// unsigned bytes), the number of dimensions, each dimension as a big-endian 32-bit integer, the elements.
/// </summary>
internal sealed record IdxFile(int[] Dims, byte[] Elements)
{
    // Deflate compresses at most 1032:1, so a file that declares more is refused without reading it.
    private const long DeflateLimit = 1032;
    private const string Damaged = "the gzip stream is damaged or truncated.";

    /// <summary>Reads a whole file of unsigned bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rank">The required number of dimensions.</param>
    /// <exception cref="DataException">The file cannot be read or is malformed.</exception>
    public static IdxFile Read(string path, int rank)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            bool gzipped = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
            file.Position = 0;
            if (!gzipped)
            {
                return Read(file, path, rank, file.Length);
            }
            using var gzip = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
            return Read(gzip, path, rank, checked(file.Length * DeflateLimit));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException(path, "no such file.", e);
        }
        catch (InvalidDataException e)
        {
            throw new DataException(path, Damaged, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be read ({e.Message}).", e);
        }
    }

    private static IdxFile Read(Stream stream, string path, int rank, long ceiling)
    {
        Span<byte> header = stackalloc byte[4 + (4 * rank)];
        int got = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (got >= 4 && BinaryPrimitives.ReadInt32BigEndian(header) != (0x800 | rank))
        {
            throw new DataException(
                path,
                $"is not an IDX file of unsigned bytes in {rank} dimensions: "
                    + $"it starts with {Convert.ToHexString(header[..4])}, not {0x800 | rank:X8}."
            );
        }
        if (got < header.Length)
        {
            throw new DataException(path, $"is truncated: {got} bytes, less than an IDX header of {header.Length}.");
        }
        var dims = new int[rank];
        long count = 1;
        for (int i = 0; i < rank; i++)
        {
            dims[i] = BinaryPrimitives.ReadInt32BigEndian(header[(4 + (4 * i))..]);
            count =
                dims[i] < 1 ? -1
                : Math.BigMul(count, dims[i], out long product) == 0 ? product
                : -1;
            if (count is < 1 or > int.MaxValue)
            {
                throw new DataException(path, $"declares an invalid size in dimension {i}: {dims[i]}.");
            }
        }
        if (count > ceiling || count > Array.MaxLength)
        {
            throw new DataException(path, $"is truncated: it declares {count} elements, more than it can contain.");
        }
        var elements = new byte[count];
        int read = stream.ReadAtLeast(elements, elements.Length, throwOnEndOfStream: false);
        if (read < count)
        {
            throw new DataException(path, $"is truncated: it contains {read} of {count} elements.");
        }
        if (stream.ReadByte() >= 0)
        {
            throw new DataException(path, $"contains data after the {count} elements that it declares.");
        }
        if (stream is GZipStream { BaseStream: FileStream file } && !GzipTrailer.Matches(file, header, elements))
        {
            throw new DataException(path, Damaged);
        }
        return new IdxFile(dims, elements);
    }
}
