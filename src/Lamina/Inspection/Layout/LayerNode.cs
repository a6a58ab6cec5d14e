namespace Lamina.Inspection.Layout;

/// <summary>The meaning of a node in a layered graph.</summary>
internal enum NodeKind
{
    /// <summary>A box or a frame.</summary>
    Real,

    /// <summary>A bend of an arrow that passes a rank.</summary>
    Bend,

    /// <summary>The point where arrows from outside enter a frame.</summary>
    Entry,

    /// <summary>The point where arrows to the outside leave a frame.</summary>
    Exit,
}

/// <summary>A node of a layered graph that runs down; "cross" is across the direction, "main" along it.</summary>
internal sealed class LayerNode(NodeKind kind, double crossSize, double mainSize)
{
    public NodeKind Kind { get; } = kind;

    public double CrossSize { get; } = crossSize;

    public double MainSize { get; } = mainSize;

    /// <summary><see langword="true"/> if arrows must end at its ports instead of anywhere.</summary>
    public bool IsFrame { get; init; }

    /// <summary>The rank, from 0 at the start of the graph.</summary>
    public int Rank { get; set; }

    /// <summary>The position among the nodes of the rank.</summary>
    public int Order { get; set; }

    /// <summary>The middle, across the direction.</summary>
    public double Cross { get; set; }

    /// <summary>The start, along the direction.</summary>
    public double Main { get; set; }

    public List<LayerLink> In { get; } = [];

    public List<LayerLink> Out { get; } = [];
}

/// <summary>A link between nodes of neighboring ranks, with the offsets of its ends from their middles.</summary>
internal sealed record LayerLink(LayerNode From, double FromOffset, LayerNode To, double ToOffset)
{
    /// <summary>
    /// The preference of the link for being straight; highest for chains and the middles of long arrows.
    /// </summary>
    public double Weight =>
        (From.Kind, To.Kind) switch
        {
            (NodeKind.Bend, NodeKind.Bend) => 8,
            (NodeKind.Bend, _) or (_, NodeKind.Bend) => 1,
            _ => From.Out.Count == 1 && To.In.Count == 1 ? 8 : 2,
        };
}

/// <summary>An arrow between two nodes, and the nodes that it passes in the direction of the ranks.</summary>
internal sealed class Route(LayerNode from, double fromOffset, LayerNode to, double toOffset)
{
    public LayerNode From { get; } = from;

    public double FromOffset { get; } = fromOffset;

    public LayerNode To { get; } = to;

    public double ToOffset { get; } = toOffset;

    /// <summary>
    /// <see langword="true"/> if the arrow runs against the ranks, closing a cycle caused by a shared layer.
    /// </summary>
    public bool IsReversed { get; set; }

    /// <summary>The links, from the lower rank to the higher.</summary>
    public List<LayerLink> Links { get; } = [];

    public LayerNode Upper => IsReversed ? To : From;

    public LayerNode Lower => IsReversed ? From : To;

    public double UpperOffset => IsReversed ? ToOffset : FromOffset;

    public double LowerOffset => IsReversed ? FromOffset : ToOffset;
}
