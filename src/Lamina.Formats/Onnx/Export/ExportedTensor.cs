namespace Lamina;

/// <summary>The order of a tensor's dimensions in the file.</summary>
internal enum AxisOrder
{
    /// <summary>Lamina's order: channels last.</summary>
    Last,

    /// <summary>ONNX's order: channels second. A flattened image has its elements in the order (C, H, W).</summary>
    First,
}

/// <summary>A tensor of the model in the file, with a name for each order in which it was needed.</summary>
/// <param name="shape">The shape in Lamina.</param>
internal sealed class ExportedTensor(Shape shape)
{
    private readonly string?[] _names = new string?[2];

    public Shape Shape { get; } = shape;

    /// <summary>The tensor it was flattened from, if its elements are in the order of an image.</summary>
    public ExportedTensor? FlatOf { get; init; }

    /// <summary><see langword="true"/> if the two orders differ.</summary>
    public bool HasOrders => Shape.Rank >= 3 || FlatOf is not null;

    /// <summary>The name in this order; <see langword="null"/> if it does not exist.</summary>
    public string? this[AxisOrder order]
    {
        get => _names[HasOrders ? (int)order : 0];
        set => _names[HasOrders ? (int)order : 0] = value;
    }

    /// <summary>An order that exists, for ops that work in any.</summary>
    public AxisOrder Made => this[AxisOrder.First] is not null ? AxisOrder.First : AxisOrder.Last;

    /// <summary>Returns Lamina's dimension at each position of the channels-first order.</summary>
    public static int[] FirstOrder(int rank) => [0, rank - 1, .. Enumerable.Range(1, rank - 2)];

    /// <summary>Returns the position of a dimension of Lamina's.</summary>
    public int Place(int axis, AxisOrder order) =>
        order == AxisOrder.Last || Shape.Rank < 3 ? axis : Array.IndexOf(FirstOrder(Shape.Rank), axis);
}
