using Lamina.Drawing;
using Lamina.Inspection.Layout;

namespace Lamina.Pictures.Tests;

public class TextWidthsTests
{
    [Fact]
    public void Widths_are_the_font_s()
    {
        foreach (int c in Enumerable.Range(0x20, 0x5f).Concat(Enumerable.Range(0xa0, 0x60)))
        {
            string text = char.ConvertFromUtf32(c);
            Assert.Equal(Sketch.Measure(text, 12), TextWidths.Of(text, 12), tolerance: 0.01);
        }
        const string Shape = "[(None, 224, 224, 3)]";
        Assert.Equal(Sketch.Measure(Shape, 12), TextWidths.Of(Shape, 12), tolerance: 0.1);
    }
}
