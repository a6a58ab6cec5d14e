namespace Lamina.Torch;

/// <summary>The order of elements that ops on a weight need.</summary>
internal enum ElementOrder
{
    /// <summary>None: elements can be computed in any order and in parts.</summary>
    None,

    /// <summary>All elements in any order, such as a norm.</summary>
    Whole,

    /// <summary>The order of the elements in the weight's public shape.</summary>
    Shape,
}

/// <summary>Finds the order of elements that ops on a weight need.</summary>
internal static class ElementOrders
{
    /// <summary>Returns the order that a graph needs.</summary>
    /// <param name="graph">The ops.</param>
    /// <param name="shape">The weight's shape.</param>
    public static ElementOrder OrderOf(OpGraph graph, Shape shape)
    {
        ElementOrder order = ElementOrder.None;
        foreach (OpNode node in graph.Nodes)
        {
            ElementOrder needed = OrderOf(node, shape);
            order = needed > order ? needed : order;
        }
        return order;
    }

    private static ElementOrder OrderOf(OpNode node, Shape shape) =>
        node.Op switch
        {
            _ when node.Shape.Rank > 0 && node.Shape != shape => ElementOrder.Shape,
            InputOp or UnaryOp or ClipOp or BinaryOp or WhereOp or AddOp or MultiplyOp => ElementOrder.None,
            ConstantOp when node.Shape.Rank == 0 => ElementOrder.None,
            ReduceOp when node.Shape.Rank == 0 => ElementOrder.Whole,
            _ => ElementOrder.Shape,
        };
}
