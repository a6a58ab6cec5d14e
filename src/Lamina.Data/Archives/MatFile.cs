using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Lamina;

/// <summary>
/// Reads arrays of structures from a MATLAB 5 file (little-endian, compressed or not): the texts and single numbers in
/// their fields. Source: MATLAB MAT-File Format, "Level 5 MAT-Files".
/// </summary>
internal static class MatFile
{
    private const int HeaderBytes = 128;
    private const int MostBytes = 64 << 20;
    private const int Matrix = 14;
    private const int Compressed = 15;
    private const int StructClass = 2;
    private const int CharClass = 4;

    /// <summary>Returns the elements of a structure array: field names with texts.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The name of the array.</param>
    /// <exception cref="InvalidDataException">The file is malformed or has no such array.</exception>
    public static List<Dictionary<string, string>> Structures(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < HeaderBytes || !file[126..128].SequenceEqual("IM"u8))
        {
            throw new InvalidDataException("it is not a little-endian MATLAB 5 file");
        }
        ReadOnlySpan<byte> rest = file[HeaderBytes..];
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<byte> element = Next(ref rest, out int type, padded: false);
            if (type == Compressed)
            {
                ReadOnlySpan<byte> inflated = Inflate(element);
                element = Next(ref inflated, out type);
            }
            if (type == Matrix && TryStructures(element, name) is { } found)
            {
                return found;
            }
        }
        throw new InvalidDataException($"it has no structure array '{name}'");
    }

    private static List<Dictionary<string, string>>? TryStructures(ReadOnlySpan<byte> matrix, string name)
    {
        int kind = Head(ref matrix, out long count, out string found);
        if (kind != StructClass || found != name)
        {
            return null;
        }
        int width = BinaryPrimitives.ReadInt32LittleEndian(Checked(Next(ref matrix, out _), sizeof(int)));
        ReadOnlySpan<byte> names = Next(ref matrix, out _);
        if (width <= 0 || names.Length % width != 0)
        {
            throw new InvalidDataException("the names of its fields are malformed");
        }
        string[] fields = new string[names.Length / width];
        for (int f = 0; f < fields.Length; f++)
        {
            fields[f] = Encoding.ASCII.GetString(names.Slice(f * width, width)).TrimEnd('\0');
        }
        var rows = new List<Dictionary<string, string>>();
        for (long row = 0; row < count && fields.Length > 0; row++)
        {
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (string field in fields)
            {
                values[field] = Value(Next(ref matrix, out _));
            }
            rows.Add(values);
        }
        return rows;
    }

    /// <summary>Returns a text, or the first number of an array; empty for anything else.</summary>
    private static string Value(ReadOnlySpan<byte> matrix)
    {
        if (matrix.IsEmpty)
        {
            return "";
        }
        int kind = Head(ref matrix, out long count, out _);
        if (count == 0 || matrix.IsEmpty || kind < CharClass || kind == CharClass + 1)
        {
            return "";
        }
        ReadOnlySpan<byte> data = Next(ref matrix, out int type);
        return kind == CharClass
            ? type switch
            {
                4 or 17 => Encoding.Unicode.GetString(data),
                18 => Encoding.UTF32.GetString(data),
                _ => Encoding.UTF8.GetString(data),
            }
            : Number(data, type).ToString(CultureInfo.InvariantCulture);
    }

    private static double Number(ReadOnlySpan<byte> data, int type) =>
        type switch
        {
            1 => (sbyte)Checked(data, 1)[0],
            2 => Checked(data, 1)[0],
            3 => BinaryPrimitives.ReadInt16LittleEndian(Checked(data, 2)),
            4 => BinaryPrimitives.ReadUInt16LittleEndian(Checked(data, 2)),
            5 => BinaryPrimitives.ReadInt32LittleEndian(Checked(data, 4)),
            6 => BinaryPrimitives.ReadUInt32LittleEndian(Checked(data, 4)),
            7 => BinaryPrimitives.ReadSingleLittleEndian(Checked(data, 4)),
            9 => BinaryPrimitives.ReadDoubleLittleEndian(Checked(data, 8)),
            _ => throw new InvalidDataException($"it has numbers of the unknown type {type}"),
        };

    /// <summary>Reads the flags, dimensions and name of an array, and returns its class.</summary>
    private static int Head(scoped ref ReadOnlySpan<byte> matrix, out long count, out string name)
    {
        int kind = Checked(Next(ref matrix, out _), 4)[0];
        ReadOnlySpan<byte> dims = Next(ref matrix, out _);
        count = 1;
        for (; dims.Length >= sizeof(int); dims = dims[sizeof(int)..])
        {
            count = Math.Clamp(count * Math.Max(BinaryPrimitives.ReadInt32LittleEndian(dims), 0), 0, int.MaxValue);
        }
        name = Encoding.ASCII.GetString(Next(ref matrix, out _));
        return kind;
    }

    private static ReadOnlySpan<byte> Next(scoped ref ReadOnlySpan<byte> data, out int type, bool padded = true)
    {
        const int Tag = 8;
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(Checked(data, Tag));
        uint small = first >> 16;
        // Up to four bytes may be in the tag itself.
        uint length = small > 0 ? small : BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
        int start = small > 0 ? 4 : Tag;
        type = (int)(first & 0xFFFF);
        if (length > data.Length - start || (small > 4))
        {
            throw new InvalidDataException("it is truncated or damaged");
        }
        ReadOnlySpan<byte> content = data.Slice(start, (int)length);
        int end = start + (int)length;
        data = data[Math.Min(padded ? (end + 7) / 8 * 8 : end, data.Length)..];
        return content;
    }

    private static byte[] Inflate(ReadOnlySpan<byte> data)
    {
        using var zlib = new ZLibStream(new MemoryStream(data.ToArray()), CompressionMode.Decompress);
        using var inflated = new MemoryStream();
        var block = new byte[1 << 16];
        for (int read; (read = zlib.Read(block)) > 0; )
        {
            inflated.Write(block, 0, read);
            if (inflated.Length > MostBytes)
            {
                throw new InvalidDataException($"it expands to more than {MostBytes >> 20} MiB");
            }
        }
        return inflated.ToArray();
    }

    private static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> data, int length) =>
        data.Length >= length ? data : throw new InvalidDataException("it is truncated or damaged");
}
