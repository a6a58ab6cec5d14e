namespace Lamina.Data.Tests.Preparation;

public class RandomErasingTests
{
    private static readonly Size2 s_size = new(40, 50);

    [Fact]
    public void A_rectangle_of_allowed_area_and_proportions_is_erased_as_often_as_asked()
    {
        var erasing = new RandomErasing(0.25, ErasingFill.Zero);
        int erased = 0;
        double shares = 0;
        for (int i = 0; i < 4000; i++)
        {
            float[] pixels = Erased(erasing, i, 1);
            int[] places = [.. Enumerable.Range(0, pixels.Length).Where(p => pixels[p] == 0)];
            if (places.Length == 0)
            {
                continue;
            }
            int height = places.Max(p => p / 50) - places.Min(p => p / 50) + 1;
            int width = places.Max(p => p % 50) - places.Min(p => p % 50) + 1;
            Assert.Equal(height * width, places.Length);
            Assert.InRange(places.Length / 2000.0, 0.015, 0.345);
            // Both sides are rounded to whole pixels.
            Assert.InRange((height + 0.5) / (width - 0.5), 0.3, double.MaxValue);
            Assert.InRange((height - 0.5) / (width + 0.5), 0, 3.3);
            shares += places.Length / 2000.0;
            erased++;
        }
        // Five standard deviations. Areas are drawn evenly from 0.02 to 0.33; of large ones a few do not fit.
        Assert.InRange(erased, 863, 1137);
        Assert.Equal(0.175, shares / erased, 0.015);
    }

    [Fact]
    public void Noise_covers_all_values_and_the_mean_is_the_training_sets()
    {
        var all = new RandomErasing(1) { Scale = (0.9, 0.9), Ratio = (1, 1) };
        float[] noise = Erased(all, 1, 3, new Size2(50, 50));
        float[] values = [.. noise.Where(v => v != 128)];
        Assert.InRange(values.Length, 6000, 7500);
        Assert.InRange(values.Min(), 0, 0.5);
        Assert.InRange(values.Max(), 254.5, 255);
        Assert.Equal(127.5, values.Average(), 5 * 255 / Math.Sqrt(12.0 * values.Length));

        var images = new Pictures(4, 8, 8, 3, (i, _, _, c) => (byte)((40 * c) + i));
        var preprocessing = new Preprocessing { Height = 8, Width = 8 };
        RandomErasing mean = all with { Fill = ErasingFill.Mean };
        Assert.True(mean.NeedsStatistics);
        Assert.Contains("Mean is not set", Assert.Throws<ConfigException>(() => mean.Validate(preprocessing)).Message);
        mean = (RandomErasing)mean.With(DatasetStatistics.Compute(images, preprocessing));
        Assert.False(mean.NeedsStatistics);
        mean.Validate(preprocessing);
        float[] pixels = Erased(mean, 1, 3, new Size2(50, 50));
        for (int i = 0; i < pixels.Length; i++)
        {
            Assert.True(pixels[i] == 128 || Math.Abs(pixels[i] - (1.5f + (40 * (i % 3)))) < 1e-4);
        }
        Assert.Contains(pixels, p => p != 128);
    }

    [Fact]
    public void What_never_fits_leaves_the_image_as_it_is() =>
        Assert.All(Erased(new RandomErasing(1) { Scale = (1, 1), Ratio = (1, 1) }, 3, 3), p => Assert.Equal(128, p));

    private static float[] Erased(RandomErasing erasing, int image, int channels, Size2? size = null)
    {
        var pixels = new float[(size ?? s_size).Height * (size ?? s_size).Width * channels];
        Array.Fill(pixels, 128);
        var random = new RandomStream(2, RandomPurpose.Augmentation, 0, image);
        erasing.ChangePixels(pixels, size ?? s_size, channels, ref random);
        return pixels;
    }
}
