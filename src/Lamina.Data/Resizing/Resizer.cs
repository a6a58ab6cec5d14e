using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lamina;

/// <summary>
/// Resizes a window separably, from bytes to floats, without computing anything outside the window. Keeps scratch memory
/// and the weights of earlier sizes, so an instance belongs to one thread.
/// </summary>
internal sealed class Resizer(Interpolation interpolation = Interpolation.Bilinear)
{
    // Random crops never repeat a window: clear the weights rather than grow without limit.
    private const int CacheLimit = 512;

    private readonly Dictionary<AxisKey, FilterWeights> _cache = [];
    private float[] _row = [];
    private float[] _columns = [];
    private float[] _line = [];
    private readonly ColorResizer _color = new();

    /// <summary>Returns the part of an image that a window needs; empty if the window lies outside.</summary>
    public PixelRectangle Covered(Size2 image, SampleWindow window, Size2 size)
    {
        (FilterWeights down, FilterWeights across) = WeightsOf(image, window, size);
        return new PixelRectangle(
            down.First,
            across.First,
            Math.Max(down.End - down.First, 0),
            Math.Max(across.End - across.First, 0)
        );
    }

    /// <summary>Resizes a window of an image into (height, width, channels) floats, scaled and offset.</summary>
    /// <param name="image">The image; gray is repeated in every output channel.</param>
    /// <param name="window">The part to use.</param>
    /// <param name="size">The output's height and width.</param>
    /// <param name="affine">The map of byte values per output channel.</param>
    /// <param name="output">Receives height × width × channels values.</param>
    public void Resize(PixelBuffer image, SampleWindow window, Size2 size, Affine affine, Span<float> output)
    {
        (FilterWeights down, FilterWeights across) = WeightsOf(image.Whole, window, size);
        if (image.Channels == 3)
        {
            _color.Resize(image, down, across, affine, output);
            return;
        }
        int stride = size.Width;
        Ensure(ref _columns, Math.Max(down.End - down.First, 0) * stride);
        Ensure(ref _line, stride);
        for (int y = down.First; y < down.End; y++)
        {
            FilterRow(image, y, across, _columns.AsSpan((y - down.First) * stride, stride));
        }
        Span<float> line = _line.AsSpan(0, stride);
        int outputStride = size.Width * affine.Channels;
        for (int y = 0; y < size.Height; y++)
        {
            FilterColumns(down, y, stride, line);
            if (down.Overshoots)
            {
                Clamp(line);
            }
            affine.Apply(line, image.Channels, output.Slice(y * outputStride, outputStride));
        }
    }

    private void FilterRow(PixelBuffer image, int y, FilterWeights across, Span<float> output)
    {
        int width = Math.Max(across.End - across.First, 0);
        Span<float> row = Ensure(ref _row, width).AsSpan(0, width);
        Widen(image.Row(y, across.First, width), row);
        for (int x = 0; x < across.Starts.Length; x++)
        {
            ReadOnlySpan<float> weights = across.Row(x);
            ReadOnlySpan<float> pixels = row.Slice(across.Offsets[x], weights.Length);
            float sum = 0;
            for (int k = 0; k < weights.Length; k++)
            {
                sum += weights[k] * pixels[k];
            }
            output[x] = sum;
        }
    }

    private void FilterColumns(FilterWeights down, int y, int stride, Span<float> line)
    {
        ReadOnlySpan<float> weights = down.Row(y);
        int first = (down.Starts[y] - down.First) * stride;
        int x = 0;
        for (; x <= stride - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> sum = default;
            for (int k = 0, at = first + x; k < weights.Length; k++, at += stride)
            {
                sum += new Vector<float>(_columns, at) * weights[k];
            }
            sum.CopyTo(line[x..]);
        }
        for (; x < stride; x++)
        {
            float sum = 0;
            for (int k = 0, at = first + x; k < weights.Length; k++, at += stride)
            {
                sum += _columns[at] * weights[k];
            }
            line[x] = sum;
        }
    }

    private static void Clamp(Span<float> line)
    {
        foreach (ref float value in line)
        {
            value = Math.Clamp(value, 0, byte.MaxValue);
        }
    }

    private static void Widen(ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        ref byte source = ref MemoryMarshal.GetReference(bytes);
        int i = 0;
        for (; i <= bytes.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            Vector128<byte> v = Vector128.LoadUnsafe(ref source, (nuint)i);
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(v);
            (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(low);
            (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(high);
            Vector128.ConvertToSingle(a.AsInt32()).CopyTo(floats[i..]);
            Vector128.ConvertToSingle(b.AsInt32()).CopyTo(floats[(i + 4)..]);
            Vector128.ConvertToSingle(c.AsInt32()).CopyTo(floats[(i + 8)..]);
            Vector128.ConvertToSingle(d.AsInt32()).CopyTo(floats[(i + 12)..]);
        }
        for (; i < bytes.Length; i++)
        {
            floats[i] = Unsafe.Add(ref source, i);
        }
    }

    private (FilterWeights Down, FilterWeights Across) WeightsOf(Size2 image, SampleWindow window, Size2 size) =>
        (
            WeightsOf(new AxisKey(image.Height, window.Top, window.Height, size.Height, false, interpolation)),
            WeightsOf(new AxisKey(image.Width, window.Left, window.Width, size.Width, window.Mirrored, interpolation))
        );

    private FilterWeights WeightsOf(AxisKey key)
    {
        if (!_cache.TryGetValue(key, out FilterWeights? weights))
        {
            if (_cache.Count >= CacheLimit)
            {
                _cache.Clear();
            }
            _cache[key] = weights = new FilterWeights(key);
        }
        return weights;
    }

    private static float[] Ensure(ref float[] array, int length)
    {
        if (array.Length < length)
        {
            array = new float[length];
        }
        return array;
    }
}
