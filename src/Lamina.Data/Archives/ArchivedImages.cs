using System.Security.Cryptography;

namespace Lamina;

/// <summary>Images in archives, which are read in place.</summary>
internal sealed class ArchivedImages : LabeledImages
{
    private readonly ByteSource[] _sources;
    private readonly MemberTable[] _tables;
    private readonly (int Archive, int Member)[] _places;

    public ArchivedImages(
        IReadOnlyList<string> classNames,
        int[] labels,
        (int Archive, int Member)[] places,
        IReadOnlyList<ArchiveFiles> archives,
        IReadOnlyList<SkippedImage> skipped
    )
    {
        (ClassNames, Labels, _places, SkippedFolders) = (classNames, labels, places, skipped);
        (_sources, _tables) = ([.. archives.Select(a => a.Source)], [.. archives.Select(a => a.Table)]);
    }

    public override IReadOnlyList<string> ClassNames { get; }

    public override IReadOnlyList<int> Labels { get; }

    public override IReadOnlyList<SkippedImage> SkippedFolders { get; }

    public override string NameOf(int index)
    {
        (int archive, int member) = _places[index];
        return $"{_sources[archive].Name}/{_tables[archive].NameOf(member)}";
    }

    public override void Decode(int index, PixelBuffer target, Size2 enough = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        DecodeBytes(index, target, enough, null);
    }

    internal override void DecodePart(int index, PixelBuffer target, Size2 enough, PartChooser part) =>
        DecodeBytes(index, target, enough, part);

    protected internal override ImageContent ContentOf(int index, bool quick)
    {
        (int archive, int member) = _places[index];
        (long offset, int length) = _tables[archive].PlaceOf(member);
        string name = $"{Path.GetFileName(_sources[archive].Name)}/{_tables[archive].NameOf(member)}";
        if (quick)
        {
            return new ImageContent(name, length, default);
        }
        try
        {
            var bytes = new byte[length];
            _sources[archive].Read(offset, bytes);
            return new ImageContent(name, length, SHA256.HashData(bytes));
        }
        catch (DataException)
        {
            // Loaders skip and report such an image, so only its name counts.
            return new ImageContent(name, -1, default);
        }
    }

    internal override (int File, int Page) PlaceOf(int index)
    {
        (int archive, int member) = _places[index];
        int page = _sources[archive].PageOf(_tables[archive].PlaceOf(member).Offset);
        return page < 0 ? (-1, 0) : (archive, page);
    }

    private void DecodeBytes(int index, PixelBuffer target, Size2 enough, PartChooser? part)
    {
        (int archive, int member) = _places[index];
        (long offset, int length) = _tables[archive].PlaceOf(member);
        if (_tables[archive].EndsWith(member, ".npy"u8))
        {
            ArchivedArray.Read(_sources[archive], offset, length, NameOf(index), target, part);
            return;
        }
        Span<byte> bytes = PixelBuffer.Ensure(ref target.File, length).AsSpan(0, length);
        _sources[archive].Read(offset, bytes);
        ImageDecoder.Decode(bytes, NameOf(index), target, enough, ImageDecoder.DefaultMaxPixels, part);
    }
}
