using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Converts the configs of layers to the form of Lamina's classes: one spelling of activations, dtypes and
/// initializers, without keys that affect only training in Keras and have no counterpart here
/// (<see cref="IsLeftOut"/>).
/// </summary>
internal sealed class KerasLayerConfig(string? version)
{
    // Keras adds the product of LoRA to the kernel on saving.
    private static readonly string[] s_lora = ["lora_rank", "lora_alpha"];

    // Keys that say how a layer runs, not what it computes: without a graph, over several replicas, with casts of its
    // inputs.
    private static readonly string[] s_running = ["dynamic", "synchronized", "autocast"];

    private static readonly string[] s_initializers =
    [
        "kernel_initializer",
        "bias_initializer",
        "beta_initializer",
        "gamma_initializer",
        "moving_mean_initializer",
        "moving_variance_initializer",
        "depthwise_initializer",
        "pointwise_initializer",
        "alpha_initializer",
    ];

    private readonly bool _isKeras3 = version is not null && version.StartsWith('3');

    /// <summary>
    /// Returns <see langword="true"/> if a key affects training, not the output of a trained layer, and has no counterpart
    /// here: LoRA, and regularizers and constraints of classes that are not registered.
    /// </summary>
    public static bool IsLeftOut(string key, JsonNode? value) =>
        value is not null && (s_lora.Contains(key) || (PenaltyConfig.IsKey(key) && !PenaltyConfig.IsKnown(key, value)));

    /// <summary>Returns the class and config in Lamina's form.</summary>
    /// <exception cref="ConfigException">The layer computes something that Lamina does not support.</exception>
    public (string ClassName, JsonObject Config) Read(string className, JsonObject source)
    {
        JsonObject config = source.DeepClone().AsObject();
        string layer = $"{config["name"] ?? "a layer"} ({className})";
        foreach (
            string key in config
                .Where(p => IsLeftOut(p.Key, p.Value))
                .Select(p => p.Key)
                .Concat(s_lora)
                .Concat(s_running)
                .ToArray()
        )
        {
            config.Remove(key);
        }
        foreach (string key in config.Select(p => p.Key).Where(PenaltyConfig.IsKey).ToArray())
        {
            if (config[key] is JsonObject penalty)
            {
                config[key] = Penalty(penalty);
            }
        }
        KerasDtype.Remove(config, layer, isInput: className == "InputLayer");
        foreach (string key in s_initializers)
        {
            if (config[key] is JsonObject initializer)
            {
                config[key] = Initializer(initializer);
            }
        }
        if (config["activation"] is { } activation)
        {
            config["activation"] = KerasActivation.Name(activation, layer, _isKeras3);
        }
        foreach (
            string key in (string[])
                ["scale", "offset", "max_value", "negative_slope", "threshold", "alpha", "mean", "variance"]
        )
        {
            if (config[key] is JsonObject { } array && array["config"]?["value"] is { } value)
            {
                config[key] = value.DeepClone();
            }
        }
        OfClass(className, config);
        return (className, config);
    }

    private void OfClass(string className, JsonObject config)
    {
        switch (className)
        {
            case "InputLayer":
                config["batch_input_shape"] ??= config["batch_shape"]?.DeepClone();
                config.Remove("batch_shape");
                break;
            case "BatchNormalization":
                // Keras 3 moves the moving variance towards the batch's biased variance, Keras 2 towards the unbiased one.
                if (_isKeras3)
                {
                    config["unbiased_moving_variance"] = false;
                }
                // These keys configure the renormalization that "renorm" turns on.
                if (config["renorm"] is not JsonValue renorm || !renorm.TryGetValue(out bool isOn) || !isOn)
                {
                    config.Remove("renorm_clipping");
                    config.Remove("renorm_momentum");
                }
                break;
            case "LeakyReLU" when config["alpha"] is { } alpha:
                config["negative_slope"] ??= alpha.DeepClone();
                config.Remove("alpha");
                break;
            default:
                break;
        }
    }

    // Keras 3 adds the module and the registered name.
    private static JsonObject Penalty(JsonObject source)
    {
        JsonObject config = source["config"]?.DeepClone() as JsonObject ?? [];
        config.Remove("dtype");
        return new JsonObject { ["class_name"] = source["class_name"]?.DeepClone(), ["config"] = config };
    }

    private static JsonObject Initializer(JsonObject source)
    {
        string? className = source["class_name"]?.ToString();
        JsonObject config = source["config"]?.DeepClone() as JsonObject ?? [];
        config.Remove("dtype");
        // Keras 2's and tfjs's name for what Keras 3 calls truncated_normal.
        if (className == "VarianceScaling" && config["distribution"]?.ToString() == "normal")
        {
            config["distribution"] = "truncated_normal";
        }
        if (className == nameof(IdentityInitializer))
        {
            className = IdentityInitializer.ConfigClass;
        }
        if (className is "LecunNormal" or "LecunUniform")
        {
            config["scale"] = 1.0;
            config["mode"] = "fan_in";
            config["distribution"] = className == "LecunNormal" ? "truncated_normal" : "uniform";
            className = "VarianceScaling";
        }
        // Lamina's seed is a number; Keras 3 may store a generator.
        if (config["seed"] is JsonObject)
        {
            config["seed"] = null;
        }
        return new JsonObject { ["class_name"] = className, ["config"] = config };
    }
}
