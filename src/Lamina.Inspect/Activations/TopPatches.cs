namespace Lamina.Inspect;

/// <summary>The part of an image that excites a filter.</summary>
/// <param name="Image">The index of the image.</param>
/// <param name="Value">The output of the filter there.</param>
/// <param name="Area">The pixels that it depends on.</param>
/// <param name="Pixels">The prepared pixels of the area, (height, width, channels); zeros outside of the image.</param>
public sealed record Patch(int Image, float Value, PixelArea Area, NDArray Pixels);

/// <summary>
/// Finds the patches of images that excite each filter of a layer most, at most one per image. Only the best patches are kept in
/// memory.
/// </summary>
public sealed class TopPatches : IDisposable
{
    private readonly int _count;
    private readonly Symbol _maps;
    private readonly Model _model;
    private readonly List<Patch>[] _best;

    /// <summary>Prepares the search.</summary>
    /// <param name="model">A model from images.</param>
    /// <param name="layer">The name of a layer with maps. Default: the last convolution, after its activation.</param>
    /// <param name="filters">The filters to search for. Default: all.</param>
    /// <param name="count">The number of patches of each filter, at least 1. Default: 9.</param>
    /// <exception cref="LaminaException">There are no such maps, or no such filter.</exception>
    public TopPatches(Model model, string? layer = null, IReadOnlyList<int>? filters = null, int count = 9)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _count = count;
        _maps = layer is null ? SpatialLayers.LastMaps(model) : SpatialLayers.MapsOf(model, layer);
        int all = _maps.Shape[3]!.Value;
        Filters = filters ?? [.. Enumerable.Range(0, all)];
        if (Filters.Where(f => (uint)f >= (uint)all).Select(f => (int?)f).FirstOrDefault() is { } wrong)
        {
            throw new LaminaException(
                $"there is no filter {wrong}. {_maps.Producer.Layer?.Name ?? "The layer"} has {all} filters, from 0 to {all - 1}."
            );
        }
        _best = [.. Filters.Select(_ => new List<Patch>())];
        _model = SpatialLayers.UpTo(model, _maps);
        Layer = layer ?? _model.Outputs[0].Layer!.Name;
    }

    /// <summary>The name of the layer.</summary>
    public string Layer { get; }

    /// <summary>The filters.</summary>
    public IReadOnlyList<int> Filters { get; }

    /// <summary>The patches found so far, for each filter the most exciting first.</summary>
    public IReadOnlyList<IReadOnlyList<Patch>> Results => _best;

    /// <summary>Searches further images.</summary>
    /// <param name="images">(N, height, width, channels), prepared.</param>
    /// <param name="indices">The index of each image.</param>
    public void Add(NDArray images, IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(indices);
        NDArray maps = _model.Predict(images, images.Count);
        int[] dims = maps.Shape.ToArray();
        for (int i = 0; i < images.Count; i++)
        {
            ReadOnlySpan<float> values = maps.Samples(i, 1).Values;
            for (int f = 0; f < Filters.Count; f++)
            {
                (int at, float best) = (0, float.NegativeInfinity);
                for (int pixel = 0; pixel < dims[1] * dims[2]; pixel++)
                {
                    float value = values[(pixel * dims[3]) + Filters[f]];
                    (at, best) = value > best ? (pixel, value) : (at, best);
                }
                Consider(_best[f], indices[i], best, at / dims[2], at % dims[2], images.Samples(i, 1));
            }
        }
    }

    private void Consider(List<Patch> best, int image, float value, int row, int column, NDArray pixels)
    {
        if (best.Count == _count && value <= best[^1].Value)
        {
            return;
        }
        PixelArea area = ReceptiveField.Of(_maps, row, column);
        int place = best.FindIndex(p => p.Value < value);
        best.Insert(place < 0 ? best.Count : place, new Patch(image, value, area, Crop(pixels, area)));
        if (best.Count > _count)
        {
            best.RemoveAt(_count);
        }
    }

    // Areas larger than the image are cut to it, so that a patch of a deep layer is not mostly padding.
    private static NDArray Crop(NDArray image, PixelArea area)
    {
        int[] dims = image.Shape.ToArray();
        (int top, int bottom) = Fit(area.Top, area.Bottom, dims[1]);
        (int left, int right) = Fit(area.Left, area.Right, dims[2]);
        var result = new NDArray(Shape.Of(bottom - top, right - left, dims[3]));
        for (int y = Math.Max(top, 0); y < Math.Min(bottom, dims[1]); y++)
        {
            int from = Math.Max(left, 0);
            int length = (Math.Min(right, dims[2]) - from) * dims[3];
            image
                .Values.Slice(((y * dims[2]) + from) * dims[3], length)
                .CopyTo(result.Values[((((y - top) * (right - left)) + (from - left)) * dims[3])..]);
        }
        return result;
    }

    private static (int First, int End) Fit(int first, int end, int size) =>
        end - first >= size ? (0, size) : (first, end);

    /// <summary>Frees the plan; weights move back into arrays.</summary>
    public void Dispose() => _model.Unload();
}
