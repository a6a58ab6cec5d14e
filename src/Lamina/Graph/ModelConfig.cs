using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A model's architecture as JSON with Keras 2's keys: <c>layers</c> (class_name, config, name, inbound_nodes),
/// <c>input_layers</c> and <c>output_layers</c>, where a tensor is [layer, node, output].
/// </summary>
internal static class ModelConfig
{
    /// <summary>The key (not one of Keras's) that marks a graph that was a Sequential.</summary>
    public const string SequentialKey = "sequential";

    private const int MaxDepth = 32;

    // Models in models multiply: a few hundred bytes can ask for 2^30 applications of layers.
    private const long MaxApplications = 50_000;

    [ThreadStatic]
    private static int s_depth;

    public static JsonObject Write(Model model)
    {
        Dictionary<Node, int> index = [];
        Dictionary<Layer, int> counts = [];
        foreach (Node node in model.Layers.SelectMany(l => l.InboundNodes.Where(model.Contains)))
        {
            int i = counts.GetValueOrDefault(node.Layer);
            index[node] = i;
            counts[node.Layer] = i + 1;
        }
        JsonArray Tensor(Symbol s) => new(s.Layer!.Name, index[s.Node!], s.OutputIndex);
        var layers = new JsonArray();
        foreach (Layer layer in model.Layers)
        {
            var nodes = new JsonArray();
            foreach (Node node in layer.InboundNodes.Where(n => model.Contains(n) && n.Inputs.Count > 0))
            {
                var inputs = new JsonArray();
                foreach (Symbol input in node.Inputs)
                {
                    JsonArray tensor = Tensor(input);
                    tensor.Add((JsonNode)new JsonObject());
                    inputs.Add((JsonNode)tensor);
                }
                nodes.Add((JsonNode)inputs);
            }
            JsonNode entry = new JsonObject
            {
                // A Sequential's layers are written as a graph, too; its config records the difference.
                ["class_name"] = layer is Model { IsSequential: true } ? "Functional" : layer.ConfigClassName,
                ["config"] = layer.WithPenalties(layer.GetConfig()),
                ["name"] = layer.Name,
                ["inbound_nodes"] = nodes,
            };
            layers.Add(entry);
        }
        var config = new JsonObject
        {
            ["name"] = model.Name,
            ["trainable"] = model.Trainable,
            ["layers"] = layers,
            ["input_layers"] = new JsonArray([.. model.Inputs.Select(Tensor)]),
            ["output_layers"] = new JsonArray([.. model.Outputs.Select(Tensor)]),
        };
        if (model.IsSequential)
        {
            config[SequentialKey] = true;
        }
        return config;
    }

    public static Model Read(JsonObject config)
    {
        if (s_depth >= MaxDepth)
        {
            throw new ConfigException($"the architecture nests models more than {MaxDepth} deep.");
        }
        s_depth++;
        try
        {
            string name = Text(config["name"], "the model's name");
            Dictionary<string, Entry> entries = ReadLayers(config, name);
            Connect(entries, name);
            IReadOnlyList<Symbol> inputs = Tensors(config["input_layers"], "input_layers", entries, name);
            IReadOnlyList<Symbol> outputs = Tensors(config["output_layers"], "output_layers", entries, name);
            var model = new Model(inputs, outputs, name)
            {
                IsSequential = config[SequentialKey] is JsonValue value && value.TryGetValue(out bool isOne) && isOne,
            };
            HashSet<Layer> used = [.. model.Layers];
            foreach (Entry entry in entries.Values)
            {
                if (!used.Contains(entry.Layer))
                {
                    throw new ConfigException($"{name}: no output depends on layer '{entry.Layer.Name}'.");
                }
            }
            return model;
        }
        catch (Exception e) when (e is ShapeException or GraphException or ArgumentException)
        {
            throw new ConfigException(e.Message.ReplaceLineEndings(" "));
        }
        finally
        {
            s_depth--;
        }
    }

    private static Dictionary<string, Entry> ReadLayers(JsonObject config, string model)
    {
        Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
        foreach (JsonNode? item in Items(config["layers"], $"{model}: layers"))
        {
            JsonObject entry = item as JsonObject ?? throw Wrong($"{model}: a layer", "an object");
            string className = Text(entry["class_name"], $"{model}: a layer's class_name");
            if (entry["config"] is not JsonObject layerConfig)
            {
                throw Wrong($"{model}: the config of a {className}", "an object");
            }
            Layer layer = className is "Functional" or "Model"
                ? Read(layerConfig)
                : LayerRegistry.FromConfig(className, layerConfig);
            List<IReadOnlyList<Reference>> nodes = [];
            foreach (JsonNode? node in Items(entry["inbound_nodes"], $"{layer.Name}: inbound_nodes"))
            {
                nodes.Add([.. Items(node, $"{layer.Name}: an inbound node").Select(t => ReadReference(t, layer.Name))]);
            }
            if (!entries.TryAdd(layer.Name, new Entry(layer, nodes)))
            {
                throw new ConfigException($"{model}: two layers are named '{layer.Name}'.");
            }
        }
        return entries;
    }

