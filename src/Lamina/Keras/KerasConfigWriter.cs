using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Writes a model's config in Keras's own forms. Where Keras expresses something differently, its way is used: padding
/// in pixels as a ZeroPadding2D before the convolution or pooling, an adaptive pooling that divides its input evenly as
/// an ordinary one. Classes that Keras lacks are written under <see cref="Package"/>, where Keras looks for registered
/// classes.
/// </summary>
internal sealed class KerasConfigWriter
{
    /// <summary>The package under which a Keras program registers Lamina's own layer classes.</summary>
    public const string Package = "Lamina>";

    private readonly Model _model;
    private readonly KerasForm _form;
    private readonly Dictionary<Node, int> _index = [];
    private readonly HashSet<string> _names;
    private readonly HashSet<Node> _nonNegative;

    private KerasConfigWriter(Model model, KerasForm form)
    {
        (_model, _form) = (model, form);
        _names = [.. model.Layers.Select(l => l.Name)];
        _nonNegative = NonNegativeValues.Of(model);
        foreach (Layer layer in model.Layers)
        {
            int count = 0;
            foreach (Node node in layer.InboundNodes.Where(model.Contains))
            {
                _index[node] = count++;
            }
        }
    }

    /// <summary>Returns the config of a Functional or Sequential model.</summary>
    /// <exception cref="ConfigException">Keras cannot represent a layer.</exception>
    public static JsonObject Write(Model model, KerasForm form) => new KerasConfigWriter(model, form).Write();

    /// <summary>Returns a model as a Keras 3 object: module, class_name, config, registered_name.</summary>
    /// <exception cref="ConfigException">Keras 3 cannot represent a layer.</exception>
    public static JsonObject WriteObject(Model model)
    {
        KerasActivation.RequireForm(model, KerasForm.Keras3);
        return Object(model);
    }

    // Keras exports Sequential under a public name, Functional under none.
    private static JsonObject Object(Model model) =>
        model.IsSequential
            ? KerasLayerWriter.Object("keras", model.ClassName, Write(model, KerasForm.Keras3), null)
            : KerasLayerWriter.Object(
                "keras.src.models.functional",
                model.ClassName,
                Write(model, KerasForm.Keras3),
                model.ClassName
            );

    private JsonObject Write()
    {
        var layers = new JsonArray();
        foreach (Layer layer in _model.Layers)
        {
            string? before = null;
            if (First(layer) is { } first)
            {
                before = (string)first["config"]!["name"]!;
                AddLayer(layers, first, layer, before, input: null);
            }
            JsonObject entry = layer is Model nested
                ? Nested(nested)
                : KerasLayerWriter.Write(layer, [.. Applications(layer)], _form);
            AddLayer(layers, entry, layer, layer.Name, before);
        }
        if (_model.IsSequential)
        {
            return Sequential(layers);
        }
        return new JsonObject
        {
            ["name"] = _model.Name,
            ["trainable"] = _model.Trainable,
            ["layers"] = layers,
            ["input_layers"] = new JsonArray([.. _model.Inputs.Select(s => Tensor(s, isEnd: true))]),
            ["output_layers"] = new JsonArray([.. _model.Outputs.Select(s => Tensor(s, isEnd: true))]),
        };
    }

    // The first of two layers that Keras uses for one of Lamina's.
    private JsonObject? First(Layer layer)
    {
        if (KerasLayerWriter.ExplicitPadding(layer) is not { } pads)
        {
            return KerasLayerWriter.IsPooledImage(layer, _form)
                ? KerasLayerWriter.Pooling(UniqueName($"{layer.Name}_pool"), _form)
                : null;
        }
        RequireZeros(layer);
        return KerasLayerWriter.Padding(UniqueName($"{layer.Name}_pad"), pads, _form);
    }

