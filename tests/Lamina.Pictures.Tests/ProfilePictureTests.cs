using System.Xml.Linq;
using SkiaSharp;

namespace Lamina.Pictures.Tests;

public sealed class ProfilePictureTests : IDisposable
{
    private static readonly ProfileBar[] s_bars =
    [
        new("forward", "conv2d", "oneDNN convolution", 10, 0.5),
        new("backward", "conv2d", "oneDNN convolution", 20, 1.2),
        new("loss", "loss", "", 0, null),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Bars_are_as_long_as_their_times_and_dark_up_to_the_limit()
    {
        RunPictures.Profile(_folder["p.png"], "title", "subtitle", s_bars);
        using SKBitmap picture = _folder.Only("p.png");
        var blue = new SKColor(0x1f, 0x6f, 0xb4);
        var orange = new SKColor(0xd9, 0x5f, 0x0e);
        int dark = Count(picture, blue);
        int whole = Count(picture, orange);
        // Half of half of the longest bar, whose share above 1 is all of it; the legend's square is in both.
        const int square = 20 * 20;
        Assert.Equal(4.0, (double)(whole - square) / (dark - square), 0.1);
    }

    [Fact]
    public void An_svg_is_one_document_with_all_labels()
    {
        RunPictures.Profile(_folder["p.svg"], "title", "subtitle", s_bars);
        XDocument svg = XDocument.Load(_folder["p.svg"]);
        string text = string.Join('\n', svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
        foreach (string part in (string[])["title", "subtitle", "forward", "conv2d", "10.00 ms", "120 % of peak"])
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_cannot_be_drawn_is_refused()
    {
        Assert.Throws<ArgumentException>(() => RunPictures.Profile(_folder["p.png"], "", "", []));
        Assert.Throws<ArgumentException>(() =>
            RunPictures.Profile(_folder["p.png"], "", "", [new("forward", "a", "", double.NaN, null)])
        );
        LaminaException wrong = Assert.Throws<LaminaException>(() =>
            RunPictures.Profile(_folder["p.gif"], "", "", s_bars)
        );
        Assert.Contains("Use .png or .svg", wrong.Message, StringComparison.Ordinal);
    }

    private static int Count(SKBitmap picture, SKColor color) => picture.Pixels.Count(p => p == color);
}