    // Applies layers whose inputs exist until none is left; if none can continue, the graph has a cycle or a gap.
    // Layers that wait for another are checked again once it has been applied, so the order of layers in the config
    // does not matter.
    private static void Connect(Dictionary<string, Entry> entries, string model)
    {
        Dictionary<string, List<Entry>> waiting = new(StringComparer.Ordinal);
        var ready = new Queue<Entry>(entries.Values);
        long applications = 0;
        while (ready.TryDequeue(out Entry? entry))
        {
            int before = entry.Done;
            string? missing = null;
            while (entry.Done < entry.Nodes.Count && Find(entry.Nodes[entry.Done], entries, out missing) is { } inputs)
            {
                applications += Applications(entry.Layer);
                if (applications > MaxApplications)
                {
                    throw new ConfigException($"{model}: applies its layers over {MaxApplications} times.");
                }
                Apply(entry.Layer, inputs);
                entry.Done++;
            }
            if (entry.Done > before && waiting.Remove(entry.Layer.Name, out List<Entry>? waiters))
            {
                foreach (Entry waiter in waiters)
                {
                    ready.Enqueue(waiter);
                }
            }
            if (missing is not null)
            {
                (waiting.TryGetValue(missing, out List<Entry>? others) ? others : waiting[missing] = []).Add(entry);
            }
        }
        if (entries.Values.FirstOrDefault(e => e.Done < e.Nodes.Count) is { } stuck)
        {
            string needs = string.Join(", ", stuck.Nodes[stuck.Done].Take(8).Select(r => $"'{r.Layer}'"));
            throw new ConfigException(
                $"{model}: layer '{stuck.Layer.Name}' can never run: its inputs ({needs}) do not exist or depend on it."
            );
        }
    }

    private static void Apply(Layer layer, Symbol[] inputs)
    {
        try
        {
            layer.ApplyAll([.. inputs]);
        }
        catch (OverflowException)
        {
            throw new ConfigException($"{layer}: the number of elements of its shapes overflows.");
        }
    }

    private static long Applications(Layer layer) =>
        layer is Model nested ? nested.Nodes.Sum(n => Applications(n.Layer)) : 1;

    private static Symbol[]? Find(
        IReadOnlyList<Reference> references,
        Dictionary<string, Entry> entries,
        out string? missing
    )
    {
        missing = null;
        var found = new Symbol[references.Count];
        for (int i = 0; i < found.Length; i++)
        {
            Reference r = references[i];
            if (
                !entries.TryGetValue(r.Layer, out Entry? entry)
                || r.Node >= entry.Layer.InboundNodes.Count
                || r.Output >= entry.Layer.InboundNodes[r.Node].Outputs.Count
            )
            {
                missing = r.Layer;
                return null;
            }
            found[i] = entry.Layer.InboundNodes[r.Node].Outputs[r.Output];
        }
        return found;
    }

    private static List<Symbol> Tensors(JsonNode? node, string key, Dictionary<string, Entry> entries, string model)
    {
        List<Symbol> result = [];
        foreach (JsonNode? item in Items(node, $"{model}: {key}"))
        {
            Reference reference = ReadReference(item, key);
            result.Add(
                Find([reference], entries, out _)?[0]
                    ?? throw new ConfigException($"{model}: {key} names '{reference.Layer}', which has no such output.")
            );
        }
        return result;
    }

    private static Reference ReadReference(JsonNode? node, string owner)
    {
        JsonArray parts = Items(node, $"{owner}: a tensor");
        if (parts.Count < 3 || Number(parts[1]) is not { } index || Number(parts[2]) is not { } output)
        {
            throw Wrong($"{owner}: a tensor", "[layer, node, output]");
        }
        return new Reference(Text(parts[0], $"{owner}: a tensor's layer"), index, output);
    }

    private static int? Number(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out int number) && number >= 0 ? number : null;

    private static string Text(JsonNode? node, string what) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : throw Wrong(what, "a string");

    private static JsonArray Items(JsonNode? node, string what) => node as JsonArray ?? throw Wrong(what, "an array");

    private static ConfigException Wrong(string what, string needed) => new($"{what} is missing or not {needed}.");

    private readonly record struct Reference(string Layer, int Node, int Output);

    private sealed class Entry(Layer layer, IReadOnlyList<IReadOnlyList<Reference>> nodes)
    {
        public Layer Layer { get; } = layer;

        public IReadOnlyList<IReadOnlyList<Reference>> Nodes { get; } = nodes;

        public int Done { get; set; }
    }
}
