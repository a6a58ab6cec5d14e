using Lamina.Drawing;
using SkiaSharp;

namespace Lamina;

public static partial class RunPictures
{
    private const float FilterGap = 3;

    /// <summary>
    /// Draws a convolution's kernels as small images, as the paper's figure 3 does: each filter scaled to its own range,
    /// in colour for three input channels, in grey for one; of any other number the mean over the channels in grey.
    /// </summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="kernel">The kernel in Keras's layout.</param>
    /// <param name="shape">Its shape: (height, width, channels, filters).</param>
    /// <exception cref="ArgumentException">The shape has not four dimensions, or the kernel not its number of values.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Filters(string path, ReadOnlySpan<float> kernel, Shape shape)
    {
        if (shape.Rank != 4 || shape.HasUnknownBatch || shape.ElementCount != kernel.Length)
        {
            throw new ArgumentException(
                $"{kernel.Length} values are no kernel of shape {shape}: it must be (height, width, channels, filters).",
                nameof(shape)
            );
        }
        int[] dims = shape.ToArray();
        (int height, int width, int filters) = (dims[0], dims[1], dims[3]);
        int columns = GridColumns(filters);
        int rows = (filters + columns - 1) / columns;
        // A whole number of pixels a weight, so that all weights come out the same size.
        int scale = Math.Max(1, (int)MathF.Round(48f / Math.Max(height, width)));
        (float cellWidth, float cellHeight) = (width * scale, height * scale);

        using var sketch = new Sketch(
            columns * (cellWidth + FilterGap) + FilterGap,
            rows * (cellHeight + FilterGap) + FilterGap
        );
        for (int filter = 0; filter < filters; filter++)
        {
            using SKBitmap tile = FilterTile(kernel, dims, filter);
            float x = FilterGap + filter % columns * (cellWidth + FilterGap);
            float y = FilterGap + filter / columns * (cellHeight + FilterGap);
            sketch.Image(tile, SKRect.Create(x, y, cellWidth, cellHeight));
        }
        sketch.Save(path);
    }

    /// <summary>A grid wider than high, without a ragged last row where a divisor allows it: 96 filters are 16 × 6.</summary>
    internal static int GridColumns(int filters)
    {
        int even = Enumerable.Range(1, filters).LastOrDefault(c => filters % c == 0 && c <= 3 * (filters / c), 1);
        int square = (int)Math.Ceiling(Math.Sqrt(filters));
        return even >= square ? even : (int)Math.Ceiling(Math.Sqrt(filters * 2.0));
    }

    private static SKBitmap FilterTile(ReadOnlySpan<float> kernel, int[] dims, int filter)
    {
        (int height, int width, int channels, int filters) = (dims[0], dims[1], dims[2], dims[3]);
        bool inColor = channels == 3;
        int planes = inColor ? 3 : 1;
        var values = new float[height * width * planes];
        for (int pixel = 0; pixel < height * width; pixel++)
        {
            for (int c = 0; c < channels; c++)
            {
                float weight = kernel[(pixel * channels + c) * filters + filter];
                values[pixel * planes + (inColor ? c : 0)] += inColor ? weight : weight / channels;
            }
        }
        (float low, float high) = Range(values);

        var tile = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (int pixel = 0; pixel < height * width; pixel++)
        {
            byte Channel(int c) => ToByte(values[pixel * planes + (inColor ? c : 0)], low, high);
            tile.SetPixel(pixel % width, pixel / width, new SKColor(Channel(0), Channel(1), Channel(2)));
        }
        return tile;
    }

    private static (float Low, float High) Range(float[] values)
    {
        float[] finite = [.. values.Where(float.IsFinite)];
        return finite.Length == 0 ? (0, 0) : (finite.Min(), finite.Max());
    }

    /// <summary>A weight as brightness. A filter whose weights are all equal is a middle grey; NaN is black.</summary>
    private static byte ToByte(float value, float low, float high)
    {
        if (float.IsNaN(value))
        {
            return 0;
        }
        float share = high > low ? (Math.Clamp(value, low, high) - low) / (high - low) : 0.5f;
        return (byte)MathF.Round(share * 255);
    }
}
