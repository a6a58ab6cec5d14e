using System.Text.Json;

namespace Lamina.Data.Tests.Resizing;

/// <summary>The interpolations against Pillow's in floats (Goldens/make_interpolation.py), and against closed forms.</summary>
public class InterpolationTests
{
    private static readonly JsonElement s_golden = JsonDocument
        .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", "interpolation.json")))
        .RootElement;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_golden.GetProperty("cases").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_are_Pillows_within_the_range_of_pixels(int number)
    {
        JsonElement golden = s_golden.GetProperty("cases")[number];
        Interpolation interpolation = Enum.Parse<Interpolation>(golden.GetProperty("filter").GetString()!);
        int height = golden.GetProperty("height").GetInt32();
        int width = golden.GetProperty("width").GetInt32();
        float[] expected =
        [
            .. golden.GetProperty("values").EnumerateArray().Select(v => Math.Clamp(v.GetSingle(), 0, 255)),
        ];
        foreach (int channels in (int[])[1, 3])
        {
            NDArray actual = Images.Prepare(
                Picture(channels),
                new Preprocessing
                {
                    Height = height,
                    Width = width,
                    Channels = channels,
                    Resize = ResizeMode.Stretch,
                    Interpolation = interpolation,
                    Scale = 1,
                }
            );
            for (int i = 0; i < actual.Values.Length; i++)
            {
                Assert.Equal(expected[i / channels], actual.Values[i], 2e-3f);
            }
        }
    }

    [Fact]
    public void Points_are_between_four_pixels_even_where_the_image_shrinks()
    {
        var image = new PixelBuffer();
        image.Resize(1, 8, 1);
        ((byte[])[0, 10, 30, 60, 100, 150, 210, 255]).CopyTo(image.Pixels);
        var options = new Preprocessing
        {
            Height = 1,
            Width = 2,
            Channels = 1,
            Resize = ResizeMode.Stretch,
            Interpolation = Interpolation.BilinearPoint,
            Scale = 1,
        };
        // The outputs' centers are 2 and 6: halfway between pixels 1 and 2, and between 5 and 6.
        Assert.Equal([20, 180], Images.Prepare(image, options).Values.ToArray());
    }

    private static PixelBuffer Picture(int channels)
    {
        var image = new PixelBuffer();
        image.Resize(s_golden.GetProperty("height").GetInt32(), s_golden.GetProperty("width").GetInt32(), channels);
        byte[] pixels = [.. s_golden.GetProperty("pixels").EnumerateArray().Select(p => p.GetByte())];
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = pixels[i / channels];
        }
        return image;
    }
}
