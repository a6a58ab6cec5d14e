using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lamina;

/// <summary>
/// The directory of a zip archive (PKWARE's APPNOTE 6.3.3, including ZIP64), for reading stored entries in place, which
/// System.IO.Compression does not support. Nothing is ever decompressed or extracted; two entries never share a byte.
/// </summary>
internal sealed class StoredZip
{
    private const uint EndSignature = 0x06054b50;
    private const uint End64Signature = 0x06064b50;
    private const uint Locator64Signature = 0x07064b50;
    private const uint CentralSignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int EndLength = 22;
    private const int End64Length = 56;
    private const int Locator64Length = 20;
    private const int CentralLength = 46;
    private const int LocalLength = 30;

    /// <summary>The maximum size of a directory in bytes, and the maximum number of its entries.</summary>
    private const int MaxDirectory = 8 << 20;
    private const int MaxEntries = 100_000;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly long _length;
    private readonly Dictionary<string, StoredEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Reads the directory and checks it against the whole file.</summary>
    /// <param name="file">The file, open for reading.</param>
    /// <param name="length">The length of the file.</param>
    /// <param name="path">The name of the file in errors.</param>
    /// <exception cref="ModelFileException">
    /// The file is not an intact zip archive, or one that no program would write.
    /// </exception>
    public StoredZip(SafeFileHandle file, long length, string path)
    {
        (_file, _length, _path) = (file, length, path);
        (long offset, long size, long count) = FindDirectory();
        if (count > MaxEntries || size > MaxDirectory)
        {
            throw Error($"its zip directory has {count} entries in {size} bytes, more than any state dict");
        }
        var directory = new byte[(int)size];
        ReadAt(offset, directory);
        Parse(directory, (int)count, offset);
    }

    /// <summary>The entries by name.</summary>
    public IReadOnlyDictionary<string, StoredEntry> Entries => _entries;

    /// <summary>Returns the entry with this name, if it can be read in place.</summary>
    /// <exception cref="ModelFileException">There is no such entry, or it is compressed or encrypted.</exception>
    public StoredEntry Get(string name) =>
        !_entries.TryGetValue(name, out StoredEntry? entry)
            ? throw new ModelFileException($"{_path}: does not contain {Quoted.Name(name)}, which it refers to.")
        : entry.IsStored ? entry
        : throw new ModelFileException(
            $"{_path}: {Quoted.Name(name)} is compressed or encrypted, as torch.save never writes it. Save it again with torch.save."
        );

    /// <summary>Reads a small entry as a whole.</summary>
    /// <exception cref="ModelFileException">The entry exceeds the limit, or its CRC-32 does not match.</exception>
    public byte[] ReadAll(string name, int maxLength)
    {
        StoredEntry entry = Get(name);
        if (entry.Length > maxLength)
        {
            throw new ModelFileException(
                $"{_path}: {Quoted.Name(name)} has {entry.Length} bytes, more than the limit of {maxLength}."
            );
        }
        var bytes = new byte[(int)entry.Length];
        ReadAt(entry.Offset, bytes);
        if (Crc32.HashToUInt32(bytes) != entry.Crc)
        {
            throw Damaged(entry);
        }
        return bytes;
    }

    /// <summary>Creates the error for an entry whose CRC-32 differs from the directory's.</summary>
    public ModelFileException Damaged(StoredEntry entry) =>
        new($"{_path}: is damaged: {Quoted.Name(entry.Name)} does not match its CRC-32. Use another copy of the file.");

