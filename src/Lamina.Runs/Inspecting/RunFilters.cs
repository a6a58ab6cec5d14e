using System.Diagnostics;
using System.Globalization;
using Lamina.Inspect;
using Lamina.Runs.Inspecting;

namespace Lamina.Runs;

/// <summary>The options of <see cref="RunFilters"/>.</summary>
public sealed record FilterSettings
{
    /// <summary>The name of a layer with maps. Default: <see langword="null"/>, the last convolution.</summary>
    public string? Layer { get; init; }

    /// <summary>The filters, from 0. Default: <see langword="null"/>, twelve spread over all.</summary>
    public IReadOnlyList<int>? Filters { get; init; }

    /// <summary>The images to search. Default: the training images of the run.</summary>
    public InspectionData? Data { get; init; }

    /// <summary>The most images to search, drawn at random, at least 1. Default: 2,000.</summary>
    public int Images { get; init; } = 2000;
}

/// <summary>The patches that excite filters.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Filters">The filters, in order.</param>
/// <param name="Searched">The number of images that were searched.</param>
public sealed record FilterReport(string Layer, IReadOnlyList<FilterPatches> Filters, int Searched)
{
    internal IReadOnlyList<SheetRow> Rows { get; init; } = [];
}

/// <summary>The patches that excite one filter.</summary>
/// <param name="Filter">The filter, from 0.</param>
/// <param name="Patches">The patches, the most exciting first.</param>
public sealed record FilterPatches(int Filter, IReadOnlyList<FilterPatch> Patches);

/// <summary>A part of an image.</summary>
/// <param name="Image">The name of the image.</param>
/// <param name="Class">Its class.</param>
/// <param name="Value">The output of the filter.</param>
/// <param name="Area">The pixels of the prepared image that it depends on; parts may lie outside of it.</param>
public readonly record struct FilterPatch(string Image, string Class, float Value, PixelArea Area);

/// <summary>Shows what filters of deeper layers detect: the patches that excite them most, and an image made to excite them.</summary>
public static class RunFilters
{
    private const int StandardFilters = 12;

    /// <summary>Searches images and makes others.</summary>
    /// <param name="classifier">The classifier, in float32.</param>
    /// <param name="settings">The layer and filters; the defaults if <see langword="null"/>.</param>
    /// <param name="observer">The observer of progress and skipped images. Default: none.</param>
    /// <param name="cancellation">Cancels the search.</param>
    /// <exception cref="LaminaException">There are no such layer, filter or images.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static FilterReport Search(
        RunClassifier classifier,
        FilterSettings? settings = null,
        RunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(classifier);
        settings ??= new FilterSettings();
        observer ??= new RunObserver();
        if (classifier.IsQuantized)
        {
            throw new LaminaException($"{classifier.Path}: a quantized model has no gradients. Use the float32 model.");
        }
        using var maximization = new ActivationMaximization(classifier.Model, settings.Layer);
        int[] filters = [.. settings.Filters ?? Spread(maximization.Filters)];
        using var search = new TopPatches(classifier.Model, settings.Layer, filters);
        LabeledImages images = InspectedData.Sample(
            InspectedData.Train(classifier, settings.Data, cancellation),
            settings.Images
        );
        int searched = 0;
        long started = Stopwatch.GetTimestamp();
        foreach (Batch batch in InspectedData.Loader(images, classifier, observer).Batches(0))
        {
            search.Add(batch.Inputs[0], [.. batch.Indices!.Take(batch.Count)]);
            searched += batch.Count;
            InspectedData.Report(observer, searched, images.Count, Stopwatch.GetElapsedTime(started), cancellation);
        }
        var range = new PixelRange(classifier.Info.Preprocessing);
        List<FilterPatches> found = [];
        List<SheetRow> rows = [];
        for (int i = 0; i < filters.Length; i++)
        {
            NDArray made = maximization.Run([filters[i]], range.Black, range.White, null, cancellation);
            found.Add(new FilterPatches(filters[i], [.. search.Results[i].Select(p => Named(p, images, classifier))]));
            rows.Add(Row(filters[i], range, made, search.Results[i]));
        }
        return new FilterReport(settings.Layer ?? search.Layer, found, searched) { Rows = rows };
    }

    /// <summary>Draws the filters.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="report">The report.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Draw(string path, FilterReport report, bool isDark = false)
    {
        ArgumentNullException.ThrowIfNull(report);
        RunPictures.Sheet(
            path,
            new PictureSheet
            {
                Title = $"What the filters of {report.Layer} detect",
                Subtitle = string.Create(
                    CultureInfo.InvariantCulture,
                    $"first an image made to excite the filter, then the nine patches of {report.Searched:N0} training images that excite it most, with its output"
                ),
                Rows = report.Rows,
                TileSize = 84,
                Columns = 10,
                IsDark = isDark,
            }
        );
    }

    private static IEnumerable<int> Spread(int filters) =>
        Enumerable
            .Range(0, Math.Min(StandardFilters, filters))
            .Select(i => (int)((long)i * filters / Math.Min(StandardFilters, filters)));

    private static FilterPatch Named(Patch patch, LabeledImages images, RunClassifier classifier) =>
        new(images.NameOf(patch.Image), classifier.Info.Classes[images.Labels[patch.Image]], patch.Value, patch.Area);

    private static SheetRow Row(int filter, PixelRange range, NDArray made, IReadOnlyList<Patch> patches) =>
        new([
            range.ToTile(made) with
            {
                IsRight = true,
                Caption = "made",
            },
            .. patches.Select(p =>
                range.ToTile(p.Pixels, p.Area) with
                {
                    Caption = p.Value.ToString("0.0", CultureInfo.InvariantCulture),
                }
            ),
        ])
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"filter {filter}"),
        };
}
