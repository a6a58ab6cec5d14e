namespace Lamina.Hdf5;

/// <summary>
/// Reads the HDF5 that Keras writes, and h5py and PureHDF in its place: groups, attributes of text, datasets of numbers,
/// contiguous, compact, or in chunks with gzip and shuffle. It follows nothing out of the file (external links, external
/// storage, virtual datasets), and takes no memory that the file's own length does not bear out. What is malformed is an
/// <see cref="InvalidDataException"/>.
/// </summary>
internal sealed class Hdf5File
{
    private Hdf5File(Hdf5Source source, long root) =>
        Root = new Hdf5Group(new Hdf5Reader(source), Hdf5Header.Read(source, root), "/");

    /// <summary>The group that holds all others.</summary>
    public Hdf5Group Root { get; }

    /// <summary>The eight bytes that every HDF5 file begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10];

    /// <summary>Opens a file, all of a stream from its position on.</summary>
    /// <param name="stream">The stream, which can seek.</param>
    /// <param name="fileLength">The bytes on disk, by which memory is measured; fewer where the stream was unpacked.</param>
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
            throw new InvalidDataException("its data does not begin where the file does");
        }
        cursor.Skip(8);
        long end = cursor.I64();
        if (end < 0 || end > source.Length)
        {
            throw new InvalidDataException($"it is cut off: it should have {end} bytes and has {source.Length}");
        }
        // Version 0 and 1 go on with the driver's block and the root's entry of a symbol table.
        cursor.Skip(version < 2 ? 16 : 0);
        long root = cursor.I64();
        if (version >= 2)
        {
            Hdf5Checksum.Require(bytes.AsSpan(0, bytes.Length - cursor.Left + 4), What);
        }
        return new Hdf5File(source, root);
    }
}
