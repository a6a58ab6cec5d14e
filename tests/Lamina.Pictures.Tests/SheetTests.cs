using Lamina.Drawing;
using SkiaSharp;

namespace Lamina.Pictures.Tests;

/// <summary>Sheets and charts in light and dark: their size, background, tiles and heat.</summary>
public sealed class SheetTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"lamina-sheet-{Guid.NewGuid():N}.png");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sheet_has_its_background_and_shows_heat_in_color(bool isDark)
    {
        var gray = new SheetTile(Enumerable.Repeat((byte)90, 64).ToArray(), 8, 8, 1);
        var heat = new NDArray([2, 2], new float[] { 1, 1, 1, 1 });
        RunPictures.Sheet(
            _path,
            new PictureSheet
            {
                Title = "Two tiles",
                Subtitle = "one of them hot",
                Rows = [new SheetRow([gray with { Title = "cold" }, gray with { Heat = heat, Caption = "a\nb" }])],
                Scale = ("low", "high"),
                IsDark = isDark,
            }
        );
        using var bitmap = SKBitmap.Decode(_path);
        SKColor corner = bitmap.GetPixel(2, 2);
        Assert.Equal(isDark, corner.Red < 60);
        HashSet<SKColor> colors = [];
        for (int y = 0; y < bitmap.Height; y += 3)
        {
            for (int x = 0; x < bitmap.Width; x += 3)
            {
                colors.Add(bitmap.GetPixel(x, y));
            }
        }
        Assert.Contains(new SKColor(90, 90, 90), colors);
        // The hottest color is a dark red, three quarters over the gray.
        Assert.Contains(colors, c => c.Red > 90 && c.Green < 60 && c.Blue < 60);
    }

    [Fact]
    public void Long_rows_continue_below_and_bad_tiles_are_refused()
    {
        var tile = new SheetTile(new byte[16], 4, 4, 1);
        (int width, int height) = SizeOf([.. Enumerable.Repeat(tile, 3)]);
        (int wide, int tall) = SizeOf([.. Enumerable.Repeat(tile, 9)]);
        Assert.Equal(width, wide);
        Assert.True(tall > height + 400);
        Assert.Throws<ArgumentException>(() => SizeOf([tile with { Height = 5 }]));
        Assert.Throws<ArgumentException>(() => SizeOf([]));

        (int, int) SizeOf(SheetTile[] tiles)
        {
            RunPictures.Sheet(
                _path,
                new PictureSheet
                {
                    Title = "t",
                    Rows = [new SheetRow(tiles)],
                    Columns = 3,
                }
            );
            using var bitmap = SKBitmap.Decode(_path);
            return (bitmap.Width, bitmap.Height);
        }
    }

    [Fact]
    public void A_long_subtitle_continues_on_a_second_line()
    {
        const string Long =
            "a subtitle that is a lot longer than a sheet with few images is wide, so that it must continue";
        IReadOnlyList<string> lines = Sketch.Wrap(Long, 12, 420, 2);
        Assert.Equal(2, lines.Count);
        Assert.Equal(Long, string.Join(' ', lines));
        Assert.All(lines, l => Assert.True(Sketch.Measure(l, 12) <= 420));
        Assert.Equal(["short"], Sketch.Wrap("short", 12, 420, 2));
        Assert.Empty(Sketch.Wrap("", 12, 420, 2));
        // What two lines cannot hold is cut at the end.
        lines = Sketch.Wrap($"{Long} {Long}", 12, 420, 2);
        Assert.Equal(2, lines.Count);
        Assert.EndsWith("…", lines[1], StringComparison.Ordinal);
        Assert.Equal(SizeOf("").Width, SizeOf(Long).Width);
        Assert.True(SizeOf(Long).Height > SizeOf("short").Height);

        (int Width, int Height) SizeOf(string subtitle)
        {
            RunPictures.Sheet(
                _path,
                new PictureSheet
                {
                    Title = "t",
                    Subtitle = subtitle,
                    Rows = [new SheetRow([new SheetTile(new byte[16], 4, 4, 1)])],
                }
            );
            using var bitmap = SKBitmap.Decode(_path);
            return (bitmap.Width, bitmap.Height);
        }
    }

    [Fact]
    public void Charts_and_points_are_drawn()
    {
        RunPictures.Chart(
            _path,
            new ChartPicture
            {
                Title = "Chart",
                XLabel = "x",
                YLabel = "y",
                Lines = [new ChartLine("a", [0, 1, 2], [1, 0.5, 0])],
                Bars = [new ChartBar(0, 1, 0.4)],
                IsReliability = true,
                IsDark = true,
            }
        );
        Assert.True(Colors() > 20);
        using (var chart = SKBitmap.Decode(_path))
        {
            Assert.All(
                new[] { (1, 1), (1, chart.Height / 2), (chart.Width - 2, chart.Height / 2), (4, chart.Height - 2) },
                p => Assert.True(chart.GetPixel(p.Item1, p.Item2).Red < 60)
            );
        }
        RunPictures.Scatter(
            _path,
            new ScatterPicture
            {
                Title = "Points",
                Panels = [new ScatterPanel("p", new NDArray([3, 2], new float[] { 0, 0, 1, 1, 2, 0 }))],
                Labels = [0, 1, 0],
                Classes = ["a", "b"],
            }
        );
        Assert.True(Colors() > 20);

        int Colors()
        {
            using var bitmap = SKBitmap.Decode(_path);
            return bitmap.Pixels.Distinct().Count();
        }
    }
}
