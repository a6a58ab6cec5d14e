using System.Globalization;
using Lamina.Runs.Data;
using Lamina.Runs.Results;

namespace Lamina.Runs;

/// <summary>The facts about a data set: parts, classes, sizes, duplicates, unreadable images.</summary>
public sealed record DataReport
{
    private const int SheetClasses = 20;
    private const int SheetColumns = 10;
    private const int TilePixels = 96;

    /// <summary>The names of the parts: train, and validation or test if they are separate.</summary>
    public required IReadOnlyList<string> PartNames { get; init; }

    /// <summary>The images of each part.</summary>
    public required IReadOnlyList<LabeledImages> Parts { get; init; }

    /// <summary>The line about recognized parts; <see langword="null"/> if there are none.</summary>
    public string? Note { get; init; }

    /// <summary>The facts that decoding all images found.</summary>
    public required ImageSurvey Survey { get; init; }

    /// <summary>The classes.</summary>
    public IReadOnlyList<string> Classes => Parts[0].ClassNames;

    /// <summary>Reads all images of a data set.</summary>
    /// <param name="source">The data, as for training; <see langword="null"/> for the shipped images.</param>
    /// <param name="format">The format; <see langword="null"/> to detect it.</param>
    /// <param name="progress">Receives the decoded images and the total, from several threads.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <exception cref="LaminaException">The data cannot be listed.</exception>
    public static DataReport Create(
        string? source,
        DataFormat? format = null,
        IProgress<(int Done, int Total)>? progress = null,
        CancellationToken cancellation = default
    )
    {
        (IReadOnlyList<(string Name, LabeledImages Images)> parts, string? note) = DataSelection.OpenParts(
            source,
            format,
            cancellation
        );
        LabeledImages[] images = [.. parts.Select(p => p.Images)];
        int total = images.Sum(i => i.Count);
        return new DataReport
        {
            PartNames = [.. parts.Select(p => p.Name)],
            Parts = images,
            Note = note,
            Survey = ImageSurvey.Of(images, progress is null ? null : new Counter(progress, total), cancellation),
        };
    }

    /// <summary>Returns the number of images of each class in a part, in the order of the classes.</summary>
    /// <param name="part">The index of the part.</param>
    public IReadOnlyList<int> CountsOf(int part)
    {
        var counts = new int[Classes.Count];
        foreach (int label in Parts[part].Labels)
        {
            counts[label]++;
        }
        return counts;
    }

    /// <summary>Draws images of up to 20 classes, spread over the first part.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <exception cref="LaminaException">No image can be read, or the file cannot be written.</exception>
    public void DrawSheet(string path)
    {
        SheetRow[] rows = [.. Spread(Enumerable.Range(0, Classes.Count), SheetClasses).SelectMany(Row)];
        if (rows.Length == 0)
        {
            throw new LaminaException("no image of the data can be read, so there is nothing to draw.");
        }
        RunPictures.Sheet(
            path,
            new PictureSheet
            {
                Title = "Images by class",
                Subtitle = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rows.Length} of {Classes.Count:N0} classes, {Parts[0].Count:N0} images ({PartNames[0]})"
                ),
                Rows = rows,
                TileSize = 84,
                Columns = SheetColumns,
            }
        );
    }

    private IEnumerable<SheetRow> Row(int label)
    {
        LabeledImages images = Parts[0];
        IEnumerable<int> members = Enumerable.Range(0, images.Count).Where(i => images.Labels[i] == label);
        SheetTile[] tiles = [.. Spread(members, SheetColumns).SelectMany(i => Tile(images, i))];
        if (tiles.Length > 0)
        {
            yield return new SheetRow(tiles)
            {
                Title = Classes[label],
                Note = string.Create(CultureInfo.InvariantCulture, $"{CountsOf(0)[label]:N0} images"),
            };
        }
    }

    private static IEnumerable<SheetTile> Tile(LabeledImages images, int index)
    {
        if (Thumbnail.TryDecode(images, index, TilePixels) is { } pixels)
        {
            (byte[] bytes, int height, int width) = Thumbnail.Shrunk(pixels, TilePixels);
            yield return new SheetTile(bytes, height, width, pixels.Channels);
        }
    }

    private static IEnumerable<int> Spread(IEnumerable<int> items, int most)
    {
        int[] all = [.. items];
        int count = Math.Min(most, all.Length);
        return Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Length / count)]);
    }

    private sealed class Counter(IProgress<(int Done, int Total)> progress, int total) : IProgress<int>
    {
        public void Report(int value) => progress.Report((value, total));
    }
}
