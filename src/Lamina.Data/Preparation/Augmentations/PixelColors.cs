using System.Runtime.Intrinsics;

namespace Lamina;

/// <summary>Color changes of float pixels in 0 to 255; results are clipped to that range.</summary>
internal static class PixelColors
{
    private const float White = 255;

    /// <summary>Multiplies pixels by a factor.</summary>
    public static void Brightness(Span<float> pixels, float factor)
    {
        foreach (ref float value in pixels)
        {
            value = Math.Clamp(value * factor, 0, White);
        }
    }

    /// <summary>Blends pixels with the mean gray of the image.</summary>
    public static void Contrast(Span<float> pixels, int channels, float factor)
    {
        double sum = 0;
        if (channels == 1)
        {
            foreach (float value in pixels)
            {
                sum += value;
            }
        }
        else
        {
            for (int i = 0; i < pixels.Length; i += 3)
            {
                sum += Gray(pixels[i], pixels[i + 1], pixels[i + 2]);
            }
        }
        var mean = (float)(sum / (pixels.Length / channels));
        foreach (ref float value in pixels)
        {
            value = Blend(value, mean, factor);
        }
    }

    /// <summary>Blends each RGB pixel with its gray.</summary>
    public static void Saturation(Span<float> pixels, float factor)
    {
        for (int i = 0; i < pixels.Length; i += 3)
        {
            float gray = Gray(pixels[i], pixels[i + 1], pixels[i + 2]);
            pixels[i] = Blend(pixels[i], gray, factor);
            pixels[i + 1] = Blend(pixels[i + 1], gray, factor);
            pixels[i + 2] = Blend(pixels[i + 2], gray, factor);
        }
    }

    /// <summary>Rotates the hue (HSV of Smith 1978) of each RGB pixel by a fraction of the circle.</summary>
    public static void Hue(Span<float> pixels, float turn)
    {
        for (int i = 0; i < pixels.Length; i += 3)
        {
            (float r, float g, float b) = (pixels[i], pixels[i + 1], pixels[i + 2]);
            float max = Math.Max(r, Math.Max(g, b));
            float chroma = max - Math.Min(r, Math.Min(g, b));
            if (chroma <= 0)
            {
                continue;
            }
            // In sixths of the circle.
            float hue =
                max == r ? (g - b) / chroma
                : max == g ? 2 + ((b - r) / chroma)
                : 4 + ((r - g) / chroma);
            // Each channel is full, rising, zero or falling with its distance on the circle.
            Vector128<float> k = Vector128.Create(5f, 3, 1, 0) + Vector128.Create(hue + (6 * turn));
            k -= 6 * Vector128.Floor(k * (1 / 6f));
            Vector128<float> share = Vector128.Min(k, Vector128.Create(4f) - k);
            share = Vector128.Min(Vector128.Max(share, Vector128<float>.Zero), Vector128<float>.One);
            Vector128<float> color = Vector128.Create(max) - (chroma * share);
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (color[0], color[1], color[2]);
        }
    }

    private static float Gray(float r, float g, float b) => (0.299f * r) + (0.587f * g) + (0.114f * b);

    private static float Blend(float value, float other, float factor) =>
        Math.Clamp((factor * value) + ((1 - factor) * other), 0, White);
}
