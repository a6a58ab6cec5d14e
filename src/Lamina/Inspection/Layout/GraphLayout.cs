namespace Lamina.Inspection.Layout;

/// <summary>
/// Lays out a model's graph in ranks, after Sugiyama: longest-path ranks, few crossings, straight arrows. A frame is
/// laid out first and is then a box in its graph, so frames never overlap foreign boxes. Arrows bend only between
/// ranks, so they never touch a foreign box.
/// </summary>
internal static class GraphLayout
{
    private const double Border = 6;

    public static GraphDrawing Of(ModelGraph graph, PlotOptions options)
    {
        var block = new Block(graph, options.IsHorizontal);
        var parts = new DrawingParts();
        block.Collect(new Point(Border, Border), parts);
        return new GraphDrawing(
            Math.Max(block.Width, 1) + 2 * Border,
            Math.Max(block.Height, 1) + 2 * Border,
            parts.Frames,
            parts.Nodes,
            [.. parts.Edges.Select(e => e.ToEdge())]
        );
    }
}

/// <summary>The parts of a drawing, collected from the graph and its frames.</summary>
internal sealed class DrawingParts
{
    public List<DrawnFrame> Frames { get; } = [];

    public List<DrawnNode> Nodes { get; } = [];

    public List<EdgePath> Edges { get; } = [];
}

/// <summary>An arrow's path, composed of the pieces in the frames where it starts, passes and ends.</summary>
internal sealed class EdgePath(int from, int to)
{
    private readonly List<Curve> _curves = [];
    private Point _start;
    private bool _started;

    public void Add(Point start, IEnumerable<Curve> curves)
    {
        if (!_started)
        {
            (_start, _started) = (start, true);
        }
        _curves.AddRange(curves);
    }

    public DrawnEdge ToEdge()
    {
        // The head replaces the end of the last curve, which arrives straight.
        Curve last = _curves[^1];
        Point before = last.Control2 == last.End ? (_curves.Count > 1 ? _curves[^2].End : _start) : last.Control2;
        (double dx, double dy) = (last.End.X - before.X, last.End.Y - before.Y);
        double length = Math.Max(Math.Sqrt(dx * dx + dy * dy), 1e-9);
        double cut = GraphDrawing.HeadLength / length;
        var end = new Point(last.End.X - dx * cut, last.End.Y - dy * cut);
        List<Curve> curves = [.. _curves[..^1], last with { End = end, Control2 = Toward(last, end) }];
        return new DrawnEdge(from, to, _start, curves, last.End);
    }

    private static Point Toward(Curve last, Point end) => last.Control2 == last.End ? end : last.Control2;
}
