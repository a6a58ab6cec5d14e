using Lamina.Inspection.Layout;
using SkiaSharp;
using static Lamina.Plotting;

namespace Lamina.Pictures.Tests;

public sealed class PlotModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(96)]
    [InlineData(200)]
    public void A_png_has_the_drawing_s_size_at_its_density(int dpi)
    {
        PlotModel(TestModels.Listing(), _folder["m.png"], showShapes: true, dpi: dpi);
        using SKBitmap picture = _folder.Only("m.png");
        GraphDrawing drawing = ModelDrawing.Layout(TestModels.Listing(), new PlotOptions { ShowShapes = true });
        Assert.InRange(picture.Width, drawing.Width * dpi / 72, drawing.Width * dpi / 72 + 1);
        Assert.InRange(picture.Height, drawing.Height * dpi / 72, drawing.Height * dpi / 72 + 1);
        // Boxes, lines and letters are black on white; the middle of the first box's outline is black.
        DrawnNode first = drawing.Nodes[0];
        SKColor corner = picture.GetPixel((int)(first.Box.X * dpi / 72) + 10, (int)Math.Round(first.Box.Y * dpi / 72));
        Assert.InRange(corner.Red, 0, 200);
        Assert.Equal(SKColors.White, picture.GetPixel(0, 0));
    }

    [Theory]
    [InlineData("m.svg")]
    [InlineData("m.DOT")]
    public void The_extension_picks_the_format(string name)
    {
        Model model = TestModels.Branches();
        PlotModel(model, _folder[name], showShapes: true, showDtype: true, rankDir: "LR");
        var options = new PlotOptions
        {
            ShowShapes = true,
            ShowDType = true,
            RankDir = "LR",
        };
        string expected = name == "m.svg" ? ModelDrawing.ToSvg(model, options) : ModelDrawing.ToDot(model, options);
        Assert.Equal(expected, File.ReadAllText(_folder[name]));
    }

    [Fact]
    public void Other_extensions_are_refused_in_one_line()
    {
        var error = Assert.Throws<LaminaException>(() => PlotModel(TestModels.Nested(), _folder["m.jpg"]));
        Assert.Contains(".jpg", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Every_option_changes_the_picture()
    {
        Model model = TestModels.Nested();
        string[] pictures =
        [
            Draw("0.dot"),
            Draw("1.dot", showShapes: true),
            Draw("2.dot", showDtype: true),
            Draw("3.dot", showLayerNames: false),
            Draw("4.dot", rankDir: "LR"),
            Draw("5.dot", expandNested: true),
            Draw("6.dot", dpi: 50),
            Draw("7.dot", showLayerActivations: true),
            Draw("8.dot", showTrainable: true),
        ];
        Assert.Equal(pictures.Length, pictures.Distinct().Count());

        string Draw(
            string name,
            bool showShapes = false,
            bool showDtype = false,
            bool showLayerNames = true,
            string rankDir = "TB",
            bool expandNested = false,
            int dpi = 96,
            bool showLayerActivations = false,
            bool showTrainable = false
        )
        {
            string path = _folder[name];
            PlotModel(
                model,
                path,
                showShapes,
                showDtype,
                showLayerNames,
                rankDir,
                expandNested,
                dpi,
                showLayerActivations,
                showTrainable
            );
            return File.ReadAllText(path);
        }
    }

    [Fact]
    public void Knotted_graphs_are_drawn()
    {
        PlotModel(TestModels.Knotted(), _folder["m.png"], showShapes: true, expandNested: true);
        using SKBitmap picture = _folder.Only("m.png");
        Assert.InRange(picture.Width, 300, 4000);
    }

    [Fact]
    public void A_picture_too_large_for_memory_is_refused()
    {
        Symbol x = TestModels.Input("in", 4);
        Symbol last = x;
        for (int i = 0; i < 400; i++)
        {
            last = new NamedLayer("Dense", $"dense_{i}").Apply(last);
        }
        Model model = TestModels.Of([x], [last], "long");
        Assert.Throws<LaminaException>(() => PlotModel(model, _folder["m.png"], showShapes: true, dpi: 1200));
    }
}
