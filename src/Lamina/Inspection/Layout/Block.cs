namespace Lamina.Inspection.Layout;

/// <summary>
/// A graph or frame with its layout: its size, and the positions of its parts from its top left corner.
/// </summary>
internal sealed class Block
{
    private const double Padding = 10;
    private const double Header = 20;
    private const double LoopWidth = 18;

    private readonly ModelGraph _graph;
    private readonly bool _horizontal;
    private readonly bool _isFrame;
    private readonly List<(int From, int To)> _edges = [];
    private readonly Dictionary<int, GraphItem> _owners = [];
    private readonly Dictionary<GraphItem, LayerNode> _nodes = [];
    private readonly Dictionary<GraphItem, Block> _blocks = [];
    private readonly Dictionary<int, LayerNode> _entries = [];
    private readonly Dictionary<int, LayerNode> _exits = [];
    private readonly Dictionary<(int From, int To), Route> _routes = [];
    private readonly List<(double Start, double End)> _rankExtents = [];

    /// <summary>Lays out a graph.</summary>
    public Block(ModelGraph graph, bool horizontal)
        : this(graph, horizontal, isFrame: false, graph.Edges, [], []) { }

    /// <summary>Lays out a graph or frame.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="horizontal"><see langword="true"/> if it runs to the right instead of down.</param>
    /// <param name="isFrame"><see langword="true"/> if it gets a frame.</param>
    /// <param name="edges">The arrows with both ends in it.</param>
    /// <param name="entered">The boxes in it that arrows from outside end at.</param>
    /// <param name="left">The boxes in it that arrows to the outside start at.</param>
    private Block(
        ModelGraph graph,
        bool horizontal,
        bool isFrame,
        IEnumerable<(int From, int To)> edges,
        int[] entered,
        int[] left
    )
    {
        (_graph, _horizontal, _isFrame) = (graph, horizontal, isFrame);
        foreach (GraphItem item in graph.Items)
        {
            foreach (int id in item is ModelGraph nested ? nested.AllNodes().Select(n => n.Id) : [((GraphNode)item).Id])
            {
                _owners[id] = item;
            }
        }
        // An arrow within a frame belongs to the frame, also the arrow of a model applied to its own output.
        ILookup<GraphItem?, (int From, int To)> inner = edges.ToLookup(FrameOf);
        _edges.AddRange(inner[null]);
        MakeNodes(inner, entered, left);
        MakeRoutes(entered, left);

        List<LayerNode> nodes = [.. _entries.Values, .. _nodes.Values, .. _exits.Values];
        if (_nodes.Count > 0)
        {
            List<List<LayerNode>> ranks = Ranking.Rank(nodes, [.. _routes.Values]);
            Ordering.Order(ranks);
            (double cross, double main) = Placement.Place(ranks);
            _rankExtents = [.. ranks.Select(r => (r.Min(StartOf), r.Max(EndOf)))];
            (Width, Height) = horizontal ? (main, cross) : (cross, main);
        }
        if (isFrame)
        {
            double label = TextWidths.Of(graph.Name, GraphDrawing.FontSize) + 2 * Padding;
            Width = Math.Max(Width + 2 * Padding, label);
            Height += 2 * Padding + Header;
        }
    }

    /// <summary>The width in points.</summary>
    public double Width { get; }

    /// <summary>The height in points.</summary>
    public double Height { get; }

    /// <summary>The origin of the graph's own coordinates.</summary>
    private Point Inner => _isFrame ? new Point(Padding, Padding + Header) : default;

    private double CrossSize => _horizontal ? Height : Width;

    /// <summary>Adds the parts of this graph, whose top left corner is at the given point.</summary>
    public void Collect(Point at, DrawingParts parts)
    {
        if (_isFrame)
        {
            parts.Frames.Add(new DrawnFrame(new Box(at.X, at.Y, Width, Height), _graph.Name));
        }
        foreach ((GraphItem item, LayerNode node) in _nodes)
        {
            if (item is GraphNode leaf)
            {
                Box box = BoxOf(leaf, node, at);
                parts.Nodes.Add(new DrawnNode(leaf.Id, box, RecordLayout.Cells(leaf.Label, box, _horizontal)));
            }
            else
            {
                _blocks[item].Collect(CornerOf(item, at), parts);
            }
        }
        foreach ((int from, int to) in _edges)
        {
            var path = new EdgePath(from, to);
            if (from == to)
            {
                AddLoop(path, from, at);
            }
            else
            {
                AddPath(path, from, to, at);
            }
            parts.Edges.Add(path);
        }
    }

