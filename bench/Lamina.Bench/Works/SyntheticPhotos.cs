using System.Globalization;
using SkiaSharp;

namespace Lamina.Bench;

/// <summary>
/// JPEGs of 500×375, the middle size of ImageNet's: noise whose octaves are nearly as strong as each other, as photographs'
/// are, so that files have photographs' sizes and take as long to decode.
/// </summary>
internal static class SyntheticPhotos
{
    public const int Width = 500;
    public const int Height = 375;

    private const int Quality = 90;
    private const int Octaves = 9;
    private const float Falloff = 0.9f;
    private const int Classes = 10;

    /// <summary>Writes a folder of class folders.</summary>
    /// <returns>The mean size of a file in bytes.</returns>
    public static double Write(string folder, int count)
    {
        long bytes = 0;
        for (int i = 0; i < count; i++)
        {
            string place = Path.Combine(folder, $"class{i % Classes}");
            Directory.CreateDirectory(place);
            using SKBitmap photo = Draw(i);
            using SKData data = photo.Encode(SKEncodedImageFormat.Jpeg, Quality);
            string file = Path.Combine(place, string.Create(CultureInfo.InvariantCulture, $"{i:0000}.jpg"));
            using FileStream stream = File.Create(file);
            data.SaveTo(stream);
            bytes += data.Size;
        }
        return (double)bytes / count;
    }

    private static SKBitmap Draw(int index)
    {
        var random = new RandomStream(3, RandomPurpose.User, index);
        // Brightness varies in detail, colours in large.
        float[] light = Noise(ref random, Octaves, 60);
        float[] red = Noise(ref random, Octaves / 2, 30);
        float[] blue = Noise(ref random, Octaves / 2, 30);
        var colors = new SKColor[Width * Height];
        for (int i = 0; i < colors.Length; i++)
        {
            colors[i] = new SKColor(Byte(light[i] + red[i]), Byte(light[i]), Byte(light[i] + blue[i]));
        }
        return new SKBitmap(Width, Height) { Pixels = colors };
    }

    private static byte Byte(float value) => (byte)Math.Clamp(value + 128, 0, 255);

    // The sum of grids of random values, each twice as fine as the one before, drawn large linearly.
    private static float[] Noise(ref RandomStream random, int octaves, float strength)
    {
        var sum = new float[Width * Height];
        for (int octave = 1; octave <= octaves; octave++)
        {
            int cells = 1 << octave;
            var grid = new float[(cells + 1) * (cells + 1)];
            foreach (ref float value in grid.AsSpan())
            {
                value = ((random.NextSingle() * 2) - 1) * strength;
            }
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++)
                {
                    sum[(y * Width) + x] += At(grid, cells, (float)x / Width * cells, (float)y / Height * cells);
                }
            }
            strength *= Falloff;
        }
        return sum;
    }

    private static float At(float[] grid, int cells, float x, float y)
    {
        (int left, int top) = ((int)x, (int)y);
        (float right, float down) = (x - left, y - top);
        int corner = (top * (cells + 1)) + left;
        float above = float.Lerp(grid[corner], grid[corner + 1], right);
        float below = float.Lerp(grid[corner + cells + 1], grid[corner + cells + 2], right);
        return float.Lerp(above, below, down);
    }
}
