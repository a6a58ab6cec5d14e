using Lamina.Inspection.Layout;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Draws a laid-out model as a PNG.</summary>
internal static class ModelPng
{
    private const float PointsPerInch = 72;

    public static void Write(string path, GraphDrawing drawing, int dpi)
    {
        using var sketch = new Sketch((float)drawing.Width, (float)drawing.Height, dpi / PointsPerInch);
        using var line = new SKPaint
        {
            Color = SKColors.Black,
            IsAntialias = true,
            IsStroke = true,
            StrokeWidth = 1,
        };
        using var solid = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        foreach (DrawnFrame frame in drawing.Frames)
        {
            DrawFrame(sketch, frame);
        }
        foreach (DrawnEdge edge in drawing.Edges)
        {
            DrawEdge(sketch.Canvas, edge, line, solid);
        }
        foreach (DrawnNode node in drawing.Nodes)
        {
            DrawNode(sketch, node);
        }
        sketch.Save(path);
    }

    private static void DrawFrame(Sketch sketch, DrawnFrame frame)
    {
        using var dashes = SKPathEffect.CreateDash([5, 3], 0);
        using var paint = new SKPaint
        {
            Color = SKColors.Black,
            IsAntialias = true,
            IsStroke = true,
            StrokeWidth = 1,
            PathEffect = dashes,
        };
        sketch.Canvas.DrawRect(ToRect(frame.Box), paint);
        sketch.Text(
            frame.Label,
            (float)frame.Box.X + 10,
            (float)frame.Box.Y + 12,
            (float)GraphDrawing.FontSize,
            SKColors.Black
        );
    }

    private static void DrawEdge(SKCanvas canvas, DrawnEdge edge, SKPaint line, SKPaint solid)
    {
        using var path = new SKPath();
        path.MoveTo(ToPoint(edge.Start));
        foreach (Curve curve in edge.Curves)
        {
            path.CubicTo(ToPoint(curve.Control1), ToPoint(curve.Control2), ToPoint(curve.End));
        }
        canvas.DrawPath(path, line);
        (Point tip, Point left, Point right) = edge.Head();
        using var head = new SKPath();
        head.AddPoly([ToPoint(tip), ToPoint(left), ToPoint(right)], close: true);
        canvas.DrawPath(head, solid);
    }

    private static void DrawNode(Sketch sketch, DrawnNode node)
    {
        sketch.Outline(ToRect(node.Box), SKColors.Black);
        foreach (DrawnCell cell in node.Cells)
        {
            SKRect box = ToRect(cell.Box);
            if (cell.Box.X > node.Box.X + 0.01)
            {
                sketch.Line(box.Left, box.Top, box.Left, box.Bottom, SKColors.Black);
            }
            if (cell.Box.Y > node.Box.Y + 0.01)
            {
                sketch.Line(box.Left, box.Top, box.Right, box.Top, SKColors.Black);
            }
            sketch.Text(cell.Text, box.MidX, box.MidY, (float)GraphDrawing.FontSize, SKColors.Black, TextAlign.Center);
        }
    }

    private static SKPoint ToPoint(Point point) => new((float)point.X, (float)point.Y);

    private static SKRect ToRect(Box box) =>
        SKRect.Create((float)box.X, (float)box.Y, (float)box.Width, (float)box.Height);
}
