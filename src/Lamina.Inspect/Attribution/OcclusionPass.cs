namespace Lamina.Inspect;

/// <summary>Covers an image by a square at each place in turn.</summary>
internal sealed class OcclusionPass
{
    private readonly Attributor _attributor;
    private readonly NDArray _image;
    private readonly OcclusionOptions _options;
    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;

    public OcclusionPass(Attributor attributor, NDArray image, OcclusionOptions options)
    {
        (_attributor, _image) = (attributor, image);
        (_height, _width, _channels) = (image.Shape[1]!.Value, image.Shape[2]!.Value, image.Shape[3]!.Value);
        int shorter = Math.Min(_height, _width);
        int window = options.Window == 0 ? Math.Max(1, shorter / 5) : options.Window;
        int stride = options.Stride == 0 ? Math.Max(1, window / 2) : options.Stride;
        if (window < 1 || window > shorter || stride < 1 || stride > window)
        {
            throw new LaminaException(
                $"occlusion: a square of {window} pixels every {stride} pixels. The square must be 1 to {shorter} pixels, and its steps no longer than its side."
            );
        }
        _options = options with { Window = window, Stride = stride };
    }

    public AttributionMap Run(int @class, CancellationToken cancellation)
    {
        (int Y, int X)[] places = [.. from y in Starts(_height) from x in Starts(_width) select (y, x)];
        float whole = _attributor.Probabilities(_image)[0, @class];
        var drops = new NDArray(Shape.Of(_height, _width));
        var covers = new int[drops.Values.Length];
        foreach ((int Y, int X)[] chunk in places.Chunk(Attributor.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = new NDArray(_image.Shape.WithBatch(chunk.Length));
            for (int i = 0; i < chunk.Length; i++)
            {
                Cover(batch.Samples(i, 1).Values, chunk[i]);
            }
            NDArray probabilities = _attributor.Probabilities(batch);
            for (int i = 0; i < chunk.Length; i++)
            {
                ForEach(
                    chunk[i],
                    pixel =>
                    {
                        drops.Values[pixel] += whole - probabilities[i, @class];
                        covers[pixel]++;
                    }
                );
            }
        }
        for (int i = 0; i < covers.Length; i++)
        {
            drops.Values[i] /= covers[i];
        }
        return new AttributionMap(@class, drops);
    }

    // The last square ends at the border.
    private IEnumerable<int> Starts(int length)
    {
        int last = length - _options.Window;
        for (int start = 0; start < last; start += _options.Stride)
        {
            yield return start;
        }
        yield return last;
    }

    private void Cover(Span<float> copy, (int Y, int X) place)
    {
        _image.Values.CopyTo(copy);
        for (int y = place.Y; y < place.Y + _options.Window; y++)
        {
            copy.Slice(((y * _width) + place.X) * _channels, _options.Window * _channels).Fill(_options.Fill);
        }
    }

    private void ForEach((int Y, int X) place, Action<int> act)
    {
        for (int y = place.Y; y < place.Y + _options.Window; y++)
        {
            for (int x = place.X; x < place.X + _options.Window; x++)
            {
                act((y * _width) + x);
            }
        }
    }
}
