using System.Text;

namespace Lamina;

/// <summary>
/// The files in an archive, in order: names, positions, and the text of files that contain labels. Kept in a few arrays,
/// since a data set has millions of files.
/// </summary>
internal sealed class MemberTable
{
    private readonly List<long> _offsets = [];
    private readonly List<int> _lengths = [];
    private readonly List<int> _texts = [];
    private readonly List<int> _nameEnds = [];
    private readonly List<string> _pool = [];
    private readonly Dictionary<string, int> _pooled = new(StringComparer.Ordinal);
    private byte[] _names = [];

    /// <summary>The number of files.</summary>
    public int Count => _offsets.Count;

    /// <summary>The entries that are not listed, with reasons.</summary>
    public List<SkippedImage> Skipped { get; } = [];

    /// <summary>Adds a file.</summary>
    /// <param name="name">The name in the archive.</param>
    /// <param name="offset">The position of the first byte.</param>
    /// <param name="length">The number of bytes.</param>
    /// <param name="text">The label that the file contains; <see langword="null"/> for other files.</param>
    public void Add(string name, long offset, int length, string? text)
    {
        int start = NameStart(Count);
        int end = checked(start + Encoding.UTF8.GetByteCount(name));
        if (end > _names.Length)
        {
            Array.Resize(ref _names, (int)Math.Min(Math.Max(2L * _names.Length, end), Array.MaxLength));
        }
        Encoding.UTF8.GetBytes(name, _names.AsSpan(start));
        _nameEnds.Add(end);
        _offsets.Add(offset);
        _lengths.Add(length);
        _texts.Add(text is null ? -1 : Pooled(text));
    }

    /// <summary>Returns the name of a file.</summary>
    public string NameOf(int i) => Encoding.UTF8.GetString(_names.AsSpan(NameStart(i).._nameEnds[i]));

    /// <summary>Returns <see langword="true"/> if the name of a file has an ending.</summary>
    public bool EndsWith(int i, ReadOnlySpan<byte> ending) =>
        _names.AsSpan(NameStart(i).._nameEnds[i]).EndsWith(ending);

    /// <summary>Returns the position of a file.</summary>
    public (long Offset, int Length) PlaceOf(int i) => (_offsets[i], _lengths[i]);

    /// <summary>Returns the label in a file; <see langword="null"/> for files without one.</summary>
    public string? TextOf(int i) => _texts[i] < 0 ? null : _pool[_texts[i]];

    /// <summary>Writes the table.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(Count);
        writer.Write(_pool.Count);
        writer.Write(Skipped.Count);
        _pool.ForEach(writer.Write);
        foreach (SkippedImage skipped in Skipped)
        {
            writer.Write(skipped.Name);
            writer.Write(skipped.Reason);
        }
        for (int i = 0; i < Count; i++)
        {
            writer.Write(NameOf(i));
            writer.Write(_offsets[i]);
            writer.Write(_lengths[i]);
            writer.Write(_texts[i]);
        }
    }

    /// <summary>Reads the output of <see cref="Write"/>.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="archive">The number of bytes of the archive, inside of which all files lie.</param>
    /// <exception cref="InvalidDataException">A value is outside its range.</exception>
    public static MemberTable Read(BinaryReader reader, long archive)
    {
        var table = new MemberTable();
        int count = reader.ReadInt32();
        int pool = reader.ReadInt32();
        int skipped = reader.ReadInt32();
        for (int i = 0; i < pool; i++)
        {
            _ = table.Pooled(reader.ReadString());
        }
        for (int i = 0; i < skipped; i++)
        {
            table.Skipped.Add(new SkippedImage(reader.ReadString(), reader.ReadString()));
        }
        for (int i = 0; i < count; i++)
        {
            string name = reader.ReadString();
            long offset = reader.ReadInt64();
            int length = reader.ReadInt32();
            int text = reader.ReadInt32();
            if (offset < 0 || length < 0 || offset > archive - length || text < -1 || text >= table._pool.Count)
            {
                throw new InvalidDataException($"entry {i} is outside the archive");
            }
            table.Add(name, offset, length, text < 0 ? null : table._pool[text]);
        }
        return table;
    }

    private int NameStart(int i) => i == 0 ? 0 : _nameEnds[i - 1];

    private int Pooled(string text)
    {
        if (!_pooled.TryGetValue(text, out int i))
        {
            _pooled[text] = i = _pool.Count;
            _pool.Add(text);
        }
        return i;
    }
}
