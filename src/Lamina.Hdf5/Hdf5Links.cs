using System.Text;

namespace Lamina.Hdf5;

/// <summary>
/// Reads a group's members: old files have a B-tree of symbol tables and a heap of names; newer ones have link
/// messages, in a heap if there are many. Soft and external links are skipped; Keras writes none.
/// </summary>
internal static class Hdf5Links
{
    private const long Undefined = -1;

    public static (Dictionary<string, long> Addresses, IReadOnlyList<string> Names) Read(
        Hdf5Source source,
        List<Hdf5Message> messages
    )
    {
        var links = new Links();
        if (messages.Find(Hdf5Message.SymbolTable) is { } table)
        {
            var cursor = new Hdf5Cursor(table, "a symbol table");
            long tree = cursor.I64();
            byte[] names = Heap(source, cursor.I64());
            Tree(source, tree, names, links, level: null);
        }
        foreach (Hdf5Message message in messages.Where(m => m.Type == Hdf5Message.Link))
        {
            AddLink(message.Bytes, links);
        }
        if (messages.Find(Hdf5Message.LinkInfo) is { } info)
        {
            foreach (byte[] link in Hdf5DenseStorage.Links(source, info))
            {
                AddLink(link, links);
            }
        }
        return (links.Addresses, links.Names);
    }

    private static byte[] Heap(Hdf5Source source, long address)
    {
        const string What = "a heap of names";
        var cursor = new Hdf5Cursor(source.Structure(address, 32, What), What);
        cursor.Signature("HEAP"u8);
        cursor.Version(0, 0);
        cursor.Skip(3);
        long size = cursor.I64();
        cursor.Skip(8);
        return source.Structure(cursor.I64(), size, What);
    }

    // Each level is one below its parent's, so a tree that points to itself cannot continue.
    private static void Tree(Hdf5Source source, long address, byte[] names, Links links, int? level)
    {
        const string What = "a group's tree";
        var prefix = new Hdf5Cursor(source.Structure(address, 24, What), What);
        prefix.Signature("TREE"u8);
        int type = prefix.U8();
        int own = prefix.U8();
        int count = prefix.U16();
        if (type != 0 || (level is { } expected && own != expected))
        {
            throw new InvalidDataException($"{What} has a node that is not of its kind or level");
        }
        var entries = new Hdf5Cursor(source.Structure(address + 24, (16L * count) + 8, What), What);
        for (int i = 0; i < count; i++)
        {
            entries.Skip(8);
            long child = entries.I64();
            if (own > 0)
            {
                Tree(source, child, names, links, own - 1);
            }
            else
            {
                Symbols(source, child, names, links);
            }
        }
    }

    private static void Symbols(Hdf5Source source, long address, byte[] names, Links links)
    {
        const string What = "a symbol table";
        var prefix = new Hdf5Cursor(source.Structure(address, 8, What), What);
        prefix.Signature("SNOD"u8);
        prefix.Version(1, 1);
        prefix.Skip(1);
        int count = prefix.U16();
        var entries = new Hdf5Cursor(source.Structure(address + 8, 40L * count, What), What);
        for (int i = 0; i < count; i++)
        {
            long offset = entries.I64();
            long header = entries.I64();
            uint cache = entries.U32();
            entries.Skip(20);
            int end = offset >= 0 && offset < names.Length ? Array.IndexOf(names, (byte)0, (int)offset) : -1;
            if (end < 0)
            {
                throw new InvalidDataException("a name lies outside its heap");
            }
            const uint SoftLink = 2;
            if (cache != SoftLink)
            {
                links.Add(Encoding.UTF8.GetString(names, (int)offset, end - (int)offset), header);
            }
        }
    }

    private static void AddLink(byte[] bytes, Links links)
    {
        var cursor = new Hdf5Cursor(bytes, "a link");
        cursor.Version(1, 1);
        byte flags = cursor.U8();
        int type = (flags & 8) != 0 ? cursor.U8() : 0;
        cursor.Skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 16) != 0 ? 1 : 0));
        long length = cursor.Sized(1 << (flags & 3));
        if (length < 0 || length > cursor.Left)
        {
            throw new InvalidDataException("a link's name is longer than the link");
        }
        string name = Encoding.UTF8.GetString(cursor.Bytes((int)length));
        if (type == 0)
        {
            links.Add(name, cursor.I64());
        }
    }

    private sealed class Links
    {
        public Dictionary<string, long> Addresses { get; } = new(StringComparer.Ordinal);

        public List<string> Names { get; } = [];

        public void Add(string name, long address)
        {
            if (address == Undefined || !Addresses.TryAdd(name, address))
            {
                throw new InvalidDataException($"a link {Quoted.Name(name)} leads nowhere or occurs twice");
            }
            Names.Add(name);
        }
    }
}
