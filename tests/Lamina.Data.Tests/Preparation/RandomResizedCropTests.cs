namespace Lamina.Data.Tests.Preparation;

public class RandomResizedCropTests
{
    [Theory]
    [InlineData(100, 100)]
    [InlineData(60, 200)]
    [InlineData(333, 40)]
    public void Area_and_proportions_are_in_range_and_the_window_in_the_image(int height, int width)
    {
        foreach (SampleWindow window in Windows(new RandomResizedCrop(), height, width, 2000))
        {
            Assert.InRange(window.Top, 0, height - window.Height);
            Assert.InRange(window.Left, 0, width - window.Width);
            // Sides are rounded to whole pixels.
            Assert.InRange((window.Width - 0.5) / (window.Height + 0.5), 0, 4 / 3.0);
            Assert.InRange((window.Width + 0.5) / (window.Height - 0.5), 3 / 4.0, double.MaxValue);
            double most = (window.Height + 0.5) * (window.Width + 0.5) / (height * width);
            Assert.InRange(most, 0.08, 1.1);
        }
    }

    [Fact]
    public void Areas_are_equally_likely_and_proportions_on_a_logarithmic_scale()
    {
        // A wide image in which every window fits: nothing is drawn again.
        var crop = new RandomResizedCrop { Scale = (0.1, 0.3), Ratio = (0.5, 2) };
        List<SampleWindow> windows = Windows(crop, 1000, 1000, 4000);
        double[] areas = [.. windows.Select(w => w.Height * w.Width / 1e6)];
        Assert.Equal(0.2, areas.Average(), 0.005);
        Assert.Equal(0.2 * 0.2 / 12, areas.Average(a => (a - 0.2) * (a - 0.2)), 0.0003);
        double[] ratios = [.. windows.Select(w => Math.Log2(w.Width / w.Height))];
        Assert.Equal(0, ratios.Average(), 0.05);
        Assert.Equal(4 / 12.0, ratios.Average(r => r * r), 0.03);
    }

    [Fact]
    public void Where_nothing_fits_the_middle_is_taken_in_the_nearest_proportions()
    {
        var square = new RandomResizedCrop { Scale = (1, 1), Ratio = (1, 1) };
        Assert.Equal(new SampleWindow(0, 3, 4, 4), Windows(square, 4, 10, 1)[0]);
        Assert.Equal(new SampleWindow(3, 0, 4, 4), Windows(square, 10, 4, 1)[0]);
        // 4/3 of 9 columns: 12 rows or 7 of them.
        var wide = new RandomResizedCrop { Scale = (1, 1), Ratio = (4 / 3.0, 4 / 3.0) };
        Assert.Equal(new SampleWindow(0, 14, 9, 12), Windows(wide, 9, 40, 1)[0]);
        Assert.Equal(new SampleWindow(16, 0, 7, 9), Windows(wide, 40, 9, 1)[0]);
    }

    [Fact]
    public void The_whole_image_is_resized_as_a_stretch()
    {
        var preprocessing = new Preprocessing
        {
            Height = 12,
            Width = 10,
            Resize = ResizeMode.Stretch,
        };
        var options = new DataLoaderOptions
        {
            Augmentations = [new RandomResizedCrop { Scale = (1, 1), Ratio = (1, 1) }],
        };
        Pictures images = Pictures.Noise(3, 30, 30);
        Assert.Equal(
            new DataLoader(images, preprocessing).Batches(0).Single().Inputs[0].Values,
            new DataLoader(images, preprocessing, options).Batches(0).Single().Inputs[0].Values
        );
    }

    [Fact]
    public void Small_windows_ask_for_larger_decoding()
    {
        Assert.Equal(1 / Math.Sqrt(0.08 * 0.75), new RandomResizedCrop().Magnification, 1e-12);
        var small = new RandomResizedCrop { Scale = (0.25, 1), Ratio = (1, 1) };
        Assert.Equal(2, small.Magnification, 1e-12);
    }

    private static List<SampleWindow> Windows(RandomResizedCrop crop, int height, int width, int count)
    {
        var windows = new List<SampleWindow>();
        SampleFrame frame = new Preprocessing().FrameOf((height, width));
        for (int i = 0; i < count; i++)
        {
            var random = new RandomStream(7, RandomPurpose.Augmentation, 0, i);
            SampleWindow window = frame.MiddleWindow;
            crop.ChooseWindow(ref window, frame, ref random);
            windows.Add(window);
        }
        return windows;
    }
}
