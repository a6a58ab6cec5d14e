using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Draws panels of points colored by class, in points.</summary>
/// <param name="picture">The points.</param>
internal sealed class ScatterDrawing(ScatterPicture picture)
{
    private const float Side = 460;
    private const float Margin = 22;
    private const float Gap = 26;
    private const float Head = 92;
    private const float LegendLine = 19;
    private const int MostNamed = 20;
    private readonly PictureTheme _theme = PictureTheme.Of(picture.IsDark);

    public void Save(string path)
    {
        float legend = picture.Classes.Count <= MostNamed ? LegendWidth() : 0;
        int panels = picture.Panels.Count;
        float width = (2 * Margin) + (panels * Side) + ((panels - 1) * Gap) + (legend > 0 ? legend + Gap : 0);
        using var sketch = new Sketch(width, Head + Side + Margin, background: _theme.Paper);
        float room = width - (2 * Margin);
        sketch.Text(Sketch.Fit(picture.Title, 16, room, bold: true), Margin, 24, 16, _theme.Ink, bold: true);
        sketch.Text(Sketch.Fit(picture.Subtitle, 12, room), Margin, 47, 12, _theme.Muted);
        for (int i = 0; i < panels; i++)
        {
            DrawPanel(sketch, picture.Panels[i], Margin + (i * (Side + Gap)));
        }
        if (legend > 0)
        {
            DrawLegend(sketch, width - Margin - legend);
        }
        sketch.Save(path);
    }

    private void DrawPanel(Sketch sketch, ScatterPanel panel, float x)
    {
        sketch.Text(panel.Title, x, 76, 13, _theme.Ink, bold: true);
        var box = SKRect.Create(x, Head, Side, Side);
        sketch.Outline(box, _theme.Rule);
        int columns = panel.Points.Shape[1]!.Value;
        float[] xs = [.. Enumerable.Range(0, panel.Points.Count).Select(i => panel.Points.Values[i * columns])];
        float[] ys = [.. Enumerable.Range(0, panel.Points.Count).Select(i => panel.Points.Values[(i * columns) + 1])];
        // One scale for both axes, as distances mean something.
        float range = Math.Max(Math.Max(xs.Max() - xs.Min(), ys.Max() - ys.Min()), 1e-6f) * 1.06f;
        (float middleX, float middleY) = ((xs.Max() + xs.Min()) / 2, (ys.Max() + ys.Min()) / 2);
        float radius = xs.Length > 2000 ? 1.8f : 2.6f;
        for (int i = 0; i < xs.Length; i++)
        {
            float px = box.MidX + ((xs[i] - middleX) / range * Side);
            float py = box.MidY - ((ys[i] - middleY) / range * Side);
            Dot(sketch, px, py, radius, ClassColors.Of(picture.Labels[i], picture.IsDark).WithAlpha(0xd0));
        }
    }

    private void DrawLegend(Sketch sketch, float x)
    {
        for (int i = 0; i < picture.Classes.Count; i++)
        {
            float y = Head + 12 + (i * LegendLine);
            Dot(sketch, x + 5, y, 5, ClassColors.Of(i, picture.IsDark));
            sketch.Text(Sketch.Fit(picture.Classes[i], 12, 150), x + 17, y, 12, _theme.Ink);
        }
    }

    private float LegendWidth() => 17 + picture.Classes.Max(c => Sketch.Measure(Sketch.Fit(c, 12, 150), 12));

    private static void Dot(Sketch sketch, float x, float y, float radius, SKColor color)
    {
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        sketch.Canvas.DrawCircle(x, y, radius, paint);
    }
}