    // Max pooling ignores its padding, and Keras has only zeros: for non-negative values, the maximum is the same.
    private void RequireZeros(Layer layer)
    {
        if (layer is MaxPool2D && !Applications(layer).All(n => _nonNegative.Contains(n.Inputs[0].Node!)))
        {
            throw new ConfigException(
                $"{layer}: Keras has no pooling with padding in pixels, and zeros would exceed the negative values that its input may have. "
                    + "Use \"same\", \"valid\", or an activation such as \"relu\" before it."
            );
        }
        if (layer is AveragePooling2D)
        {
            throw new ConfigException(
                $"{layer}: Keras has no pooling with padding in pixels, and zeros before it would count in the means. "
                    + "Use \"same\", \"valid\", or a ZeroPadding2D before it."
            );
        }
    }

    // A chain needs no connections.
    private JsonObject Sequential(JsonArray layers)
    {
        foreach (JsonObject layer in layers.OfType<JsonObject>())
        {
            layer.Remove("name");
            layer.Remove("inbound_nodes");
        }
        var config = new JsonObject { ["name"] = _model.Name, ["layers"] = layers };
        if (_form == KerasForm.Keras3)
        {
            config["trainable"] = _model.Trainable;
            config["build_input_shape"] = KerasLayerWriter.ToJson(_model.Inputs[0].Shape);
        }
        return config;
    }

    private JsonObject Nested(Model nested) =>
        _form == KerasForm.Keras3
            ? Object(nested)
            : new JsonObject { ["class_name"] = nested.ClassName, ["config"] = Write(nested, _form) };

    private IEnumerable<Node> Applications(Layer layer) => layer.InboundNodes.Where(_model.Contains);

    // With an input, the layer is applied to that layer's outputs, node by node; otherwise to the inputs of the model's
    // layer.
    private void AddLayer(JsonArray layers, JsonObject entry, Layer layer, string name, string? input)
    {
        var nodes = new JsonArray();
        foreach (Node node in Applications(layer).Where(n => n.Inputs.Count > 0))
        {
            JsonArray[] tensors = input is null
                ? [.. node.Inputs.Select(s => Tensor(s, isEnd: false))]
                : [new JsonArray(input, _index[node], 0)];
            JsonNode written =
                _form == KerasForm.Keras3 ? CallArguments(node, tensors, input is null) : LegacyNode(tensors);
            nodes.Add(written);
        }
        entry["name"] = name;
        entry["inbound_nodes"] = nodes;
        layers.Add((JsonNode)entry);
    }

    private static JsonArray LegacyNode(JsonArray[] tensors)
    {
        foreach (JsonArray tensor in tensors)
        {
            tensor.Add((JsonNode)new JsonObject());
        }
        return new JsonArray([.. tensors]);
    }

    private static JsonObject CallArguments(Node node, JsonArray[] tensors, bool isOwn)
    {
        JsonNode[] arguments =
        [
            .. tensors.Select(
                (t, i) =>
                    new JsonObject
                    {
                        ["class_name"] = "__keras_tensor__",
                        ["config"] = new JsonObject
                        {
                            ["shape"] = KerasLayerWriter.ToJson(
                                isOwn ? node.Inputs[i].Shape : KerasLayerWriter.Padded(node)
                            ),
                            ["dtype"] = "float32",
                            ["keras_history"] = t,
                        },
                    }
            ),
        ];
        bool takesList = arguments.Length > 1 || node.Layer is Concatenate or Add or Multiply;
        return new JsonObject
        {
            ["args"] = takesList ? new JsonArray(new JsonArray(arguments)) : new JsonArray(arguments),
            ["kwargs"] = new JsonObject(),
        };
    }

    // A nested model has a node of its own from the start, so Keras counts from 1: everywhere in Keras 2; in Keras 3
    // only at the model's ends, and not for a Sequential.
    private JsonArray Tensor(Symbol symbol, bool isEnd)
    {
        bool fromOne = symbol.Layer is Model nested && (_form == KerasForm.Keras2 || (isEnd && !nested.IsSequential));
        return new JsonArray(symbol.Layer!.Name, _index[symbol.Node!] + (fromOne ? 1 : 0), symbol.OutputIndex);
    }

    private string UniqueName(string name)
    {
        while (!_names.Add(name))
        {
            name += "_";
        }
        return name;
    }
}