    /// <summary>Reads bytes of the file.</summary>
    /// <exception cref="EndOfStreamException">The file has become shorter.</exception>
    public void ReadAt(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int count = RandomAccess.Read(_file, destination, offset);
            if (count == 0)
            {
                throw new EndOfStreamException();
            }
            offset += count;
            destination = destination[count..];
        }
    }

    private (long Offset, long Size, long Count) FindDirectory()
    {
        // The record is the last of the file, except for a comment of at most 65,535 bytes.
        var tail = new byte[(int)Math.Min(_length, EndLength + ushort.MaxValue)];
        ReadAt(_length - tail.Length, tail);
        for (int at = tail.Length - EndLength; at >= 0; at--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(at);
            if (U32(end, 0) != EndSignature || U16(end, 20) != end.Length - EndLength)
            {
                continue;
            }
            (long offset, long size, long count) = (U32(end, 16), U32(end, 12), U16(end, 10));
            if (U16(end, 4) != 0 && U16(end, 4) != ushort.MaxValue)
            {
                throw Error("it is one disk of several");
            }
            long directoryEnd = _length - tail.Length + at;
            // PyTorch always writes the ZIP64 record, others only if the fields of the other one do not suffice.
            if (FindDirectory64(directoryEnd) is { } wide)
            {
                bool agrees =
                    (offset == wide.Offset || offset == uint.MaxValue)
                    && (size == wide.Size || size == uint.MaxValue)
                    && (count == wide.Count || count == ushort.MaxValue);
                (offset, size, count, directoryEnd) = agrees ? wide : throw Error("its two ends differ");
            }
            if (offset < 0 || size < 0 || count < 0 || offset > directoryEnd || size != directoryEnd - offset)
            {
                throw Error("its zip directory is not where its end record says");
            }
            return (offset, size, count);
        }
        throw Error("it has no zip directory: the file is cut off, or followed by other bytes");
    }

    private (long Offset, long Size, long Count, long End)? FindDirectory64(long end)
    {
        Span<byte> locator = stackalloc byte[Locator64Length];
        Span<byte> record = stackalloc byte[End64Length];
        if (end < Locator64Length + End64Length)
        {
            return null;
        }
        ReadAt(end - Locator64Length, locator);
        if (U32(locator, 0) != Locator64Signature)
        {
            return null;
        }
        long at = (long)U64(locator, 8);
        if (at < 0 || at > end - Locator64Length - End64Length)
        {
            throw Error("its ZIP64 directory lies outside the file");
        }
        ReadAt(at, record);
        return U32(record, 0) == End64Signature
            ? ((long)U64(record, 48), (long)U64(record, 40), (long)U64(record, 32), at)
            : throw Error("it has no ZIP64 directory where it should");
    }

    private void Parse(ReadOnlySpan<byte> directory, int count, long directoryOffset)
    {
        var headers = new List<(long Start, long End)>(Math.Min(count, directory.Length / CentralLength));
        for (int i = 0; i < count; i++)
        {
            if (directory.Length < CentralLength || U32(directory, 0) != CentralSignature)
            {
                throw Error($"entry {i} of its zip directory is malformed");
            }
            int nameLength = U16(directory, 28);
            int extraLength = U16(directory, 30);
            int length = CentralLength + nameLength + extraLength + U16(directory, 32);
            if (length > directory.Length)
            {
                throw Error($"entry {i} of its zip directory is malformed");
            }
            ReadOnlySpan<byte> nameBytes = directory.Slice(CentralLength, nameLength);
            ReadOnlySpan<byte> extra = directory.Slice(CentralLength + nameLength, extraLength);
            headers.Add(Add(directory, nameBytes, extra, directoryOffset));
            directory = directory[length..];
        }
        if (directory.Length > 0)
        {
            throw Error("its zip directory has more bytes than entries");
        }
        headers.Sort();
        for (int i = 1; i < headers.Count; i++)
        {
            if (headers[i].Start < headers[i - 1].End)
            {
                throw Error("two of its zip entries overlap");
            }
        }
    }

    private (long Start, long End) Add(
        ReadOnlySpan<byte> header,
        ReadOnlySpan<byte> nameBytes,
        ReadOnlySpan<byte> extra,
        long directoryOffset
    )
    {
        string name = Name(nameBytes);
        long size = U32(header, 24);
        long packed = U32(header, 20);
        long start = U32(header, 42);
        if (size == uint.MaxValue || packed == uint.MaxValue || start == uint.MaxValue)
        {
            Widen(extra, ref size, ref packed, ref start, name);
        }
        if (size < 0 || packed < 0 || start < 0 || start > directoryOffset - LocalLength)
        {
            throw Error($"{Quoted.Name(name)} lies outside the file");
        }
        Span<byte> local = stackalloc byte[LocalLength];
        ReadAt(start, local);
        if (U32(local, 0) != LocalSignature || U16(local, 26) != nameBytes.Length || U16(local, 8) != U16(header, 10))
        {
            throw Error($"{Quoted.Name(name)} is not where the directory says, or differs from it");
        }
        Span<byte> localName = new byte[nameBytes.Length];
        ReadAt(start + LocalLength, localName);
        long offset = start + LocalLength + nameBytes.Length + U16(local, 28);
        if (!localName.SequenceEqual(nameBytes) || offset > directoryOffset || packed > directoryOffset - offset)
        {
            throw Error($"{Quoted.Name(name)} is not where the directory says, or differs from it");
        }
        const int Encrypted = 0x2041;
        bool stored = U16(header, 10) == 0 && (U16(header, 8) & Encrypted) == 0;
        if (stored && size != packed)
        {
            throw Error($"{Quoted.Name(name)} is stored in {packed} bytes but declared to have {size}");
        }
        return _entries.TryAdd(name, new StoredEntry(name, stored, offset, packed, U32(header, 16)))
            ? (start, offset + packed)
            : throw Error($"it contains {Quoted.Name(name)} twice");
    }

    // ZIP64's extra field contains those of the three numbers, in this order, that do not fit the header.
    private void Widen(ReadOnlySpan<byte> extra, ref long size, ref long packed, ref long start, string name)
    {
        while (extra.Length >= 4)
        {
            int length = U16(extra, 2);
            if (length > extra.Length - 4)
            {
                break;
            }
            if (U16(extra, 0) == 1)
            {
                ReadOnlySpan<byte> field = extra.Slice(4, length);
                if (Take(ref field, ref size) && Take(ref field, ref packed) && Take(ref field, ref start))
                {
                    return;
                }
                break;
            }
            extra = extra[(4 + length)..];
        }
        throw Error($"{Quoted.Name(name)} lacks its ZIP64 sizes");

        static bool Take(ref ReadOnlySpan<byte> field, ref long number)
        {
            if (number != uint.MaxValue)
            {
                return true;
            }
            if (field.Length < 8)
            {
                return false;
            }
            number = (long)U64(field, 0);
            field = field[8..];
            return true;
        }
    }

    // Nothing is extracted, but no legitimate writer creates such names.
    private string Name(ReadOnlySpan<byte> bytes)
    {
        string name;
        try
        {
            name = s_strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Error("the name of a zip entry is not UTF-8 text");
        }
        bool isBad =
            name.Length == 0
            || name[0] == '/'
            || name.Contains('\\', StringComparison.Ordinal)
            || name.Any(char.IsControl)
            || name.Split('/').Any(p => p is "." or "..");
        return isBad ? throw Error($"{Quoted.Name(name)} is not a valid name for a file inside an archive") : name;
    }

    private ModelFileException Error(string what) =>
        new($"{_path}: is not an intact zip archive: {what}. Use another copy of the file.");

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
