using System.Globalization;
using System.Security.Cryptography;

namespace Lamina;

/// <summary>Images in Parquet files. A row group is read as a whole, and the last ones stay in memory.</summary>
internal sealed class ParquetSource : LabeledImages
{
    private readonly List<ParquetImageFile> _files;
    private readonly RowGroups _groups;

    // Of each row group over all files: its first image, its file, its number there.
    private readonly List<(int First, int File, int Group)> _places = [];

    public ParquetSource(IReadOnlyList<string> classNames, int[] labels, List<ParquetImageFile> files)
    {
        (ClassNames, Labels, _files) = (classNames, labels, files);
        int first = 0;
        for (int file = 0; file < files.Count; file++)
        {
            for (int group = 0; group < files[file].GroupRows.Length; group++)
            {
                _places.Add((first, file, group));
                first += files[file].GroupRows[group];
            }
        }
        _groups = new RowGroups(_places.Count, g => files[_places[g].File].ReadGroup(_places[g].Group));
        long largest = files.Max(f => f.LargestGroup);
        PagesInWindow = (int)Math.Clamp(RowGroups.Budget / 2 / Math.Max(1, largest), 1, base.PagesInWindow);
    }

    public override IReadOnlyList<string> ClassNames { get; }

    public override IReadOnlyList<int> Labels { get; }

    /// <summary>The row groups whose images are mixed: half of those that fit into memory.</summary>
    internal override int PagesInWindow { get; }

    public override string NameOf(int index)
    {
        (int group, int row) = Find(index);
        return Name(_files[_places[group].File].Path, group, row);
    }

    // Row groups are shuffled like files.
    internal override (int File, int Page) PlaceOf(int index) => (Find(index).Group, 0);

    public override void Decode(int index, PixelBuffer target, Size2 enough = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        ImageDecoder.Decode(Bytes(index), NameOf(index), target, enough, ImageDecoder.DefaultMaxPixels);
    }

    internal override void DecodePart(int index, PixelBuffer target, Size2 enough, PartChooser part) =>
        ImageDecoder.Decode(Bytes(index), NameOf(index), target, enough, ImageDecoder.DefaultMaxPixels, part);

    protected internal override ImageContent ContentOf(int index, bool quick)
    {
        (int group, int row) = Find(index);
        string path = _files[_places[group].File].Path;
        string name = Name(Path.GetFileName(path), group, row);
        if (quick)
        {
            return new ImageContent(name, new FileInfo(path).Length, default);
        }
        try
        {
            byte[] bytes = Bytes(index);
            return new ImageContent(name, bytes.Length, SHA256.HashData(bytes));
        }
        catch (DataException)
        {
            // Loaders skip and report such an image, so only its name counts.
            return new ImageContent(name, -1, default);
        }
    }

    private byte[] Bytes(int index)
    {
        (int group, int row) = Find(index);
        byte[]?[] images;
        try
        {
            images = _groups.Get(group);
        }
        catch (DataException e)
        {
            // Names the image, since loaders count the images that they skip.
            throw new DataException(NameOf(index), e.Reason, e);
        }
        return images[row]
            ?? throw new DataException(NameOf(index), "has no image bytes, only a path. Store the bytes in the file.");
    }

    private string Name(string file, int group, int row) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{file}:{row + _places[group].First - _places[group - _places[group].Group].First}"
        );

    private (int Group, int Row) Find(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Labels.Count);
        (int low, int high) = (0, _places.Count);
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            (low, high) = _places[middle].First <= index ? (middle, high) : (low, middle);
        }
        return (low, index - _places[low].First);
    }
}
