namespace Lamina;

/// <summary>The order of a tensor's dimensions in the file.</summary>
internal enum AxisOrder
{
    /// <summary>Lamina's own: channels last.</summary>
    Last,

    /// <summary>ONNX's: channels second. A flattened image has its elements in the order (C, H, W).</summary>
    First,
}

/// <summary>A tensor of the model in the file: under one name in each order in which it was needed.</summary>
/// <param name="shape">The shape in Lamina.</param>
internal sealed class ExportedTensor(Shape shape)
{
    private readonly string?[] _names = new string?[2];

    public Shape Shape { get; } = shape;

    /// <summary>What it was flattened from, if its elements' order is that of an image's.</summary>
    public ExportedTensor? FlatOf { get; init; }

    /// <summary>Whether the two orders differ.</summary>
    public bool HasOrders => Shape.Rank >= 3 || FlatOf is not null;

    /// <summary>The name in this order, if it was made.</summary>
    public string? this[AxisOrder order]
    {
        get => _names[HasOrders ? (int)order : 0];
        set => _names[HasOrders ? (int)order : 0] = value;
    }

    /// <summary>An order in which it was made: what an op takes that works in any.</summary>
    public AxisOrder Made => this[AxisOrder.First] is not null ? AxisOrder.First : AxisOrder.Last;

    /// <summary>Lamina's dimension at each place of the channels-first order.</summary>
    public static int[] FirstOrder(int rank) => [0, rank - 1, .. Enumerable.Range(1, rank - 2)];

    /// <summary>The place of Lamina's dimension.</summary>
    public int Place(int axis, AxisOrder order) =>
        order == AxisOrder.Last || Shape.Rank < 3 ? axis : Array.IndexOf(FirstOrder(Shape.Rank), axis);
}
