using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Lamina;

/// <summary>The facts about all images of a data set, found by decoding each once.</summary>
public sealed record ImageSurvey
{
    /// <summary>The images that could not be read, with reasons, including entries that sources skip.</summary>
    public required IReadOnlyList<SkippedImage> Unreadable { get; init; }

    /// <summary>The number of readable images in gray.</summary>
    public required int Gray { get; init; }

    /// <summary>The number of readable images in color.</summary>
    public required int Color { get; init; }

    /// <summary>The smallest height and the smallest width; (0, 0) without readable images.</summary>
    public required Size2 Smallest { get; init; }

    /// <summary>The median height and the median width.</summary>
    public required Size2 Median { get; init; }

    /// <summary>The largest height and the largest width.</summary>
    public required Size2 Largest { get; init; }

    /// <summary>The means of red, green and blue, 0 to 1. Each image has the same weight.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>The standard deviations of red, green and blue, 0 to 1.</summary>
    public required IReadOnlyList<double> Std { get; init; }

    /// <summary>The groups of images that look the same, by a perceptual hash and mean colors.</summary>
    public required IReadOnlyList<DuplicateGroup> Duplicates { get; init; }

    /// <summary>Decodes all images on all cores.</summary>
    /// <param name="parts">The parts of the data set; their classes have the same order.</param>
    /// <param name="progress">Receives the number of decoded images, from several threads.</param>
    /// <param name="cancellation">Cancels the survey.</param>
    public static ImageSurvey Of(
        IReadOnlyList<LabeledImages> parts,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(parts);
        (int Part, int Index)[] places =
        [
            .. parts.SelectMany((images, part) => Enumerable.Range(0, images.Count).Select(i => (part, i))),
        ];
        var traits = new ImageTraits[places.Length];
        var unreadable = new ConcurrentDictionary<int, SkippedImage>();
        int done = 0;
        var options = new ParallelOptions
        {
            CancellationToken = cancellation,
            MaxDegreeOfParallelism = Environment.ProcessorCount,
        };
        try
        {
            Parallel.For(
                0,
                places.Length,
                options,
                () => new ThumbnailMaker(),
                (i, _, maker) =>
                {
                    try
                    {
                        parts[places[i].Part].Decode(places[i].Index, maker.Pixels);
                        traits[i] = ImageTraits.Of(maker);
                        maker.Pixels.Trim();
                    }
                    catch (DataException e)
                    {
                        unreadable[i] = new SkippedImage(e.Path, e.Reason);
                    }
                    progress?.Report(Interlocked.Increment(ref done));
                    return maker;
                },
                _ => { }
            );
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        IEnumerable<SkippedImage> skipped = parts.SelectMany(p => p.SkippedFolders).Distinct();
        return Summary(traits) with
        {
            Unreadable = [.. skipped, .. unreadable.OrderBy(u => u.Key).Select(u => u.Value)],
            Duplicates =
            [
                .. new DuplicateSearch(traits)
                    .Groups(cancellation)
                    .Select(g => Group(parts, [.. g.Select(i => places[i])])),
            ],
        };
    }

    private static DuplicateGroup Group(IReadOnlyList<LabeledImages> parts, (int Part, int Index)[] members) =>
        new(
            [.. members.Select(m => parts[m.Part].NameOf(m.Index))],
            members.DistinctBy(m => m.Part).Count() > 1,
            members.DistinctBy(m => parts[m.Part].Labels[m.Index]).Count() > 1
        );

    private static ImageSurvey Summary(ImageTraits[] all)
    {
        ImageTraits[] readable = [.. all.Where(t => t.IsReadable)];
        int[] heights = [.. readable.Select(t => t.Size.Height).Order()];
        int[] widths = [.. readable.Select(t => t.Size.Width).Order()];
        double[] mean = Averages(readable, t => t.Mean);
        double[] squares = Averages(readable, t => t.Squares);
        return new ImageSurvey
        {
            Unreadable = [],
            Duplicates = [],
            Gray = readable.Count(t => t.Channels == 1),
            Color = readable.Count(t => t.Channels == 3),
            Smallest = At(0),
            Median = At(0.5),
            Largest = At(1),
            Mean = [.. mean.Select(m => m / byte.MaxValue)],
            Std = [.. mean.Zip(squares, (m, s) => Math.Sqrt(Math.Max(s - (m * m), 0)) / byte.MaxValue)],
        };

        Size2 At(double share)
        {
            int i = (int)((readable.Length - 1) * share);
            return readable.Length == 0 ? default : new Size2(heights[i], widths[i]);
        }
    }

    private static double[] Averages(ImageTraits[] images, Func<ImageTraits, (double R, double G, double B)> of) =>
        images.Length == 0
            ? [0, 0, 0]
            : [images.Average(i => of(i).R), images.Average(i => of(i).G), images.Average(i => of(i).B)];
}

/// <summary>Images that look the same.</summary>
/// <param name="Images">The names of the images.</param>
/// <param name="IsAcrossParts"><see langword="true"/> if they are in different parts, such as training and test.</param>
/// <param name="HasSeveralLabels"><see langword="true"/> if their classes differ.</param>
public sealed record DuplicateGroup(IReadOnlyList<string> Images, bool IsAcrossParts, bool HasSeveralLabels);
