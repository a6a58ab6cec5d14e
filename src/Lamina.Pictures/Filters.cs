using Lamina.Drawing;
using SkiaSharp;

namespace Lamina;

public static partial class RunPictures
{
    private const float FilterGap = 3;

    /// <summary>
    /// Draws the kernels of a convolution as small images, as in figure 3 of the paper: each filter is scaled to its own
    /// range, in color for three input channels, otherwise in gray as the mean over the channels.
    /// </summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="kernel">The kernel in Keras's layout.</param>
    /// <param name="shape">The shape of the kernel: (height, width, channels, filters).</param>
    /// <exception cref="ArgumentException">The shape does not have four dimensions or does not fit the kernel.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Filters(string path, ReadOnlySpan<float> kernel, Shape shape)
    {
        if (shape.Rank != 4 || shape.HasUnknownBatch || shape.ElementCount != kernel.Length)
        {
            throw new ArgumentException(
                $"{kernel.Length} values are not a kernel of shape {shape}: it must be (height, width, channels, filters).",
                nameof(shape)
            );
        }
        int[] dims = shape.ToArray();
        (int height, int width, int filters) = (dims[0], dims[1], dims[3]);
        int columns = GridColumns(filters);
        int rows = (filters + columns - 1) / columns;
        // A whole number of pixels per weight, so that all weights have the same size.
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

    /// <summary>Returns the columns of a wide grid, if possible without a partial last row: 96 filters are 16 × 6.</summary>
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

    /// <summary>Converts a weight to brightness. A filter of equal weights is medium gray; NaN is black.</summary>
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
