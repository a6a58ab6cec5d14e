using System.Text;

namespace Lamina.Hdf5;

/// <summary>
/// Writes a file in the structures of HDF5 1.8: values first, then texts, then headers from the leaves to the root, and the
/// superblock, which has the root's address, last. Members and attributes are messages of their group's header, which
/// libhdf5 reads in any number.
/// </summary>
internal sealed class Hdf5Writer(Stream stream)
{
    private const int SuperblockLength = 48;
    private const ulong Undefined = ulong.MaxValue;
    private const byte GroupInfo = 10;
    private const byte FillValue = 5;

    private readonly Dictionary<Hdf5OutputDataset, ulong> _addresses = new(ReferenceEqualityComparer.Instance);
    private readonly Hdf5TextHeap _texts = new();

    /// <summary>Writes the file.</summary>
    public void Write(Hdf5OutputGroup root)
    {
        stream.Write(new byte[SuperblockLength]);
        WriteValues(root);
        WriteTexts(root);
        ulong address = WriteGroup(root);
        Align();
        long end = stream.Position;
        stream.Position = 0;
        stream.Write(Superblock((ulong)end, address));
        stream.Position = end;
    }

    private static ReadOnlySpan<byte> Superblock(ulong end, ulong root)
    {
        var block = new Hdf5Bytes();
        block.Add(Hdf5File.Signature);
        // Version 2; addresses and lengths of 8 bytes; no flags.
        block.Add([2, 8, 8, 0]);
        block.U64(0);
        block.U64(Undefined);
        block.U64(end);
        block.U64(root);
        return block.Sealed();
    }

    private void WriteValues(Hdf5OutputGroup group)
    {
        foreach (object member in group.Members.Values)
        {
            if (member is Hdf5OutputDataset dataset)
            {
                ReadOnlySpan<byte> values = dataset.Values();
                Align();
                // Nothing is stored of an empty dataset.
                _addresses[dataset] = values.IsEmpty ? Undefined : (ulong)stream.Position;
                stream.Write(values);
            }
            else
            {
                WriteValues((Hdf5OutputGroup)member);
            }
        }
    }

    private void WriteTexts(Hdf5OutputGroup root)
    {
        CollectTexts(root);
        Align();
        _texts.Write(stream);
    }

    private void CollectTexts(Hdf5OutputGroup group)
    {
        foreach (string text in group.Attributes.Values.SelectMany(a => a.Texts))
        {
            _texts.Add(text);
        }
        foreach (Hdf5OutputGroup inner in group.Members.Values.OfType<Hdf5OutputGroup>())
        {
            CollectTexts(inner);
        }
    }

    private ulong WriteGroup(Hdf5OutputGroup group)
    {
        (string Name, ulong Address)[] links =
        [
            .. group.Members.Select(m =>
                (
                    m.Key,
                    m.Value is Hdf5OutputDataset dataset ? WriteDataset(dataset) : WriteGroup((Hdf5OutputGroup)m.Value)
                )
            ),
        ];
        var messages = new Hdf5Bytes();
        var info = new Hdf5Bytes();
        // Version and flags; no heap and no index: the links are messages.
        info.Add([0, 0]);
        info.U64(Undefined);
        info.U64(Undefined);
        messages.Message(Hdf5Message.LinkInfo, info);
        messages.Message(GroupInfo, [0, 0]);
        foreach ((string name, ulong address) in links)
        {
            messages.Message(Hdf5Message.Link, Link(name, address));
        }
        foreach ((string name, Hdf5OutputText text) in group.Attributes)
        {
            messages.Message(Hdf5Message.Attribute, Attribute(name, text));
        }
        return WriteHeader(messages);
    }

    private ulong WriteDataset(Hdf5OutputDataset dataset)
    {
        ulong address = _addresses[dataset];
        var layout = new Hdf5Bytes();
        // Version 3, contiguous.
        layout.Add([3, 1]);
        layout.U64(address);
        layout.U64(dataset.Shape.Aggregate(4UL, (bytes, dim) => bytes * dim));
        var messages = new Hdf5Bytes();
        messages.Message(Hdf5Message.Dataspace, Space(dataset.Shape, isScalar: dataset.Shape.Length == 0));
        messages.Message(Hdf5Message.Datatype, dataset.Type);
        // Version 3: space is allocated late, and a fill value would be written if one were set.
        messages.Message(FillValue, [3, 0x0a]);
        messages.Message(Hdf5Message.Layout, layout);
        return WriteHeader(messages);
    }

    private ulong WriteHeader(Hdf5Bytes messages)
    {
        var header = new Hdf5Bytes();
        header.Add("OHDR"u8);
        // Version 2; the length that follows has four bytes.
        header.Add([2, 2]);
        header.U32((uint)messages.Length);
        header.Add(messages.Written);
        Align();
        ulong address = (ulong)stream.Position;
        stream.Write(header.Sealed());
        return address;
    }

    private static Hdf5Bytes Link(string name, ulong address)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        var link = new Hdf5Bytes();
        // Version 1; the name is UTF-8, and its length has four bytes.
        link.Add([1, 0x12, 1]);
        link.U32((uint)text.Length);
        link.Add(text);
        link.U64(address);
        return link;
    }

    private Hdf5Bytes Attribute(string name, Hdf5OutputText text)
    {
        byte[] label = [.. Encoding.UTF8.GetBytes(name), 0];
        Hdf5Bytes space = Space([(ulong)text.Texts.Length], text.IsScalar);
        var attribute = new Hdf5Bytes();
        // Version 3, no flags.
        attribute.Add([3, 0]);
        attribute.U16((ushort)label.Length);
        attribute.U16((ushort)Hdf5OutputTypes.Text.Length);
        attribute.U16((ushort)space.Length);
        // The name is UTF-8.
        attribute.Add([1]);
        attribute.Add(label);
        attribute.Add(Hdf5OutputTypes.Text);
        attribute.Add(space.Written);
        foreach (string item in text.Texts)
        {
            attribute.Add(_texts.Reference(item));
        }
        return attribute;
    }

    private static Hdf5Bytes Space(ulong[] shape, bool isScalar)
    {
        var space = new Hdf5Bytes();
        // Version 2, rank, no flags; scalar or simple.
        space.Add([2, isScalar ? (byte)0 : (byte)shape.Length, 0, isScalar ? (byte)0 : (byte)1]);
        foreach (ulong dim in isScalar ? [] : shape)
        {
            space.U64(dim);
        }
        return space;
    }

    private void Align() => stream.Write(new byte[(8 - (stream.Position % 8)) % 8]);
}
