using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Activations in the configs of layers: a name, a function as an object, or a layer in place of the function.
/// </summary>
internal static class KerasActivation
{
    private const string HardSigmoid = "hard_sigmoid";

    /// <summary>Returns Lamina's name of an activation.</summary>
    /// <param name="node">The value in the config.</param>
    /// <param name="layer">The layer, as messages begin.</param>
    /// <param name="isKeras3">
    /// <see langword="true"/> if Keras 3 wrote it, whose hard_sigmoid is another function.
    /// </param>
    /// <exception cref="ConfigException">The activation is an object that corresponds to no name.</exception>
    public static string Name(JsonNode node, string layer, bool isKeras3)
    {
        string name =
            Text(node)
            ?? (node is JsonObject entry ? NameOf(entry) : null)
            ?? throw new ConfigException(
                $"{layer}: \"activation\" is {KerasConfigReader.Show(node.ToJsonString())}, which has no activation "
                    + "name. Use a separate layer for it."
            );
        return isKeras3 && name == HardSigmoid ? Activation.HardSigmoidOfKeras3 : name;
    }

    /// <summary>Returns the name under which Keras knows one of Lamina's activations.</summary>
    public static string Write(string name, KerasForm form) =>
        name switch
        {
            // Keras 2 and tfjs know only its older name.
            "silu" when form == KerasForm.Keras2 => "swish",
            Activation.HardSigmoidOfKeras3 => HardSigmoid,
            _ => name,
        };

    /// <summary>
    /// Rejects models with the hard_sigmoid of the other Keras version, where it computes something else.
    /// </summary>
    /// <exception cref="ConfigException">A layer uses it; the message says which.</exception>
    public static void RequireForm(Model model, KerasForm form)
    {
        foreach (Layer layer in model.Layers)
        {
            switch (layer.Activation?.Name)
            {
                case HardSigmoid when form == KerasForm.Keras3:
                    throw new ConfigException(
                        $"{layer}: the hard_sigmoid of Keras 3 is another function (x / 6 + 0.5). Use "
                            + $"\"{Activation.HardSigmoidOfKeras3}\", or save as .h5, which is Keras 2's."
                    );
                case Activation.HardSigmoidOfKeras3 when form == KerasForm.Keras2:
                    throw new ConfigException(
                        $"{layer}: the hard_sigmoid of Keras 2 is another function (0.2 · x + 0.5). Use "
                            + $"\"{HardSigmoid}\", or save as .keras, which is Keras 3's."
                    );
                default:
                    break;
            }
            if (layer is Model nested)
            {
                RequireForm(nested, form);
            }
        }
    }

    // {"class_name": "function", "config": "relu"}, or a layer such as {"class_name": "ReLU", "config": {…}}.
    private static string? NameOf(JsonObject entry)
    {
        string? className = Text(entry["class_name"]);
        if (entry["config"] is not JsonObject config)
        {
            return className is "function" or "builtin_function_or_method" or null ? Text(entry["config"]) : null;
        }
        double slope = Number(config["negative_slope"] ?? config["alpha"]) ?? double.NaN;
        return className switch
        {
            "Activation" => Text(config["activation"]),
            "LeakyReLU" when (float)slope == 0.2f => "leaky_relu",
            "ReLU" when Number(config["negative_slope"]) is null or 0 && Number(config["threshold"]) is null or 0 =>
                Number(config["max_value"]) switch
                {
                    null => "relu",
                    6 => "relu6",
                    _ => null,
                },
            "Softmax" when Number(config["axis"]) is null or -1 => "softmax",
            "ELU" when Number(config["alpha"]) is null or 1 => "elu",
            _ => null,
        };
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static double? Number(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out double number) ? number : null;
}
