using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Converts the forms of Keras 1 to 3 and tfjs to the one form that <see cref="ModelConfig"/> reads: functional models
/// whose nodes are lists of [layer, node, output], nodes counted from 0. <see cref="KerasLayerConfig"/> converts the
/// configs of layers.
/// </summary>
internal sealed class KerasConfigReader(string? version)
{
    private const int MaxNesting = 32;

    private readonly KerasLayerConfig _layers = new(version);
    private int _depth;

    /// <summary>Returns <see langword="true"/> if a class is a model, which may be nested.</summary>
    public static bool IsModel(string className) => className is "Functional" or "Model" or "Sequential";

    /// <summary>Returns the functional config of a model's class_name and config.</summary>
    public JsonObject ReadModel(JsonObject entry)
    {
        string className = ClassOf(entry);
        if (!IsModel(className))
        {
            throw new ConfigException(
                $"'{Show(className)}' is not a model class: Lamina reads Functional, Model and Sequential. A subclassed model has "
                    + "no architecture to read; load only its weights into a model built in code."
            );
        }
        if (++_depth > MaxNesting)
        {
            throw new ConfigException($"the architecture nests models more than {MaxNesting} deep.");
        }
        // Keras 1 wrote a Sequential's config as the bare list of its layers.
        JsonObject config = entry["config"] switch
        {
            JsonObject members => members,
            JsonArray layers when className == "Sequential" => new JsonObject { ["layers"] = layers.DeepClone() },
            _ => throw new ConfigException($"{className}: \"config\" is missing or not an object."),
        };
        JsonObject result = className == "Sequential" ? Sequential(config) : Functional(config);
        _depth--;
        return result;
    }

    private JsonObject Functional(JsonObject config)
    {
        string name = NameOf(config);
        var layers = new JsonArray();
        var references = new KerasReferences();
        foreach (JsonNode? item in Items(config["layers"], $"{name}: \"layers\""))
        {
            JsonObject entry = item as JsonObject ?? throw new ConfigException($"{name}: a layer is not an object.");
            JsonObject layer = Layer(entry, name);
            string layerName = layer["config"]!["name"]?.ToString() ?? "";
            if (IsModel(ClassOf(entry)))
            {
                references.AddModel(layerName, isSequential: ClassOf(entry) == "Sequential");
            }
            var nodes = new JsonArray();
            foreach (JsonNode? node in Items(entry["inbound_nodes"], $"{layerName}: \"inbound_nodes\""))
            {
                nodes.Add((JsonNode)references.Node(node, layerName));
            }
            layer["inbound_nodes"] = nodes;
            layers.Add((JsonNode)layer);
        }
        JsonArray inputs = references.Tensors(config["input_layers"], $"{name}: \"input_layers\"");
        JsonArray outputs = references.Tensors(config["output_layers"], $"{name}: \"output_layers\"");
        references.CountFromZero();
        return new JsonObject
        {
            ["name"] = name,
            ["layers"] = layers,
            ["input_layers"] = inputs,
            ["output_layers"] = outputs,
        };
    }

    private JsonObject Sequential(JsonObject config)
    {
        string name = NameOf(config);
        JsonArray items = Items(config["layers"], $"{name}: \"layers\"");
        var layers = new JsonArray();
        string? previous = null;
        foreach (JsonNode? item in items)
        {
            JsonObject entry = item as JsonObject ?? throw new ConfigException($"{name}: a layer is not an object.");
            JsonObject layer = Layer(entry, name);
            string layerName = layer["config"]!["name"]?.ToString() ?? "";
            if (previous is null && ClassOf(entry) != "InputLayer")
            {
                JsonObject input = FirstInput(layer, entry, config, name);
                previous = (string)input["config"]!["name"]!;
                layers.Add((JsonNode)input);
            }
            layer["inbound_nodes"] = previous is null
                ? new JsonArray()
                : new JsonArray(new JsonArray(new JsonArray(previous, 0, 0)));
            layers.Add((JsonNode)layer);
            previous = layerName;
        }
        if (previous is null)
        {
            throw new ConfigException($"{name} (Sequential): has no layers.");
        }
        string first = layers[0]!["config"]!["name"]?.ToString() ?? "";
        return new JsonObject
        {
            ["name"] = name,
            [ModelConfig.SequentialKey] = true,
            ["layers"] = layers,
            ["input_layers"] = new JsonArray(new JsonArray(first, 0, 0)),
            ["output_layers"] = new JsonArray(new JsonArray(previous, 0, 0)),
        };
    }

