namespace Lamina;

/// <summary>The samples of shards: images with their labels, in the order of the shards.</summary>
internal sealed class SampleList
{
    private const int MostSkipped = 1000;
    private int _skipped;

    public SampleList(IReadOnlyList<ArchiveFiles> archives)
    {
        bool hasLabels = archives.Any(a => Enumerable.Range(0, a.Table.Count).Any(i => a.Table.TextOf(i) is not null));
        for (int a = 0; a < archives.Count; a++)
        {
            Skipped.AddRange(archives[a].Table.Skipped);
            Add(archives[a], a, hasLabels);
        }
        if (_skipped > MostSkipped)
        {
            Skipped.Add(
                new SkippedImage(archives[0].Source.Name, $"{_skipped - MostSkipped} more samples were skipped.")
            );
        }
    }

    /// <summary>The places of the images.</summary>
    public List<(int Archive, int Member)> Places { get; } = [];

    /// <summary>The label of each image.</summary>
    public List<string> Labels { get; } = [];

    /// <summary>The entries and samples that are not used, with reasons.</summary>
    public List<SkippedImage> Skipped { get; } = [];

    private void Add(ArchiveFiles archive, int index, bool hasLabels)
    {
        MemberTable table = archive.Table;
        int i = 0;
        while (i < table.Count)
        {
            (string key, _) = Split(table.NameOf(i));
            (int image, int array, string? label) = (-1, -1, null);
            for (; i < table.Count && Split(table.NameOf(i)) is var (other, extension) && other == key; i++)
            {
                label ??= table.TextOf(i);
                image = image < 0 && ImageFolder.Extensions.Contains(extension) ? i : image;
                array = array < 0 && extension == NpyImage.Extension ? i : array;
            }
            // An array beside an image may be anything, such as its features.
            image = image < 0 ? array : image;
            if (!hasLabels)
            {
                label = FolderOf(key);
            }
            // Label files and others without an image say nothing.
            if (image >= 0 && label is null)
            {
                Skip($"{archive.Source.Name}/{table.NameOf(image)}", "has no label.");
            }
            else if (image >= 0)
            {
                Places.Add((index, image));
                Labels.Add(label!);
            }
        }
    }

    private void Skip(string name, string reason)
    {
        if (_skipped++ < MostSkipped)
        {
            Skipped.Add(new SkippedImage(name, reason));
        }
    }

    /// <summary>Splits a name at the first dot of its last part; the extension is what follows the last dot.</summary>
    private static (string Key, string Extension) Split(string name)
    {
        int file = name.LastIndexOf('/') + 1;
        int dot = name.IndexOf('.', file);
        return dot < 0 ? (name, "") : (name[..dot], Path.GetExtension(name));
    }

    private static string? FolderOf(string key)
    {
        string[] parts = key.Split('/');
        return parts.Length < 2 || parts[^2].Length == 0 || parts[^2] is "." or ".." ? null : parts[^2];
    }
}
