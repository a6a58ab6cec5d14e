using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Lamina.Formats.Tests;

/// <summary>Pickles put together by hand, opcode by opcode, and .pth files around them.</summary>
internal sealed class Pickle
{
    private readonly List<byte> _bytes = [0x80, 2];

    public static Pickle New => new();

    public byte[] Bytes => [.. _bytes];

    public Pickle Op(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public Pickle Op(string ascii) => Op(Encoding.ASCII.GetBytes(ascii));

    public Pickle Repeat(int times, params byte[] bytes)
    {
        for (int i = 0; i < times; i++)
        {
            _bytes.AddRange(bytes);
        }
        return this;
    }

    public Pickle Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Op("X").Op(length).Op(utf8);
    }

    public Pickle Global(string name)
    {
        int dot = name.LastIndexOf('.');
        return Op($"c{name[..dot]}\n{name[(dot + 1)..]}\n");
    }

    public Pickle Number(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Op(0x8a, 8).Op(bytes);
    }

    /// <summary>A call of _rebuild_tensor_v2 for storage "0".</summary>
    public Pickle Tensor(
        long offset,
        long[] sizes,
        long[] strides,
        long count = 4,
        string key = "0",
        string storage = "torch.FloatStorage"
    )
    {
        Global("torch._utils._rebuild_tensor_v2").Op("((").Text("storage").Global(storage).Text(key).Text("cpu");
        Number(count).Op("tQ").Number(offset).Op("(");
        Array.ForEach(sizes, s => Number(s));
        Op("t(");
        Array.ForEach(strides, s => Number(s));
        return Op("t").Op(0x89).Global("collections.OrderedDict").Op(")RtR");
    }

    /// <summary>A dict of one tensor w, of the given kind.</summary>
    public static byte[] OneTensor(Func<Pickle, Pickle> tensor) => tensor(New.Op("}").Text("w")).Op("s.").Bytes;

    /// <summary>Writes a .pth of a pickle and a storage "0" of the floats 1, 2, 3, 4.</summary>
    public static string Save(string path, byte[] pickle, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using FileStream file = File.Create(path);
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        Add(zip, "archive/data.pkl", pickle, level);
        Add(zip, "archive/data/0", [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64], level);
        return path;
    }

    public static void Add(
        ZipArchive zip,
        string name,
        byte[] content,
        CompressionLevel level = CompressionLevel.NoCompression
    )
    {
        using Stream stream = zip.CreateEntry(name, level).Open();
        stream.Write(content);
    }
}
