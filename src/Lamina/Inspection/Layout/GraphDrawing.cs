namespace Lamina.Inspection.Layout;

/// <summary>A point in points (1/72 inch), from the top left.</summary>
internal readonly record struct Point(double X, double Y)
{
    public static Point operator +(Point a, Point b) => new(a.X + b.X, a.Y + b.Y);

    /// <summary>Returns the point with its axes swapped: from a graph that runs down to one that runs right.</summary>
    public Point Swapped() => new(Y, X);
}

/// <summary>A rectangle in points.</summary>
internal readonly record struct Box(double X, double Y, double Width, double Height)
{
    public double Right => X + Width;

    public double Bottom => Y + Height;

    public Box Shifted(Point by) => new(X + by.X, Y + by.Y, Width, Height);
}

/// <summary>A field of a drawn box: its rectangle, and its centered text.</summary>
internal readonly record struct DrawnCell(Box Box, string Text);

/// <summary>A layer's box: the outline and its fields.</summary>
internal sealed record DrawnNode(int Id, Box Box, IReadOnlyList<DrawnCell> Cells);

/// <summary>A dashed frame around a model used as a layer.</summary>
internal sealed record DrawnFrame(Box Box, string Label);

/// <summary>
/// A piece of an arrow's line: a cubic Bézier curve from the end of the previous piece to its own end.
/// </summary>
internal readonly record struct Curve(Point Control1, Point Control2, Point End)
{
    public static Curve Line(Point from, Point to) => new(from, to, to);
}

/// <summary>An arrow: a line of curves to the base of the head, and the tip of the head.</summary>
internal sealed record DrawnEdge(int From, int To, Point Start, IReadOnlyList<Curve> Curves, Point Tip)
{
    /// <summary>The base of the head, where the line ends.</summary>
    public Point Base => Curves[^1].End;

    /// <summary>Returns the three corners of the head.</summary>
    public (Point Tip, Point Left, Point Right) Head()
    {
        const double HalfWidth = 3.5;
        (double dx, double dy) = (Tip.X - Base.X, Tip.Y - Base.Y);
        double length = Math.Max(Math.Sqrt(dx * dx + dy * dy), 1e-9);
        (double nx, double ny) = (-dy / length * HalfWidth, dx / length * HalfWidth);
        return (Tip, new Point(Base.X + nx, Base.Y + ny), new Point(Base.X - nx, Base.Y - ny));
    }
}

/// <summary>A model's drawing with all positions, as the SVG and PNG writers draw it.</summary>
internal sealed record GraphDrawing(
    double Width,
    double Height,
    IReadOnlyList<DrawnFrame> Frames,
    IReadOnlyList<DrawnNode> Nodes,
    IReadOnlyList<DrawnEdge> Edges
)
{
    /// <summary>The size of all texts, in points.</summary>
    public const double FontSize = 12;

    /// <summary>The length of an arrow's head, in points.</summary>
    public const double HeadLength = 9;
}
