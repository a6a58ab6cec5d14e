namespace Lamina.Hdf5;

/// <summary>
/// Reads HDF5 files as Keras, h5py and Lamina write them: groups, attributes of text, datasets of numbers, contiguous,
/// compact, or in chunks with gzip and shuffle. It follows no references out of the file (external links, external
/// storage, virtual datasets), and allocates no memory that is out of proportion to the file's length. Malformed files
/// cause an <see cref="InvalidDataException"/>.
/// </summary>
internal sealed class Hdf5File
{
    private Hdf5File(Hdf5Source source, long root) =>
        Root = new Hdf5Group(new Hdf5Reader(source), Hdf5Header.Read(source, root), "/");

    /// <summary>The root group.</summary>
    public Hdf5Group Root { get; }

    /// <summary>The eight bytes that begin every HDF5 file.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10];

    /// <summary>Opens a file in a stream, from its position to its end.</summary>
    /// <param name="stream">The stream, which must support seeking.</param>
    /// <param name="fileLength">
    /// The bytes on disk, which limit the memory; fewer if the stream was decompressed.
    /// </param>
    public static Hdf5File Open(Stream stream, long fileLength)
    {
        const string What = "the superblock";
        var source = new Hdf5Source(stream, fileLength);
        byte[] bytes = source.Structure(0, Math.Min(96, source.Length), What);
        var cursor = new Hdf5Cursor(bytes, What);
        cursor.Signature(Signature);
        byte version = cursor.Version(0, 3);
        if (version < 2)
        {
            cursor.Skip(4);
        }
        (byte offsets, byte lengths) = (cursor.U8(), cursor.U8());
        if (offsets != 8 || lengths != 8)
        {
            throw new InvalidDataException(
                $"its addresses have {offsets} and its lengths {lengths} bytes; Lamina reads 8"
            );
        }
        cursor.Skip(
            version switch
            {
                0 => 9,
                1 => 13,
                _ => 1,
            }
        );
        if (cursor.I64() != 0)
        {
            throw new InvalidDataException("its data does not begin at the start of the file");
        }
        cursor.Skip(8);
        long end = cursor.I64();
        if (end < 0 || end > source.Length)
        {
            throw new InvalidDataException($"it is cut off: it should have {end} bytes but has {source.Length}");
        }
        // In versions 0 and 1, the driver's block and the root's entry of a symbol table follow.
        cursor.Skip(version < 2 ? 16 : 0);
        long root = cursor.I64();
        if (version >= 2)
        {
            Hdf5Checksum.Require(bytes.AsSpan(0, bytes.Length - cursor.Left + 4), What);
        }
        return new Hdf5File(source, root);
    }
}