    /// <summary>Returns the frame that contains both ends of an arrow, if there is one.</summary>
    private GraphItem? FrameOf((int From, int To) edge) =>
        _owners[edge.From] is ModelGraph frame && ReferenceEquals(frame, _owners[edge.To]) ? frame : null;

    private void MakeNodes(ILookup<GraphItem?, (int From, int To)> inner, int[] entered, int[] left)
    {
        foreach (GraphItem item in _graph.Items)
        {
            (double width, double height) size;
            if (item is ModelGraph nested)
            {
                // Arrows from this graph and, through it, from outside.
                bool Inside(int id) => ReferenceEquals(_owners[id], nested);
                int[] ins = [.. _edges.Select(e => e.To).Concat(entered).Where(Inside).Distinct()];
                int[] outs = [.. _edges.Select(e => e.From).Concat(left).Where(Inside).Distinct()];
                var block = new Block(nested, _horizontal, isFrame: true, nested.Edges.Union(inner[nested]), ins, outs);
                _blocks[item] = block;
                size = (block.Width, block.Height);
            }
            else
            {
                size = RecordLayout.Measure(((GraphNode)item).Label, _horizontal);
            }
            (double cross, double main) = _horizontal ? (size.height, size.width) : size;
            double loop = _edges.Any(e => e.From == e.To && ReferenceEquals(_owners[e.From], item)) ? LoopWidth : 0;
            _nodes[item] = new LayerNode(NodeKind.Real, cross + 2 * loop, main) { IsFrame = item is ModelGraph };
        }
    }

    private void MakeRoutes(int[] entered, int[] left)
    {
        foreach ((int from, int to) in _edges)
        {
            if (from != to)
            {
                _routes[(from, to)] = new Route(
                    _nodes[_owners[from]],
                    ExitOffset(from),
                    _nodes[_owners[to]],
                    EntryOffset(to)
                );
            }
        }
        foreach (int id in entered)
        {
            _entries[id] = new LayerNode(NodeKind.Entry, 0, 0);
            _routes[(0, id)] = new Route(_entries[id], 0, _nodes[_owners[id]], EntryOffset(id));
        }
        foreach (int id in left)
        {
            _exits[id] = new LayerNode(NodeKind.Exit, 0, 0);
            _routes[(id, 0)] = new Route(_nodes[_owners[id]], ExitOffset(id), _exits[id], 0);
        }
    }

    private double EntryOffset(int id) =>
        _blocks.GetValueOrDefault(_owners[id]) is { } block ? block.PortOffset(block._entries[id]) : 0;

    private double ExitOffset(int id) =>
        _blocks.GetValueOrDefault(_owners[id]) is { } block ? block.PortOffset(block._exits[id]) : 0;

    /// <summary>Returns the offset of a port from the frame's middle.</summary>
    private double PortOffset(LayerNode port) => port.Cross + (_horizontal ? Inner.Y : Inner.X) - CrossSize / 2;

    private static double StartOf(LayerNode node) => node.Main;

    private static double EndOf(LayerNode node) => node.Main + node.MainSize;

    private Point ToPoint(double cross, double main, Point at)
    {
        var point = new Point(cross, main);
        return (_horizontal ? point.Swapped() : point) + Inner + at;
    }

    /// <summary>Returns the top left corner of a frame.</summary>
    private Point CornerOf(GraphItem item, Point at)
    {
        LayerNode node = _nodes[item];
        return ToPoint(node.Cross - _blocks[item].CrossSize / 2, node.Main, at);
    }

    private Box BoxOf(GraphNode leaf, LayerNode node, Point at)
    {
        (double width, double height) = RecordLayout.Measure(leaf.Label, _horizontal);
        double cross = _horizontal ? height : width;
        Point corner = ToPoint(node.Cross - cross / 2, node.Main, at);
        return new Box(corner.X, corner.Y, width, height);
    }

