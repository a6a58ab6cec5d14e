using System.Text.Json.Nodes;

namespace Lamina.Data.Tests.Preparation;

/// <summary>Colours against Pillow's ImageEnhance and Python's colorsys (Goldens/make_colors.py).</summary>
public class ColorTests
{
    private static readonly JsonObject s_golden = JsonNode
        .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", "colors.json")))!
        .AsObject();

    public static TheoryData<int> Cases() => [.. Enumerable.Range(0, s_golden["cases"]!.AsArray().Count)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Changes_are_Pillows_and_colorsyss(int number)
    {
        JsonObject golden = s_golden["cases"]![number]!.AsObject();
        var channels = (int)golden["channels"]!;
        var factor = (float)golden["factor"]!;
        float[] pixels = Floats(s_golden[channels == 3 ? "source" : "grey"]!);
        var change = (string)golden["change"]!;
        switch (change)
        {
            case "brightness":
                PixelColors.Brightness(pixels, factor);
                break;
            case "contrast":
                PixelColors.Contrast(pixels, channels, factor);
                break;
            case "saturation":
                PixelColors.Saturation(pixels, factor);
                break;
            default:
                PixelColors.Hue(pixels, factor);
                break;
        }
        // Pillow rounds the result down, and the grey that it blends with to the nearest.
        float tolerance = change == "hue" ? 1e-3f : 1.5f;
        float[] expected = Floats(golden["values"]!);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], pixels[i], tolerance);
        }
    }

    [Fact]
    public void Factors_are_drawn_evenly_from_their_range()
    {
        double[] values = [.. Jittered(new ColorJitter(Brightness: 0.4), 2000, 100)];
        Assert.InRange(values.Min(), 60, 61);
        Assert.InRange(values.Max(), 139, 140);
        Assert.Equal(100, values.Average(), 3.0);
        // A strength over 1 starts at black.
        values = [.. Jittered(new ColorJitter(Brightness: 1.5), 2000, 100)];
        Assert.InRange(values.Min(), 0, 2);
        Assert.InRange(values.Max(), 248, 250);
    }

    [Fact]
    public void The_order_is_random()
    {
        // Black and white: 1.8 × 255 is cut to 255, so contrast after brightness differs from brightness after contrast.
        var results = new HashSet<float>();
        var jitter = new ColorJitter(Brightness: 0.9, Contrast: 0.9);
        for (int i = 0; i < 200; i++)
        {
            float[] pixels = [0, 200];
            var random = new RandomStream(1, RandomPurpose.Augmentation, 0, i);
            RandomStream same = random;
            jitter.ChangePixels(pixels, (1, 2), 1, ref random);
            Span<int> order = [0, 1, 2, 3];
            same.Shuffle(order);
            bool brightnessFirst = order.IndexOf(0) < order.IndexOf(1);
            float brightness = (float)(0.1 + (1.8 * same.NextDouble()));
            float contrast = (float)(0.1 + (1.8 * same.NextDouble()));
            float[] expected = [0, 200];
            foreach (bool first in (bool[])[true, false])
            {
                if (first == brightnessFirst)
                {
                    expected = [.. expected.Select(v => Math.Clamp(v * brightness, 0, 255))];
                }
                else
                {
                    float mean = expected.Average();
                    expected = [.. expected.Select(v => Math.Clamp(mean + (contrast * (v - mean)), 0, 255))];
                }
            }
            Assert.Equal(expected[0], pixels[0], 1e-3f);
            Assert.Equal(expected[1], pixels[1], 1e-3f);
            results.Add(brightnessFirst ? 1 : 0);
        }
        Assert.Equal(2, results.Count);
    }

    [Fact]
    public void Grey_images_have_no_saturation_and_no_hue()
    {
        float[] grey = Floats(s_golden["grey"]!);
        float[] pixels = [.. grey];
        var random = new RandomStream(1, RandomPurpose.Augmentation);
        new ColorJitter(Saturation: 0.9, Hue: 0.5).ChangePixels(pixels, (7, 9), 1, ref random);
        Assert.Equal(grey, pixels);
    }

    [Fact]
    public void Lighting_moves_all_pixels_of_an_image_alike_along_the_components()
    {
        var components = new ColorComponents(
            [20, 5, 0],
            [
                [0.6, 0.8, 0],
                [-0.8, 0.6, 0],
                [0, 0, 1],
            ]
        );
        var lighting = new PcaLighting(0.1, components);
        const int Count = 4000;
        double along = 0;
        double across = 0;
        for (int i = 0; i < Count; i++)
        {
            float[] pixels = [10, 20, 30, 40, 50, 60];
            var random = new RandomStream(2, RandomPurpose.Augmentation, 0, i);
            lighting.ChangePixels(pixels, (1, 2), 3, ref random);
            double[] shift = [pixels[0] - 10, pixels[1] - 20, pixels[2] - 30];
            Assert.Equal(shift[0], pixels[3] - 40, 1e-4);
            Assert.Equal(shift[1], pixels[4] - 50, 1e-4);
            Assert.Equal((30, 60), (pixels[2], pixels[5]));
            along += Math.Pow((0.6 * shift[0]) + (0.8 * shift[1]), 2);
            across += Math.Pow((-0.8 * shift[0]) + (0.6 * shift[1]), 2);
        }
        // (0.1 × 20)² and (0.1 × 5)²; a variance of 4000 draws is known to 2.2 %.
        Assert.Equal(4, along / Count, 0.45);
        Assert.Equal(0.25, across / Count, 0.03);
    }

    [Fact]
    public void Lighting_of_grey_images_is_a_shift()
    {
        var lighting = new PcaLighting(
            0.5,
            new ColorComponents(
                [8],
                [
                    [1],
                ]
            )
        );
        float[] pixels = [1, 2, 3];
        var random = new RandomStream(2, RandomPurpose.Augmentation, 0, 3);
        var alpha = (float)(0.5 * 8 * new RandomStream(2, RandomPurpose.Augmentation, 0, 3).NextNormal());
        lighting.ChangePixels(pixels, (1, 3), 1, ref random);
        Assert.Equal([1 + alpha, 2 + alpha, 3 + alpha], pixels);
    }

    [Fact]
    public void Lighting_wants_the_training_sets_components()
    {
        Pictures images = Pictures.Noise(4, 3, 3);
        var preprocessing = new Preprocessing { Height = 3, Width = 3 };
        var lighting = new PcaLighting();
        Assert.True(lighting.NeedsStatistics);
        DataLoader Loader(Augmentation a) => new(images, preprocessing, new DataLoaderOptions { Augmentations = [a] });
        Assert.Contains(
            "PcaLighting: Components are not set",
            Assert.Throws<ConfigException>(() => Loader(lighting)).Message
        );
        Augmentation known = lighting.With(DatasetStatistics.Compute(images, preprocessing));
        Assert.False(known.NeedsStatistics);
        Assert.Equal(4, Loader(known).Batches(0).Single().Count);
        var grey = new PcaLighting(
            0.1,
            new ColorComponents(
                [8],
                [
                    [1],
                ]
            )
        );
        Assert.Contains("of 1 channels for images of 3", Assert.Throws<ConfigException>(() => Loader(grey)).Message);
    }

    private static IEnumerable<double> Jittered(ColorJitter jitter, int count, float value)
    {
        for (int i = 0; i < count; i++)
        {
            float[] pixels = [value, value, value];
            var random = new RandomStream(11, RandomPurpose.Augmentation, 0, i);
            jitter.ChangePixels(pixels, 1, 3, ref random);
            yield return pixels[1];
        }
    }

    private static float[] Floats(JsonNode json) => [.. json.AsArray().Select(v => (float)v!)];
}
