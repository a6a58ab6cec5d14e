using System.Text;

namespace Lamina.Hdf5;

/// <summary>A group: named groups and datasets, and attributes. Members are read on demand.</summary>
internal sealed class Hdf5Group
{
    private readonly Hdf5Reader _reader;
    private readonly List<Hdf5Message> _messages;
    private readonly Dictionary<string, Hdf5Attribute> _attributes;
    private readonly Dictionary<string, long> _links;

    public Hdf5Group(Hdf5Reader reader, List<Hdf5Message> messages, string path)
    {
        (_reader, _messages, Path) = (reader, messages, path);
        _attributes = Hdf5Attribute.ReadAll(reader, messages);
        (_links, Names) = Hdf5Links.Read(reader.Source, messages);
    }

    /// <summary>The path from the root, for messages.</summary>
    public string Path { get; }

    /// <summary>The names of the members, in the order of the file.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Returns <see langword="true"/> if there is an attribute with this name.</summary>
    public bool HasAttribute(string name) => _attributes.ContainsKey(name);

    /// <summary>Returns an attribute's texts; <see langword="null"/> if there is none with this name.</summary>
    public string[]? Texts(string name) =>
        _attributes.TryGetValue(name, out Hdf5Attribute? attribute)
            ? _reader.Texts(attribute.Type, attribute.Space, attribute.Values)
            : null;

    /// <summary>Returns an attribute's only text; <see langword="null"/> if there is none with this name.</summary>
    public string? Text(string name) => Texts(name) is [var text, ..] ? text : null;

    /// <summary>
    /// Returns the member with this name, which may contain slashes; <see langword="null"/> if there is none.
    /// </summary>
    public object? Find(string name)
    {
        Hdf5Group group = this;
        string[] parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            object? member = group.Member(parts[i]);
            if (i == parts.Length - 1)
            {
                return member;
            }
            if (member is not Hdf5Group next)
            {
                return null;
            }
            group = next;
        }
        return this;
    }

    /// <summary>Returns the group with this name; <see langword="null"/> if there is none.</summary>
    public Hdf5Group? Group(string name) => Find(name) as Hdf5Group;

    private object? Member(string name)
    {
        if (!_links.TryGetValue(name, out long address))
        {
            return null;
        }
        string path = Path == "/" ? $"/{name}" : $"{Path}/{name}";
        List<Hdf5Message> messages = Hdf5Header.Read(_reader.Source, address);
        return messages.Exists(m => m.Type == Hdf5Message.Layout)
            ? Hdf5Dataset.Read(_reader, messages, path)
            : new Hdf5Group(_reader, messages, path);
    }
}

/// <summary>An attribute: a name, a type, dimensions and bytes.</summary>
internal sealed record Hdf5Attribute(Hdf5Type Type, Hdf5Space Space, byte[] Values)
{
    public static Dictionary<string, Hdf5Attribute> ReadAll(Hdf5Reader reader, List<Hdf5Message> messages)
    {
        var attributes = new Dictionary<string, Hdf5Attribute>(StringComparer.Ordinal);
        IEnumerable<byte[]> stored = messages.Where(m => m.Type == Hdf5Message.Attribute).Select(m => m.Bytes);
        if (messages.Find(Hdf5Message.AttributeInfo) is { } info)
        {
            stored = stored.Concat(Hdf5DenseStorage.Attributes(reader.Source, info));
        }
        foreach (byte[] bytes in stored)
        {
            (string name, Hdf5Attribute? attribute) = Read(bytes);
            if (attribute is not null && !attributes.TryAdd(name, attribute))
            {
                throw new InvalidDataException($"the attribute {Quoted.Name(name)} occurs twice");
            }
        }
        return attributes;
    }

    // Keras writes no attribute whose type is stored elsewhere, so such attributes are skipped.
    private static (string Name, Hdf5Attribute? Attribute) Read(byte[] bytes)
    {
        var cursor = new Hdf5Cursor(bytes, "an attribute");
        byte version = cursor.Version(1, 3);
        byte flags = cursor.U8();
        (int name, int type, int space) = (cursor.U16(), cursor.U16(), cursor.U16());
        if (version == 3)
        {
            cursor.Skip(1);
        }
        int Padded(int length) => version == 1 ? (length + 7) / 8 * 8 : length;
        string text = Encoding.UTF8.GetString(cursor.Bytes(Padded(name))[..name].TrimEnd((byte)0));
        ReadOnlySpan<byte> typeBytes = cursor.Bytes(Padded(type));
        ReadOnlySpan<byte> spaceBytes = cursor.Bytes(Padded(space));
        return version > 1 && (flags & 3) != 0
            ? (text, null)
            : (
                text,
                new Hdf5Attribute(
                    Hdf5Type.Read(typeBytes),
                    Hdf5Space.Read(spaceBytes),
                    cursor.Bytes(cursor.Left).ToArray()
                )
            );
    }
}
