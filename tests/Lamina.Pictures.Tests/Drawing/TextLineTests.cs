using Lamina.Drawing;
using SkiaSharp;

namespace Lamina.Pictures.Tests.Drawing;

/// <summary>Names in any script are drawn with glyphs, never as empty boxes.</summary>
public sealed class TextLineTests
{
    [Theory]
    [InlineData("cat", "cat")]
    [InlineData("Größe", "Größe")]
    [InlineData("猫", "Mao")]
    [InlineData("ねこ 2", "neko 2")]
    [InlineData("고양이", "GoYangI")]
    [InlineData("ไทย", "aithy")]
    [InlineData("हिन्दी", "hindi")]
    [InlineData("\U0001F469\u200D\U0001F469\u200D\U0001F467", ":woman::woman::girl:")]
    [InlineData("\uE000", "U+E000")]
    [InlineData("❤\uFE0F", "❤")]
    [InlineData("", "")]
    public void Without_fonts_of_the_system_names_are_spelled(string name, string drawn)
    {
        var line = new TextLine(name, 12, bold: false, FallbackFonts.None);
        Assert.Equal(drawn, line.Drawn);
        Assert.True(FallbackFonts.Covers(Fonts.Regular, line.Drawn));
        Assert.Equal(name.Length > 0, line.Width > 0);
    }

    [Fact]
    public void What_is_no_character_is_marked() =>
        Assert.Equal("a\uFFFDb\uFFFD", new TextLine("a\nb\ud800", 12, false, FallbackFonts.None).Drawn);

    [Theory]
    [InlineData("猫と犬")]
    [InlineData("قطة صغيرة")]
    [InlineData("👩‍👩‍👧 family 👍🏽 🇩🇪")]
    [InlineData("हिन्दी \uE000")]
    public void Every_run_has_a_font_with_its_glyphs(string name)
    {
        foreach (bool bold in (bool[])[false, true])
        {
            foreach (FallbackFonts fonts in (FallbackFonts[])[FallbackFonts.System, FallbackFonts.None])
            {
                IReadOnlyList<TextRun> runs = TextRun.Split(name, bold, fonts);
                Assert.All(runs, run => Assert.True(FallbackFonts.Covers(run.Face, run.Text), run.Text));
            }
        }
    }

    [Fact]
    public void Arabic_letters_are_joined()
    {
        // Alone, each letter has its long, isolated form.
        float joined = new TextLine("قطة", 40, bold: false, FallbackFonts.None).Width;
        float apart = "قطة".Sum(c => new TextLine($"{c}", 40, bold: false, FallbackFonts.None).Width);
        Assert.True(joined < 0.9 * apart);
    }

    [Theory]
    // By the first letter: a Latin name with a Hebrew word in it, and the other way round.
    [InlineData("cat אב dog", "cat |אב |dog")]
    [InlineData("אב cat גד", "גד|cat |אב ")]
    [InlineData("אב 12", "אב 12")]
    public void Directions_follow_the_first_letter(string name, string fromLeft) =>
        Assert.Equal(fromLeft, string.Join('|', TextRun.Split(name, false, FallbackFonts.None).Select(r => r.Text)));

    [Theory]
    [InlineData("a rather long name of a class that goes on and on")]
    [InlineData("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧")]
    [InlineData("猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫")]
    public void A_long_name_is_cut_between_characters(string name)
    {
        float room = 0.6f * Sketch.Measure(name, 12);
        string cut = Sketch.Fit(name, 12, room);
        Assert.EndsWith("…", cut, StringComparison.Ordinal);
        Assert.InRange(Sketch.Measure(cut, 12), 1, room);
        string kept = cut[..^1];
        Assert.StartsWith(kept, name, StringComparison.Ordinal);
        // What was cut off begins a character of its own.
        Assert.Equal(Elements(name), Elements(kept) + Elements(name[kept.Length..]));
        Assert.Equal("short", Sketch.Fit("short", 12, 90));
        Assert.Equal("…", Sketch.Fit(name, 12, 1));

        static int Elements(string text) => new System.Globalization.StringInfo(text).LengthInTextElements;
    }

    [Fact]
    public void A_line_is_drawn_where_it_is_measured()
    {
        using var bitmap = new SKBitmap(400, 60);
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        foreach (string name in (string[])["cat", "قطة صغيرة", "猫と犬", "אב cat"])
        {
            canvas.Clear(SKColors.White);
            var line = new TextLine(name, 20, bold: false);
            line.Draw(canvas, 100, 40, paint);
            int[] dark =
            [
                .. Enumerable
                    .Range(0, 400)
                    .Where(x => Enumerable.Range(0, 60).Any(y => bitmap.GetPixel(x, y).Red < 128)),
            ];
            Assert.InRange(dark[0], 97, 108);
            Assert.InRange(dark[^1], 100 + line.Width - 8, 100 + line.Width + 3);
        }
    }
}
