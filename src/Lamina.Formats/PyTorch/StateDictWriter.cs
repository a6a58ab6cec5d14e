using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Lamina;

/// <summary>
/// Writes state dicts like torch.save: an OrderedDict of contiguous tensors, each with its own storage.
/// </summary>
internal static class StateDictWriter
{
    private const string Folder = "archive";

    // The version that torch.save has written since PyTorch 1.6.
    private const string Version = "3\n";

    /// <summary>Writes a file.</summary>
    public static void Write(Stream stream, IReadOnlyList<StateDictEntry> entries)
    {
        var zip = new StoredZipWriter(stream);
        zip.Add($"{Folder}/data.pkl", Pickle(entries));
        zip.Add($"{Folder}/byteorder", Encoding.ASCII.GetBytes(BitConverter.IsLittleEndian ? "little" : "big"));
        for (int i = 0; i < entries.Count; i++)
        {
            zip.Add($"{Folder}/data/{i}", entries[i].Count * entries[i].ElementBytes, entries[i].Write);
        }
        zip.Add($"{Folder}/version", Encoding.ASCII.GetBytes(Version));
        zip.Finish();
    }

    // Protocol 2; repeated names are kept in the memo by their first use.
    private static byte[] Pickle(IReadOnlyList<StateDictEntry> entries)
    {
        var pickle = new PickleWriter();
        pickle.Opcode(0x80).Opcode(2);
        pickle.Global("collections", "OrderedDict").Opcode(')').Opcode('R').Opcode('(');
        for (int i = 0; i < entries.Count; i++)
        {
            StateDictEntry entry = entries[i];
            pickle.Text(entry.Name);
            pickle.Global("torch._utils", "_rebuild_tensor_v2").Opcode('(');
            pickle.Opcode('(').Text("storage").Global("torch", entry.StorageClass);
            pickle.Text(i.ToString(System.Globalization.CultureInfo.InvariantCulture)).Text("cpu");
            pickle.Number(entry.Count).Opcode('t').Opcode('Q');
            pickle.Number(0).Numbers(entry.Dimensions).Numbers(Strides(entry.Dimensions));
            // requires_grad, and backward hooks.
            pickle.Opcode(0x89).Global("collections", "OrderedDict").Opcode(')').Opcode('R');
            pickle.Opcode('t').Opcode('R');
        }
        return pickle.Opcode('u').Opcode('.').ToArray();
    }

    private static long[] Strides(IReadOnlyList<long> dimensions)
    {
        var strides = new long[dimensions.Count];
        long stride = 1;
        for (int i = strides.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= dimensions[i];
        }
        return strides;
    }

    private sealed class PickleWriter
    {
        private readonly List<byte> _bytes = [];
        private readonly Dictionary<string, byte> _globals = [];

        public byte[] ToArray() => [.. _bytes];

        public PickleWriter Opcode(int opcode)
        {
            _bytes.Add((byte)opcode);
            return this;
        }

        public PickleWriter Global(string module, string name)
        {
            if (_globals.TryGetValue(name, out byte index))
            {
                return Opcode('h').Opcode(index);
            }
            index = (byte)_globals.Count;
            _globals[name] = index;
            Opcode('c');
            _bytes.AddRange(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
            return Opcode('q').Opcode(index);
        }

        public PickleWriter Text(string text)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            Opcode('X').Int32(utf8.Length);
            _bytes.AddRange(utf8);
            return this;
        }

        public PickleWriter Number(long number)
        {
            if (number is >= 0 and <= byte.MaxValue)
            {
                return Opcode('K').Opcode((int)number);
            }
            if (number is >= 0 and <= int.MaxValue)
            {
                return Opcode('J').Int32((int)number);
            }
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            Opcode(0x8a).Opcode(8);
            _bytes.AddRange(bytes);
            return this;
        }

        public PickleWriter Numbers(IReadOnlyList<long> numbers)
        {
            Opcode('(');
            foreach (long number in numbers)
            {
                Number(number);
            }
            return Opcode('t');
        }

        private PickleWriter Int32(int number)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            _bytes.AddRange(bytes);
            return this;
        }
    }
}

/// <summary>A tensor of float32, or an integer, to write.</summary>
internal sealed class StateDictEntry
{
    private const int BlockElements = 1 << 20;

    private StateDictEntry(
        string name,
        IReadOnlyList<long> dimensions,
        string storageClass,
        int elementBytes,
        Action<Action<ReadOnlySpan<byte>>> write
    )
    {
        (Name, Dimensions, StorageClass, ElementBytes, Write) = (name, dimensions, storageClass, elementBytes, write);
        Count = dimensions.Aggregate(1L, (product, d) => product * d);
    }

    /// <summary>Creates a tensor whose values are passed in parts when it is written.</summary>
    public StateDictEntry(string name, IReadOnlyList<long> dimensions, Action<Action<ReadOnlySpan<float>>> values)
        : this(name, dimensions, "FloatStorage", sizeof(float), write => values(floats => WriteFloats(floats, write)))
    { }

    /// <summary>Creates an integer, as PyTorch's int64 without dimensions.</summary>
    public StateDictEntry(string name, long number)
        : this(name, [], "LongStorage", sizeof(long), write => write(BitConverter.GetBytes(number))) { }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The shape.</summary>
    public IReadOnlyList<long> Dimensions { get; }

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    /// <summary>The size of an element in bytes.</summary>
    public int ElementBytes { get; }

    /// <summary>PyTorch's storage class for such elements.</summary>
    public string StorageClass { get; }

    /// <summary>Passes on the bytes, in parts.</summary>
    public Action<Action<ReadOnlySpan<byte>>> Write { get; }

    // The bytes of a span of floats may exceed the length of a span of bytes.
    private static void WriteFloats(ReadOnlySpan<float> floats, Action<ReadOnlySpan<byte>> write)
    {
        for (int start = 0; start < floats.Length; start += BlockElements)
        {
            write(MemoryMarshal.AsBytes(floats.Slice(start, Math.Min(BlockElements, floats.Length - start))));
        }
    }
}
