namespace Lamina;

/// <summary>
/// Orders a model's nodes and layers as Keras does: by depth (the longest path to an output), deepest first. Layers of
/// equal depth are in the order in which a walk back from the outputs reaches them.
/// </summary>
internal sealed class ModelTopology
{
    private readonly Model _model;
    private readonly HashSet<Node> _nodes = [];
    private readonly List<Node> _postOrder = [];
    private readonly Dictionary<Layer, int> _met = [];

    public ModelTopology(Model model)
    {
        _model = model;
        RequireInputs();
        foreach (Symbol output in model.Outputs)
        {
            Walk(RequireNode(output));
        }
        Dictionary<Node, int> nodeDepth = [];
        Dictionary<Layer, int> layerDepth = [];
        for (int i = _postOrder.Count - 1; i >= 0; i--)
        {
            Node node = _postOrder[i];
            int depth = Math.Max(nodeDepth.GetValueOrDefault(node), layerDepth.GetValueOrDefault(node.Layer));
            layerDepth[node.Layer] = depth;
            nodeDepth[node] = depth;
            foreach (Symbol input in node.Inputs)
            {
                nodeDepth[input.Node!] = Math.Max(depth + 1, nodeDepth.GetValueOrDefault(input.Node!));
            }
        }
        // A post-order is executable; an order by depth alone is not if a layer is shared.
        Nodes = [.. _postOrder];
        Layers = [.. layerDepth.Keys.OrderByDescending(l => layerDepth[l]).ThenBy(l => _met[l])];
        RequireConnected();
        RequireBatches();
        RequireNames();
    }

    public IReadOnlyList<Node> Nodes { get; }

    public IReadOnlyList<Layer> Layers { get; }

    public bool Contains(Node node) => _nodes.Contains(node);

    private static Node RequireNode(Symbol symbol) =>
        symbol?.Node
        ?? throw new GraphException(
            "A model's output was not made by a layer. Ops belong inside a layer's Call; write a Layer around them."
        );

    // An explicit stack, because a graph may be deeper than the thread's stack.
    private void Walk(Node output)
    {
        Stack<(Node Node, int Next)> open = new();
        Enter(output, open);
        while (open.TryPop(out (Node Node, int Next) top))
        {
            if (top.Next == top.Node.Inputs.Count)
            {
                _postOrder.Add(top.Node);
                continue;
            }
            open.Push((top.Node, top.Next + 1));
            Enter(top.Node.Inputs[top.Next].Node!, open);
        }
    }

    private void Enter(Node node, Stack<(Node Node, int Next)> open)
    {
        if (_nodes.Add(node))
        {
            _met.TryAdd(node.Layer, _met.Count);
            open.Push((node, 0));
        }
    }

    private void RequireInputs()
    {
        if (_model.Inputs.Count == 0 || _model.Outputs.Count == 0)
        {
            throw new GraphException($"{_model.Name}: a model needs at least one input and one output.");
        }
        foreach (Symbol input in _model.Inputs)
        {
            if (input?.Layer is not InputLayer)
            {
                throw new GraphException(
                    $"{_model.Name}: the input {input} was not made by Input. Pass the symbol that Input(…) returned."
                );
            }
        }
        if (_model.Inputs.Distinct().Count() != _model.Inputs.Count)
        {
            throw new GraphException($"{_model.Name}: an input is given twice. Give each once.");
        }
    }

    private void RequireConnected()
    {
        HashSet<Node> given = [.. _model.Inputs.Select(i => i.Node!)];
        foreach (Node node in Nodes.Where(n => n.Layer is InputLayer && !given.Contains(n)))
        {
            Node user = Nodes.FirstOrDefault(n => n.Inputs.Any(i => i.Node == node)) ?? node;
            throw new GraphException(
                $"{_model.Name}: the graph is disconnected: {user.Layer} needs {node.Layer}, which is not among the "
                    + "model's inputs. Add it to the inputs, or build the layer on the inputs given."
            );
        }
        foreach (Node node in given.Where(n => !_nodes.Contains(n)))
        {
            throw new GraphException(
                $"{_model.Name}: no output depends on {node.Layer}. Remove it from the inputs, or use it."
            );
        }
    }

    private void RequireBatches()
    {
        bool isOpen = _model.Inputs.Any(i => i.Shape.HasUnknownBatch);
        foreach (Symbol output in _model.Outputs.Where(o => isOpen && !o.Shape.HasUnknownBatch))
        {
            throw new GraphException(
                $"{_model.Name}: the output of {output.Layer}, {output.Shape}, has no batch. Keep axis 0 out of reductions, or "
                    + "use it in a loss or a metric alone."
            );
        }
    }

    private void RequireNames()
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (Layer layer in Layers)
        {
            if (!names.Add(layer.Name))
            {
                throw new GraphException(
                    $"{_model.Name}: two layers are named '{layer.Name}'. Names must be unique in a model."
                );
            }
        }
    }
}
