using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Draws the trials of a search: a panel of scores over epochs or trials, and a panel for each hyperparameter.</summary>
/// <param name="picture">The trials.</param>
internal sealed class TuningDrawing(TuningPicture picture)
{
    private const float PanelWidth = 340;
    private const float PanelHeight = 270;
    private const float Left = 22;
    private const float Head = 92;
    private const float Edge = 10;
    private const int MostColumns = 3;
    private readonly PictureTheme _theme = PictureTheme.Of(picture.IsDark);

    public void Save(string path)
    {
        PlotFonts.Register();
        int panels = picture.Axes.Count + 1;
        int columns = panels == 4 ? 2 : Math.Min(panels, MostColumns);
        int rows = (panels + columns - 1) / columns;
        float width = Math.Max((columns * PanelWidth) + (2 * Edge), 560);
        using var sketch = new Sketch(width, Head + (rows * PanelHeight) + Edge, background: _theme.Paper);
        float room = width - (2 * Left);
        sketch.Text(Sketch.Fit(picture.Title, 16, room, bold: true), Left, 24, 16, _theme.Ink, bold: true);
        sketch.Text(Sketch.Fit(picture.Subtitle, 12, room), Left, 47, 12, _theme.Muted);
        var style = new TuningStyle(picture, _theme);
        style.DrawLegend(sketch, Left, 71);
        for (int i = 0; i < panels; i++)
        {
            var area = SKRect.Create(
                Edge + (i % columns * PanelWidth),
                Head + (i / columns * PanelHeight),
                PanelWidth,
                PanelHeight
            );
            var panel = new TuningPanel(picture, style, area);
            if (i == 0)
            {
                panel.DrawProgress(sketch);
            }
            else
            {
                panel.DrawAxis(sketch, i - 1);
            }
        }
        sketch.Save(path);
    }
}
