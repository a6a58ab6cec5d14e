namespace Lamina.Hdf5;

/// <summary>A message of an object header, with the kinds that Lamina reads.</summary>
internal readonly record struct Hdf5Message(int Type, bool IsShared, byte[] Bytes)
{
    public const int Dataspace = 1;
    public const int LinkInfo = 2;
    public const int Datatype = 3;
    public const int Link = 6;
    public const int ExternalFiles = 7;
    public const int Layout = 8;
    public const int Filters = 11;
    public const int Attribute = 12;
    public const int Continuation = 16;
    public const int SymbolTable = 17;
    public const int AttributeInfo = 21;
}

/// <summary>Object headers: the messages that describe a group or dataset.</summary>
internal static class Hdf5Header
{
    private const int MaxMessages = 100_000;

    public static List<Hdf5Message> Read(Hdf5Source source, long address)
    {
        byte[] start = source.Structure(address, 16, "an object header");
        return start.AsSpan(0, 4).SequenceEqual("OHDR"u8) ? ReadNew(source, address) : ReadOld(source, address, start);
    }

    private static List<Hdf5Message> ReadOld(Hdf5Source source, long address, byte[] start)
    {
        var cursor = new Hdf5Cursor(start, "an object header");
        cursor.Version(1, 1);
        cursor.Skip(1);
        int count = cursor.U16();
        cursor.Skip(4);
        long size = cursor.U32();
        var messages = new List<Hdf5Message>();
        var blocks = new Queue<(long Address, long Size)>();
        blocks.Enqueue((address + 16, size));
        while (blocks.TryDequeue(out (long Address, long Size) block))
        {
            var rest = new Hdf5Cursor(
                source.Structure(block.Address, block.Size, "an object header"),
                "an object header"
            );
            while (rest.Left >= 8 && messages.Count < count)
            {
                int type = rest.U16();
                int length = rest.U16();
                byte flags = rest.U8();
                rest.Skip(3);
                Add(messages, blocks, type, flags, rest.Bytes(length));
            }
        }
        return messages.Count == count
            ? messages
            : throw new InvalidDataException($"an object header has {messages.Count} of its {count} messages");
    }

    private static List<Hdf5Message> ReadNew(Hdf5Source source, long address)
    {
        const string What = "an object header";
        // The prefix has at most 4 + 1 + 1 + 16 + 4 + 8 bytes.
        byte[] prefix = source.Structure(address, Math.Min(34, source.Length - address), What);
        var cursor = new Hdf5Cursor(prefix, What);
        cursor.Signature("OHDR"u8);
        cursor.Version(2, 2);
        byte flags = cursor.U8();
        cursor.Skip(((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0));
        long size = cursor.Sized(1 << (flags & 3));
        int used = prefix.Length - cursor.Left;
        if (size < 0 || size > source.Length)
        {
            throw new InvalidDataException("an object header is longer than the file");
        }
        byte[] whole = source.Structure(address, used + size + 4, What);
        Hdf5Checksum.Require(whole, What);
        var messages = new List<Hdf5Message>();
        var blocks = new Queue<(long Address, long Size)>();
        ReadBlock(whole.AsSpan(used, (int)size), flags, messages, blocks);
        while (blocks.TryDequeue(out (long Address, long Size) block))
        {
            byte[] bytes = source.Structure(block.Address, block.Size, What);
            new Hdf5Cursor(bytes, What).Signature("OCHK"u8);
            Hdf5Checksum.Require(bytes, What);
            ReadBlock(bytes.AsSpan(4..^4), flags, messages, blocks);
        }
        return messages;
    }

    private static void ReadBlock(
        ReadOnlySpan<byte> bytes,
        byte headerFlags,
        List<Hdf5Message> messages,
        Queue<(long, long)> blocks
    )
    {
        int prefix = (headerFlags & 4) != 0 ? 6 : 4;
        var cursor = new Hdf5Cursor(bytes, "an object header");
        // Anything too short for a message is a gap.
        while (cursor.Left >= prefix)
        {
            int type = cursor.U8();
            int length = cursor.U16();
            byte flags = cursor.U8();
            cursor.Skip(prefix - 4);
            Add(messages, blocks, type, flags, cursor.Bytes(length));
        }
    }

    private static void Add(
        List<Hdf5Message> messages,
        Queue<(long, long)> blocks,
        int type,
        byte flags,
        ReadOnlySpan<byte> bytes
    )
    {
        if (messages.Count >= MaxMessages)
        {
            throw new InvalidDataException($"an object header has over {MaxMessages} messages");
        }
        messages.Add(new Hdf5Message(type, (flags & 2) != 0, bytes.ToArray()));
        if (type == Hdf5Message.Continuation)
        {
            var cursor = new Hdf5Cursor(bytes, "a continuation");
            long address = cursor.I64();
            blocks.Enqueue((address, cursor.I64()));
        }
    }

    /// <summary>Returns the only message of a kind; <see langword="null"/> if there is none.</summary>
    public static byte[]? Find(this List<Hdf5Message> messages, int type)
    {
        foreach (Hdf5Message message in messages)
        {
            if (message.Type == type)
            {
                return message.IsShared
                    ? throw new InvalidDataException(
                        "it shares messages between objects, which Lamina does not support"
                    )
                    : message.Bytes;
            }
        }
        return null;
    }
}
