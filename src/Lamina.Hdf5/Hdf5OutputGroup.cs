using System.Runtime.InteropServices;

namespace Lamina.Hdf5;

/// <summary>A group of an <see cref="Hdf5Output"/>: attributes of text, datasets and groups.</summary>
internal sealed class Hdf5OutputGroup
{
    /// <summary>The number of texts that one attribute can contain: each takes 16 bytes of at most 64512.</summary>
    public const int MaxTexts = 64512 / 16;

    private readonly Dictionary<string, Hdf5OutputText> _attributes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _members = new(StringComparer.Ordinal);

    /// <summary>The attributes by name, in the order in which they were set.</summary>
    public IReadOnlyDictionary<string, Hdf5OutputText> Attributes => _attributes;

    /// <summary>The groups and datasets by name, in the order in which they were added.</summary>
    public IReadOnlyDictionary<string, object> Members => _members;

    /// <summary>Sets an attribute of one text.</summary>
    public void SetText(string name, string text) => _attributes[name] = new Hdf5OutputText([text], IsScalar: true);

    /// <summary>Sets an attribute of at most <see cref="MaxTexts"/> texts.</summary>
    public void SetTexts(string name, string[] texts) => _attributes[name] = new Hdf5OutputText(texts, IsScalar: false);

    /// <summary>Returns the group of this name, and creates it where there is none.</summary>
    public Hdf5OutputGroup Group(string name)
    {
        if (!_members.TryGetValue(name, out object? inner))
        {
            _members[name] = inner = new Hdf5OutputGroup();
        }
        return (Hdf5OutputGroup)inner;
    }

    /// <summary>Adds a dataset of these values.</summary>
    public void Add(string name, uint[] values) =>
        _members[name] = new Hdf5OutputDataset(
            Hdf5OutputTypes.UInt32,
            [(ulong)values.Length],
            () => MemoryMarshal.AsBytes(values.AsSpan())
        );

    /// <summary>Adds a dataset whose values are fetched when the file is written.</summary>
    /// <param name="path">Its name; slashes separate groups.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="values">Returns its values in row-major order.</param>
    public void Add(string path, ulong[] shape, Func<float[]> values)
    {
        string[] parts = path.Split('/');
        Hdf5OutputGroup group = this;
        foreach (string part in parts[..^1])
        {
            group = group.Group(part);
        }
        group._members[parts[^1]] = new Hdf5OutputDataset(
            Hdf5OutputTypes.Float32,
            shape,
            () => MemoryMarshal.AsBytes(values().AsSpan())
        );
    }
}

/// <summary>An attribute of one text, or of a row of texts.</summary>
internal sealed record Hdf5OutputText(string[] Texts, bool IsScalar);

/// <summary>A dataset: its element type as the file contains it, its dimensions, and the bytes of its values.</summary>
internal sealed record Hdf5OutputDataset(byte[] Type, ulong[] Shape, Hdf5OutputValues Values);

/// <summary>Returns the bytes of a dataset's values, in row-major order and little-endian.</summary>
internal delegate ReadOnlySpan<byte> Hdf5OutputValues();
