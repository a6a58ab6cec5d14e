using SkiaSharp;

namespace Lamina;

/// <summary>The eight EXIF orientations: the sides of the stored image's first row and column (EXIF 2.3, tag 0x0112).</summary>
internal static class Orientation
{
    /// <summary>Returns <see langword="true"/> if the orientation exchanges rows and columns.</summary>
    public static bool SwapsAxes(SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    /// <summary>Rotates and mirrors stored pixels so that the image is upright.</summary>
    public static void Apply(SKEncodedOrigin origin, PixelBuffer image)
    {
        if (origin is SKEncodedOrigin.TopLeft or < SKEncodedOrigin.TopLeft or > SKEncodedOrigin.LeftBottom)
        {
            return;
        }
        (int height, int width, int channels) = (image.Height, image.Width, image.Channels);
        // The stored position of the first upright pixel, and the steps along an upright row and column.
        (int first, int right, int down) = origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => ((height * width) - 1, -1, -width),
            SKEncodedOrigin.BottomLeft => ((height - 1) * width, 1, -width),
            SKEncodedOrigin.LeftTop => (0, width, 1),
            SKEncodedOrigin.RightTop => ((height - 1) * width, -width, 1),
            SKEncodedOrigin.RightBottom => ((height * width) - 1, -width, -1),
            _ => (width - 1, width, -1),
        };
        if (SwapsAxes(origin))
        {
            (height, width) = (width, height);
        }
        ReadOnlySpan<byte> source = image.Pixels;
        byte[] target = PixelBuffer.Ensure(ref image.Spare, source.Length);
        int to = 0;
        for (int y = 0; y < height; y++)
        {
            int from = first + (y * down);
            for (int x = 0; x < width; x++, from += right)
            {
                for (int c = 0; c < channels; c++)
                {
                    target[to++] = source[(from * channels) + c];
                }
            }
        }
        image.SwapSpare();
        image.Resize(height, width, channels);
    }
}
