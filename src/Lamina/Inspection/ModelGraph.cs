namespace Lamina.Inspection;

/// <summary>A part of a drawing: a box, or a frame with a model's boxes.</summary>
internal abstract class GraphItem;

/// <summary>A layer's box.</summary>
internal sealed class GraphNode(int id, RecordField label) : GraphItem
{
    /// <summary>The number, from 1, unique in the drawing.</summary>
    public int Id { get; } = id;

    /// <summary>The content of the box.</summary>
    public RecordField Label { get; } = label;
}

/// <summary>
/// The content of a model's drawing: one box per layer, an arrow from each layer to its readers, and frames for models
/// used as layers. Boxes are in the order of <see cref="Model.Layers"/>, arrows in the order of the layers they end at.
/// </summary>
internal sealed class ModelGraph : GraphItem
{
    private readonly List<GraphItem> _items = [];
    private readonly List<(int From, int To)> _edges = [];

    private ModelGraph(string name) => Name = name;

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>The boxes and frames.</summary>
    public IReadOnlyList<GraphItem> Items => _items;

    /// <summary>The arrows, by the numbers of their boxes, which may lie in frames.</summary>
    public IReadOnlyList<(int From, int To)> Edges => _edges;

    /// <summary>Returns the graph of a model.</summary>
    public static ModelGraph Of(Model model, PlotOptions options)
    {
        int count = 0;
        return Extract(model, options, ref count).Graph;
    }

    /// <summary>Returns all boxes, including those in frames.</summary>
    public IEnumerable<GraphNode> AllNodes() =>
        _items.SelectMany(item => item is ModelGraph nested ? nested.AllNodes() : [(GraphNode)item]);

    private static Extraction Extract(Model model, PlotOptions options, ref int count)
    {
        var result = new Extraction(new ModelGraph(model.Name));
        ModelGraph graph = result.Graph;
        foreach (Layer layer in model.Layers)
        {
            if (options.ExpandNested && layer is Model nested)
            {
                Extraction inner = Extract(nested, options, ref count);
                graph._items.Add(inner.Graph);
                result.Nested.Add(nested, inner);
            }
            else
            {
                graph._items.Add(new GraphNode(++count, LayerLabel.Of(layer, options)));
                result.Ids.Add(layer, count);
            }
        }

        var seen = new HashSet<(int, int)>();
        foreach (Layer layer in model.Layers)
        {
            foreach (Node node in layer.InboundNodes.Where(model.Contains))
            {
                for (int i = 0; i < node.Inputs.Count; i++)
                {
                    (int, int) edge = (result.SourceOf(node.Inputs[i]), result.TargetOf(layer, i));
                    if (seen.Add(edge))
                    {
                        graph._edges.Add(edge);
                    }
                }
            }
        }
        return result;
    }

    /// <summary>A graph under construction, with the box of each of its layers.</summary>
    private sealed class Extraction(ModelGraph graph)
    {
        public ModelGraph Graph { get; } = graph;

        public Dictionary<Layer, int> Ids { get; } = [];

        public Dictionary<Model, Extraction> Nested { get; } = [];

        /// <summary>
        /// Returns the box where an arrow from this symbol starts: in a frame, that of the layer behind the output.
        /// </summary>
        public int SourceOf(Symbol symbol)
        {
            Layer layer = symbol.Layer!;
            return layer is Model model && Nested.TryGetValue(model, out Extraction? inner)
                ? inner.SourceOf(model.Outputs[symbol.OutputIndex])
                : Ids[layer];
        }

        /// <summary>
        /// Returns the box where an arrow to a layer's i-th input ends: in a frame, that of the model's i-th input.
        /// </summary>
        public int TargetOf(Layer layer, int input) =>
            layer is Model model && Nested.TryGetValue(model, out Extraction? inner)
                ? inner.Ids[model.Inputs[input].Layer!]
                : Ids[layer];
    }
}
