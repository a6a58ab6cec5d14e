namespace Lamina;

/// <summary>
/// The order of the inputs of dense layers. Lamina flattens (row, column, channel), PyTorch (channel, row, column), so
/// the first dense layer after a Flatten has its inputs in another order there; so do the layers in between.
/// </summary>
internal sealed class FeatureOrder
{
    private readonly Dictionary<Layer, Order> _byLayer = [];

    private FeatureOrder() { }

    /// <summary>Tracks the orders through a model's graph.</summary>
    public static FeatureOrder Of(Model model)
    {
        var result = new FeatureOrder();
        result.Walk(model, [.. model.Inputs.Select(_ => Order.Same)]);
        return result;
    }

    /// <summary>
    /// Returns the position in Lamina of each of PyTorch's features of a layer; <see langword="null"/> if they are the
    /// same.
    /// </summary>
    /// <exception cref="LaminaException">The order is unknown.</exception>
    public int[]? To(Layer layer)
    {
        Order order = _byLayer.GetValueOrDefault(layer, Order.Same);
        return order.Unknown is null
            ? order.Places
            : throw new LaminaException(
                $"{layer}: its inputs were flattened and then passed through {order.Unknown}, so their order in PyTorch is unknown."
            );
    }

    private Order[] Walk(Model model, Order[] inputs)
    {
        var made = new Dictionary<(Node, int), Order>();
        for (int i = 0; i < inputs.Length; i++)
        {
            made[(model.Inputs[i].Node!, model.Inputs[i].OutputIndex)] = inputs[i];
        }
        foreach (Node node in model.Nodes.Where(n => n.Inputs.Count > 0))
        {
            Order[] orders = [.. node.Inputs.Select(s => made[(s.Node!, s.OutputIndex)])];
            Order[] results = node.Layer is Model nested ? Walk(nested, orders) : [After(node, orders)];
            for (int i = 0; i < results.Length; i++)
            {
                made[(node, i)] = results[i];
            }
        }
        return [.. model.Outputs.Select(o => made[(o.Node!, o.OutputIndex)])];
    }

    private Order After(Node node, Order[] orders)
    {
        Shape shape = node.Inputs[0].Shape;
        switch (node.Layer)
        {
            case Flatten:
            case Reshape when node.Outputs[0].Shape.Rank == 2:
                return shape.Rank <= 2 || orders[0].Unknown is not null ? orders[0] : Order.Flattened(shape);
            case Dense when shape.Rank == 2:
                Keep(node.Layer, orders[0]);
                return Order.Same;
            case BatchNormalization when shape.Rank == 2:
                Keep(node.Layer, orders[0]);
                return orders[0];
            case Dropout or ActivationLayer or ReLU or Softmax:
            case Add or Multiply when orders.All(o => o.Equals(orders[0])):
                return orders[0];
            case Concatenate when shape.Rank == 2 && orders.All(o => o.Unknown is null):
                return Order.Joined([.. node.Inputs.Zip(orders, (s, o) => (s.Shape[1]!.Value, o))]);
            default:
                return orders.Any(o => !o.Equals(Order.Same)) ? new Order(null, node.Layer) : Order.Same;
        }
    }

    private void Keep(Layer layer, Order order)
    {
        if (!_byLayer.TryAdd(layer, order) && !_byLayer[layer].Equals(order))
        {
            // One layer on two inputs of different orders: PyTorch has no such weights.
            _byLayer[layer] = new Order(null, layer);
        }
    }

    /// <summary>The positions of PyTorch's features, or the layer after which they are unknown.</summary>
    private sealed record Order(int[]? Places, Layer? Unknown)
    {
        public static Order Same { get; } = new(null, null);

        public static Order Flattened(Shape shape)
        {
            int channels = shape[^1]!.Value;
            int positions = checked((int)(shape.SampleCount / channels));
            return channels == 1 || positions == 1 ? Same : new(OutputsFirst.ChannelsLast(channels, positions), null);
        }

        public static Order Joined((int Count, Order Order)[] parts)
        {
            if (parts.All(p => p.Order.Places is null))
            {
                return Same;
            }
            var places = new List<int>();
            foreach ((int count, Order order) in parts)
            {
                int start = places.Count;
                places.AddRange((order.Places ?? OutputsFirst.InOrder(count)).Select(p => start + p));
            }
            return new([.. places], null);
        }

        public bool Equals(Order? other) =>
            other is not null && Unknown == other.Unknown && Places.AsSpan().SequenceEqual(other.Places);

        public override int GetHashCode() => HashCode.Combine(Unknown, Places?.Length);
    }
}
