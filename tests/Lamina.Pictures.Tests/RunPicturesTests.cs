using SkiaSharp;

namespace Lamina.Pictures.Tests;

public sealed class RunPicturesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(200)]
    public void Curves_show_both_panels_in_both_colours(int epochs)
    {
        RunPictures.Curves(
            _folder["curves.png"],
            [
                .. Enumerable
                    .Range(1, epochs)
                    .Select(e => new CurvePoint(e, 2.0 / e, 1 - 1.0 / (e + 1), 2.5 / e, 1 - 1.2 / (e + 1))),
            ]
        );
        using SKBitmap picture = _folder.Only("curves.png");
        Assert.Equal((2000, 800), (picture.Width, picture.Height));
        foreach (int left in (ReadOnlySpan<int>)[0, 1000])
        {
            HashSet<SKColor> colors = ColorsIn(picture, SKRectI.Create(left, 0, 1000, 800));
            Assert.Contains(new SKColor(0x1f, 0x6f, 0xb4), colors);
            Assert.Contains(new SKColor(0xd9, 0x5f, 0x0e), colors);
        }
    }

    [Fact]
    public void Curves_without_accuracy_or_finite_losses_are_one_panel()
    {
        RunPictures.Curves(
            _folder["curves.png"],
            [new CurvePoint(1, double.NaN), new CurvePoint(2, double.PositiveInfinity)]
        );
        using SKBitmap picture = _folder.Only("curves.png");
        Assert.Equal(1000, picture.Width);
    }

    [Fact]
    public void Curves_need_an_epoch() =>
        Assert.Throws<ArgumentException>(() => RunPictures.Curves(_folder["curves.png"], []));

    [Fact]
    public void A_confusion_matrix_is_dark_where_a_row_has_its_images()
    {
        RunPictures.ConfusionMatrix(
            _folder["c.png"],
            new int[,]
            {
                { 10, 0 },
                { 1000, 0 },
            },
            ["a", "b"]
        );
        using SKBitmap picture = _folder.Only("c.png");
        // Both rows have all their images in the first column: the colour is the row's share, not the count.
        HashSet<SKColor> colors = ColorsIn(picture, SKRectI.Create(0, 0, picture.Width, picture.Height));
        int dark = 0;
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                dark += picture.GetPixel(x, y) == new SKColor(0x08, 0x30, 0x6b) ? 1 : 0;
            }
        }
        // Two cells of 168 × 168 pixels, less their numbers and borders.
        Assert.InRange(dark, 2 * 168 * 168 * 8 / 10, 2 * 168 * 168);
        Assert.Contains(new SKColor(0xf7, 0xfb, 0xff), colors);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(40)]
    public void A_dark_confusion_matrix_has_no_light_box(int classes)
    {
        var counts = new int[classes, classes];
        for (int i = 0; i < classes; i++)
        {
            counts[i, i] = 10;
        }
        string[] names = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")];
        RunPictures.ConfusionMatrix(_folder["c.png"], counts, names, isDark: true);
        using SKBitmap picture = _folder.Only("c.png");
        int light = picture.Pixels.Count(p => p.Red + p.Green + p.Blue > 384);
        // The light cells are those of the diagonal: 1 of `classes`, besides the scale and the text.
        Assert.InRange(light, 1, picture.Width * picture.Height * (0.6 / classes + 0.03));
        Assert.True(picture.GetPixel(1, 1).Red < 60);
        Assert.Contains(new SKColor(0xd6, 0xec, 0xfb), picture.Pixels);
        Assert.DoesNotContain(SKColors.White, picture.Pixels);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(30)]
    [InlineData(31)]
    [InlineData(1000)]
    public void A_confusion_matrix_fits_any_number_of_classes(int classes)
    {
        var counts = new int[classes, classes];
        for (int i = 0; i < classes; i++)
        {
            counts[i, i] = 12345;
        }
        string[] names = [.. Enumerable.Range(0, classes).Select(i => $"a rather long name of a class, number {i}")];
        RunPictures.ConfusionMatrix(_folder["c.png"], counts, names);
        using SKBitmap picture = _folder.Only("c.png");
        Assert.InRange(picture.Width, 500, 4000);
        AssertMarginIsWhite(picture);
    }

    [Fact]
    public void A_confusion_matrix_must_be_square_with_a_name_a_row()
    {
        Assert.Throws<ArgumentException>(() =>
            RunPictures.ConfusionMatrix(_folder["c.png"], new int[2, 3], ["a", "b"])
        );
        Assert.Throws<ArgumentException>(() => RunPictures.ConfusionMatrix(_folder["c.png"], new int[2, 2], ["a"]));
        Assert.Throws<ArgumentException>(() =>
            RunPictures.ConfusionMatrix(
                _folder["c.png"],
                new int[,]
                {
                    { -1 },
                },
                ["a"]
            )
        );
    }

    [Theory]
    [InlineData(96, 16)]
    [InlineData(64, 8)]
    [InlineData(1, 1)]
    public void Filters_stand_in_a_grid(int filters, int columns) =>
        Assert.Equal(columns, RunPictures.GridColumns(filters));

    [Fact]
    public void A_filter_has_its_own_range_and_its_own_colours()
    {
        // Two 1×2 filters of three channels: the second is the first, scaled and shifted, with red and blue swapped.
        float[] first = [-1, 0, 1, 1, 0, -1];
        var kernel = new float[12];
        for (int i = 0; i < 6; i++)
        {
            kernel[2 * i] = first[i];
            kernel[2 * i + 1] = 5 + 10 * first[i / 3 * 3 + 2 - i % 3];
        }
        RunPictures.Filters(_folder["f.png"], kernel, [1, 2, 3, 2]);
        using SKBitmap picture = _folder.Only("f.png");
        SKColor[] expected = [new(0, 128, 255), new(255, 128, 0), SKColors.White];
        HashSet<SKColor> colors = ColorsIn(picture, SKRectI.Create(0, 0, picture.Width, picture.Height));
        Assert.Equal(expected.ToHashSet(), colors);
        // 24 points a weight, two pixels a point, three points of gap.
        Assert.Equal(new SKColor(0, 128, 255), picture.GetPixel(6 + 10, 6 + 10));
        Assert.Equal(new SKColor(255, 128, 0), picture.GetPixel(6 + 48 + 10, 6 + 10));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Filters_of_other_depths_are_grey(int channels)
    {
        float[] kernel = [.. Enumerable.Range(0, 9 * channels).Select(i => MathF.Sin(i))];
        RunPictures.Filters(_folder["f.png"], kernel, [3, 3, channels, 1]);
        using SKBitmap picture = _folder.Only("f.png");
        HashSet<SKColor> colors = ColorsIn(picture, SKRectI.Create(0, 0, picture.Width, picture.Height));
        Assert.All(colors, c => Assert.True(c.Red == c.Green && c.Green == c.Blue));
        Assert.Contains(new SKColor(0, 0, 0), colors);
        Assert.InRange(colors.Count, 9, 10);
    }

    [Fact]
    public void A_kernel_must_have_its_shape() =>
        Assert.Throws<ArgumentException>(() => RunPictures.Filters(_folder["f.png"], new float[8], [3, 3, 1, 1]));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Predictions_mark_right_and_wrong_by_color_and_sign(int channels)
    {
        var pixels = new byte[20 * 10 * channels];
        Array.Fill(pixels, (byte)200);
        ClassProbability[] top = [new("a name that is far too long for a bar of this width", 0.75), new("cat", 0.25)];
        var wrong = new PredictionTile(pixels, 20, 10, channels, "cat", top);
        PredictionTile right = wrong with { Label = top[0].Name };
        PredictionTile unknown = wrong with { Label = null };
        Assert.Equal((false, true, null), (wrong.IsRight, right.IsRight, unknown.IsRight));
        Assert.Null((wrong with { Top = [] }).IsRight);
        RunPictures.Predictions(_folder["p.png"], [wrong, right, unknown, wrong with { Top = [] }]);
        using SKBitmap picture = _folder.Only("p.png");
        (int w, int h) = (picture.Width / 2, picture.Height / 2);
        SKColor blue = new(0x1f, 0x6f, 0xb4);
        SKColor orange = new(0xd9, 0x5f, 0x0e);
        HashSet<SKColor> ofWrong = ColorsIn(picture, SKRectI.Create(0, 0, w, h));
        HashSet<SKColor> ofRight = ColorsIn(picture, SKRectI.Create(w, 0, w, h));
        HashSet<SKColor> ofUnknown = ColorsIn(picture, SKRectI.Create(0, h, w, h));
        // The true class's bar is blue in both; the disc of the mark is not.
        Assert.Contains(blue, ofWrong);
        Assert.Contains(orange, ofWrong);
        Assert.Contains(blue, ofRight);
        Assert.DoesNotContain(orange, ofRight);
        Assert.DoesNotContain(blue, ofUnknown);
        Assert.DoesNotContain(orange, ofUnknown);
        AssertMarginIsWhite(picture);
    }

    [Fact]
    public void Predictions_show_percentages()
    {
        var tile = new PredictionTile(new byte[12], 2, 2, 3, "cat", [new("cat", 0.5), new("dog", 0.25)]);
        RunPictures.Predictions(_folder["p.png"], [tile]);
        using SKBitmap picture = _folder.Only("p.png");
        // Right half of the second bar's row: the bar ends at a quarter, so only a number can be there.
        int row = (int)(2 * (16 + 148 + 26 + 17));
        HashSet<SKColor> colors = ColorsIn(picture, SKRectI.Create(2 * (16 + 120), row + 6, 2 * 50, 22));
        Assert.Contains(colors, c => c.Red < 0x60 && c.Blue < 0x60);
    }

    [Fact]
    public void A_sheet_has_an_image_and_a_name_for_each_tile()
    {
        var tile = new PredictionTile(new byte[12], 2, 2, 3, "a name that is far too long for its place", []);
        RunPictures.ImageSheet(_folder["s.png"], [.. Enumerable.Repeat(tile, 5)]);
        using SKBitmap picture = _folder.Only("s.png");
        Assert.Equal((2 * (10 + (3 * 106)), 2 * (10 + (2 * 124))), (picture.Width, picture.Height));
        AssertMarginIsWhite(picture);
        Assert.Throws<ArgumentException>(() => RunPictures.ImageSheet(_folder["s.png"], []));
    }

    [Fact]
    public void A_number_can_be_read_on_its_cell()
    {
        // Half of each row in each column: the cells are of a middle blue.
        RunPictures.ConfusionMatrix(
            _folder["c.png"],
            new int[,]
            {
                { 8, 8 },
                { 8, 8 },
            },
            ["a", "b"]
        );
        using SKBitmap picture = _folder.Only("c.png");
        SKColor cell = new(0x6b, 0xae, 0xd6);
        var columns = new List<int>();
        var rows = new List<int>();
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width / 2; x++)
            {
                if (picture.GetPixel(x, y) == cell)
                {
                    columns.Add(x);
                    rows.Add(y);
                }
            }
        }
        // The upper right cell, off the diagonal.
        (int left, int top) = (columns.Min() + 180, rows.Min() + 10);
        HashSet<SKColor> colors = ColorsIn(picture, SKRectI.Create(left, top, 140, 140));
        Assert.True(colors.Max(c => Lamina.Drawing.PictureColors.Contrast(c, cell)) >= 4.5);
    }

    [Fact]
    public void A_spike_does_not_flatten_the_other_losses()
    {
        double[] losses = [62.7, 2.1, 1.6, 1.2, 0.9, 0.7, 0.6, 0.5];
        RunPictures.Curves(
            _folder["curves.png"],
            [.. losses.Select((loss, i) => new CurvePoint(i + 1, loss, null, Math.Min(loss, 2.5)))]
        );
        using SKBitmap picture = _folder.Only("curves.png");
        List<SKPointI> orange = PlotPixels(picture, new SKColor(0xd9, 0x5f, 0x0e));
        Assert.True(orange.Max(p => p.Y) - orange.Min(p => p.Y) > picture.Height / 2);
    }

    [Fact]
    public void A_legend_covers_no_curve()
    {
        RunPictures.Curves(
            _folder["curves.png"],
            [.. Enumerable.Range(1, 10).Select(e => new CurvePoint(e, 1, null, e))]
        );
        using SKBitmap picture = _folder.Only("curves.png");
        // The validation loss rises to the upper right corner: its last marker is the rightmost and the topmost.
        List<SKPointI> orange = PlotPixels(picture, new SKColor(0xd9, 0x5f, 0x0e));
        SKPointI right = orange.MaxBy(p => p.X);
        SKPointI top = orange.MinBy(p => p.Y);
        Assert.InRange(right.X - top.X, 0, 20);
        Assert.InRange(right.Y - top.Y, 0, 20);
    }

    [Fact]
    public void The_learning_rate_has_a_panel_of_its_own()
    {
        CurvePoint[] history = [new(1, 2, 0.1, null, null, 0.02), new(2, 1, 0.2, null, null, 0.01)];
        RunPictures.Curves(_folder["curves.png"], history);
        using SKBitmap picture = _folder.Only("curves.png");
        Assert.Equal((2000, 1140), (picture.Width, picture.Height));
        HashSet<SKColor> below = ColorsIn(picture, SKRectI.Create(0, 860, 2000, 280));
        Assert.Contains(new SKColor(0x6a, 0x71, 0x78), below);
    }

    /// <summary>The pixels of a color below a panel's heading.</summary>
    private static List<SKPointI> PlotPixels(SKBitmap picture, SKColor color)
    {
        var found = new List<SKPointI>();
        for (int y = 120; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                if (picture.GetPixel(x, y) == color)
                {
                    found.Add(new SKPointI(x, y));
                }
            }
        }
        return found;
    }

    [Fact]
    public void A_tile_must_have_its_bytes() =>
        Assert.Throws<ArgumentException>(() =>
            RunPictures.Predictions(_folder["p.png"], [new PredictionTile(new byte[5], 2, 2, 1, null, [])])
        );

    [Fact]
    public void A_picture_that_cannot_be_written_says_so_in_one_line()
    {
        var error = Assert.Throws<LaminaException>(() =>
            RunPictures.Curves(_folder["no/such/folder.png"], [new CurvePoint(1, 1)])
        );
        Assert.Contains("folder.png", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static HashSet<SKColor> ColorsIn(SKBitmap picture, SKRectI area)
    {
        var colors = new HashSet<SKColor>();
        for (int y = area.Top; y < area.Bottom; y++)
        {
            for (int x = area.Left; x < area.Right; x++)
            {
                colors.Add(picture.GetPixel(x, y));
            }
        }
        return colors;
    }

    /// <summary>What reaches the border was probably cut off.</summary>
    private static void AssertMarginIsWhite(SKBitmap picture)
    {
        Assert.Equal([SKColors.White], ColorsIn(picture, SKRectI.Create(0, 0, picture.Width, 4)));
        Assert.Equal([SKColors.White], ColorsIn(picture, SKRectI.Create(0, picture.Height - 4, picture.Width, 4)));
        Assert.Equal([SKColors.White], ColorsIn(picture, SKRectI.Create(0, 0, 4, picture.Height)));
        Assert.Equal([SKColors.White], ColorsIn(picture, SKRectI.Create(picture.Width - 4, 0, 4, picture.Height)));
    }
}