    // A Sequential may leave its input to its first layer, or to the shape that it was built for.
    private static JsonObject FirstInput(JsonObject layer, JsonObject entry, JsonObject model, string name)
    {
        JsonObject? own = entry["config"] as JsonObject;
        JsonNode? shape = IsModel(ClassOf(entry))
            ? (layer["config"]?["layers"]?.AsArray().FirstOrDefault(l => l?["class_name"]?.ToString() == "InputLayer"))
                ?["config"]
                ?["batch_input_shape"]
            : own?["batch_input_shape"] ?? own?["batch_shape"];
        shape ??= model["build_input_shape"];
        if (shape is not JsonArray)
        {
            throw new ConfigException(
                $"{name} (Sequential): has no input shape. Build the model in Keras (an Input, or input_shape on its first "
                    + "layer) before saving it."
            );
        }
        string first = layer["config"]!["name"]?.ToString() ?? "";
        return new JsonObject
        {
            ["class_name"] = "InputLayer",
            ["config"] = new JsonObject { ["batch_input_shape"] = shape.DeepClone(), ["name"] = $"{first}_input" },
            ["inbound_nodes"] = new JsonArray(),
        };
    }

    private JsonObject Layer(JsonObject entry, string model)
    {
        string className = ClassOf(entry);
        if (IsModel(className))
        {
            return new JsonObject { ["class_name"] = "Functional", ["config"] = ReadModel(entry) };
        }
        if (entry["config"] is not JsonObject config)
        {
            throw new ConfigException($"{model}: the config of a {Show(className)} is missing or not an object.");
        }
        if (config["name"] is null && entry["name"] is { } name)
        {
            config["name"] = name.DeepClone();
        }
        if (config["name"] is JsonValue value && value.TryGetValue(out string? text))
        {
            config["name"] = KerasNames.Clean(text);
        }
        RequireKerass(className, entry, $"{model}: {config["name"]}");
        (string known, JsonObject read) = _layers.Read(className, config);
        return new JsonObject { ["class_name"] = known, ["config"] = read };
    }

    // A custom class may have the same name as one of Keras's. Keras 3 writes the module of a class, or the package
    // under which it is registered.
    private static void RequireKerass(string className, JsonObject entry, string layer)
    {
        if (!LayerRegistry.IsBuiltIn(className))
        {
            return;
        }
        string? module = entry["module"] is JsonValue m && m.TryGetValue(out string? from) ? from : null;
        string? registered = entry["registered_name"] is JsonValue r && r.TryGetValue(out string? name) ? name : null;
        bool isOwn =
            registered?.Contains('>') == true
            && !registered.StartsWith(KerasConfigWriter.Package, StringComparison.Ordinal);
        if (isOwn || (module is not null && module.Split('.')[0] is not ("keras" or "tf_keras" or "tensorflow")))
        {
            throw new ConfigException(
                $"{layer} ({Show(className)}): is {Show(isOwn ? registered! : $"{module}.{className}")}, a custom class, not "
                    + "Keras's. Load only the weights into a model built in code."
            );
        }
    }

    // Lamina's classes are registered in Keras under the package's name: "Lamina>LocalResponseNormalization".
    private static string ClassOf(JsonObject entry)
    {
        string name =
            entry["class_name"] is JsonValue value && value.TryGetValue(out string? text)
                ? text
                : throw new ConfigException("a layer's \"class_name\" is missing or not a string.");
        return name.StartsWith(KerasConfigWriter.Package, StringComparison.Ordinal)
            ? name[KerasConfigWriter.Package.Length..]
            : name;
    }

    private static string NameOf(JsonObject config) =>
        config["name"] switch
        {
            null => Session.UniqueName("model"),
            JsonValue value when value.TryGetValue(out string? text) => KerasNames.Clean(text),
            _ => throw new ConfigException("the model's \"name\" is not a string."),
        };

    private static JsonArray Items(JsonNode? node, string what) =>
        node as JsonArray ?? throw new ConfigException($"{what} is missing or not an array.");

    internal static string Show(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