    /// <summary>
    /// Adds an arrow's whole path: out of the frame where it starts, along this graph, into the frame where it ends.
    /// </summary>
    private void AddPath(EdgePath path, int from, int to, Point at)
    {
        AddWayOut(path, from, at);
        AddRoute(path, _routes[(from, to)], at);
        AddWayIn(path, to, at);
    }

    private void AddWayOut(EdgePath path, int from, Point at)
    {
        if (_blocks.TryGetValue(_owners[from], out Block? block))
        {
            Point corner = CornerOf(_owners[from], at);
            block.AddWayOut(path, from, corner);
            block.AddRoute(path, block._routes[(from, 0)], corner);
            AddGap(
                path,
                block.ToPoint(block._exits[from].Cross, block._exits[from].Main, corner),
                Edge(_nodes[_owners[from]], ExitOffset(from), at, end: true)
            );
        }
    }

    private void AddWayIn(EdgePath path, int to, Point at)
    {
        if (_blocks.TryGetValue(_owners[to], out Block? block))
        {
            Point corner = CornerOf(_owners[to], at);
            AddGap(
                path,
                Edge(_nodes[_owners[to]], EntryOffset(to), at, end: false),
                block.ToPoint(block._entries[to].Cross, block._entries[to].Main, corner)
            );
            block.AddRoute(path, block._routes[(0, to)], corner);
            block.AddWayIn(path, to, corner);
        }
    }

    private Point Edge(LayerNode node, double offset, Point at, bool end) =>
        ToPoint(node.Cross + offset, end ? EndOf(node) : StartOf(node), at);

    private static void AddGap(EdgePath path, Point from, Point to) => path.Add(from, [Curve.Line(from, to)]);

    private void AddRoute(EdgePath path, Route route, Point at)
    {
        var points = new List<(double Cross, double Main, bool Bends)>();
        foreach (LayerLink link in route.Links)
        {
            double from = link.From.Cross + link.FromOffset;
            double to = link.To.Cross + link.ToOffset;
            // Straight past the boxes of a rank, then a curve in the gap before the next.
            (double _, double fromRank) = _rankExtents[link.From.Rank];
            (double toRank, double toRankEnd) = _rankExtents[link.To.Rank];
            if (points.Count == 0)
            {
                points.Add((from, EndOf(link.From), false));
            }
            points.Add((from, fromRank, false));
            points.Add((to, toRank, true));
            points.Add((to, link.To.Kind == NodeKind.Bend ? toRankEnd : StartOf(link.To), false));
        }
        AddPoints(path, route.IsReversed, points, at);
    }

    private void AddPoints(EdgePath path, bool reversed, List<(double Cross, double Main, bool Bends)> points, Point at)
    {
        var curves = new List<Curve>();
        (double Cross, double Main, bool) last = reversed ? points[^1] : points[0];
        Point start = ToPoint(last.Cross, last.Main, at);
        for (int i = 1; i < points.Count; i++)
        {
            var next = reversed ? points[points.Count - 1 - i] : points[i];
            bool bends = reversed ? points[points.Count - i].Bends : next.Bends;
            Point a = ToPoint(last.Cross, last.Main, at);
            Point b = ToPoint(next.Cross, next.Main, at);
            double middle = (last.Main + next.Main) / 2;
            if (bends && Math.Abs(last.Cross - next.Cross) > 0.01)
            {
                curves.Add(new Curve(ToPoint(last.Cross, middle, at), ToPoint(next.Cross, middle, at), b));
            }
            else if (a != b)
            {
                curves.Add(Curve.Line(a, b));
            }
            last = next;
        }
        path.Add(start, curves);
    }

    /// <summary>Adds an arrow from a shared layer to itself, beside its box.</summary>
    private void AddLoop(EdgePath path, int id, Point at)
    {
        LayerNode node = _nodes[_owners[id]];
        double side = node.Cross + node.CrossSize / 2 - LoopWidth;
        double quarter = node.MainSize / 4;
        double middle = node.Main + node.MainSize / 2;
        Point start = ToPoint(side, middle + quarter, at);
        var out1 = ToPoint(side + LoopWidth * 1.3, middle + quarter, at);
        var out2 = ToPoint(side + LoopWidth * 1.3, middle - quarter, at);
        path.Add(start, [new Curve(out1, out2, ToPoint(side, middle - quarter, at))]);
    }
}
