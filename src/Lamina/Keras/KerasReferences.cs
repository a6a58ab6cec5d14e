using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The references of a functional config to tensors, [layer, node, output]. Keras counts the nodes of a nested model
/// from 1, because a model has a node of its own from the start; Keras 3 does so only in output_layers, and not for a
/// Sequential.
/// </summary>
internal sealed class KerasReferences
{
    private readonly Dictionary<string, bool> _models = new(StringComparer.Ordinal);
    private readonly List<JsonArray> _inNodes = [];
    private readonly List<JsonArray> _inEnds = [];
    private bool _callArguments;

    /// <summary>Registers the name of a nested model.</summary>
    public void AddModel(string name, bool isSequential) => _models[name] = isSequential;

    /// <summary>Returns one application of a layer: its inputs as [layer, node, output] lists.</summary>
    public JsonArray Node(JsonNode? node, string layer)
    {
        var result = new JsonArray();
        switch (node)
        {
            case JsonObject call:
                _callArguments = true;
                RequireNoArguments(call["kwargs"], layer);
                Collect(call["args"], layer, result);
                break;
            case JsonArray tensor when IsTensor(tensor):
                Add(tensor, layer, result);
                break;
            case JsonArray tensors:
                foreach (JsonNode? item in tensors)
                {
                    Add(
                        item as JsonArray
                            ?? throw new ConfigException($"{layer}: an inbound node's tensor is not an array."),
                        layer,
                        result
                    );
                }
                break;
            default:
                throw new ConfigException($"{layer}: an inbound node is neither an array nor an object.");
        }
        return result;
    }

    /// <summary>Returns the tensors of input_layers or output_layers: one, a list, or an object of them.</summary>
    public JsonArray Tensors(JsonNode? node, string what)
    {
        var result = new JsonArray();
        IEnumerable<JsonNode?> items = node switch
        {
            JsonArray one when IsTensor(one) => [one],
            JsonArray list => list,
            JsonObject named => named.Select(p => p.Value),
            _ => throw new ConfigException($"{what} is missing or not an array."),
        };
        foreach (JsonNode? item in items)
        {
            if (item is not JsonArray tensor || !IsTensor(tensor))
            {
                throw new ConfigException($"{what}: a tensor is not [layer, node, output].");
            }
            JsonArray copy = [NameOf(tensor), tensor[1]?.DeepClone(), tensor[2]?.DeepClone()];
            _inEnds.Add(copy);
            result.Add((JsonNode)copy);
        }
        return result;
    }

    /// <summary>Subtracts the models' own nodes from the counts, once all references are known.</summary>
    public void CountFromZero()
    {
        ILookup<string, JsonArray> inEnds = _inEnds.ToLookup(t => (string)t[0]!);
        ILookup<string, JsonArray> inNodes = _inNodes.ToLookup(t => (string)t[0]!);
        foreach ((string name, bool isSequential) in _models)
        {
            if (_callArguments)
            {
                Shift(inEnds[name], isSequential ? 0 : 1);
                continue;
            }
            // Every node of a model in a config is used, so the lowest index used is the first.
            JsonArray[] all = [.. inNodes[name], .. inEnds[name]];
            Shift(all, all.Select(Number).DefaultIfEmpty(0).Min());
        }
    }

    private static void Shift(IEnumerable<JsonArray> tensors, int by)
    {
        foreach (JsonArray tensor in tensors.Where(t => by > 0 && Number(t) >= by))
        {
            tensor[1] = Number(tensor) - by;
        }
    }

    private static int Number(JsonArray tensor) =>
        tensor[1] is JsonValue value && value.TryGetValue(out int number) ? number : 0;

    private static JsonNode NameOf(JsonArray tensor) => KerasNames.Clean((string)tensor[0]!);

    private static bool IsTensor(JsonArray items) =>
        items.Count >= 3 && items[0] is JsonValue name && name.TryGetValue(out string? _);

    private void Collect(JsonNode? node, string layer, JsonArray result)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    Collect(item, layer, result);
                }
                break;
            case JsonObject tensor when History(tensor) is { } history:
                Add(history, layer, result);
                break;
            default:
                throw new ConfigException(
                    $"{layer}: is called with an argument that is not a tensor of another layer; Lamina calls layers only on tensors."
                );
        }
    }

    private static JsonArray? History(JsonObject tensor) =>
        tensor["config"] is JsonObject config && config["keras_history"] is JsonArray history && IsTensor(history)
            ? history
            : null;

    private void Add(JsonArray tensor, string layer, JsonArray result)
    {
        if (!IsTensor(tensor))
        {
            throw new ConfigException($"{layer}: a tensor is not [layer, node, output].");
        }
        RequireNoArguments(tensor.ElementAtOrDefault(3), layer);
        JsonArray copy = [NameOf(tensor), tensor[1]?.DeepClone(), tensor[2]?.DeepClone()];
        _inNodes.Add(copy);
        result.Add((JsonNode)copy);
    }

    // training=False is the default in prediction; a null mask is no mask.
    private static void RequireNoArguments(JsonNode? arguments, string layer)
    {
        foreach ((string key, JsonNode? value) in arguments as JsonObject ?? [])
        {
            if (value is not null && !(value is JsonValue v && v.TryGetValue(out bool b) && !b))
            {
                throw new ConfigException(
                    $"{layer}: is called with \"{KerasConfigReader.Show(key)}\", which Lamina's layers do not accept."
                );
            }
        }
    }
}
