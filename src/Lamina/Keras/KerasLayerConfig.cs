using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Layers' configs as Lamina's classes read them: activations and initializers by one spelling, and without what acts only
/// on training in Keras and has no counterpart here (regularizers, constraints, mixed precision).
/// </summary>
internal sealed class KerasLayerConfig(string? version)
{
    private static readonly string[] s_unused =
    [
        "kernel_regularizer",
        "bias_regularizer",
        "activity_regularizer",
        "beta_regularizer",
        "gamma_regularizer",
        "kernel_constraint",
        "bias_constraint",
        "beta_constraint",
        "gamma_constraint",
        "autocast",
        "dynamic",
        "quantization_config",
        "lora_rank",
        "lora_alpha",
    ];

    private static readonly string[] s_initializers =
    [
        "kernel_initializer",
        "bias_initializer",
        "beta_initializer",
        "gamma_initializer",
        "moving_mean_initializer",
        "moving_variance_initializer",
    ];

    // Keras 3 moves the moving variance towards the batch's biased variance, Keras 2 towards the unbiased one.
    private readonly bool _biasedVariance = version is not null && version.StartsWith('3');

    /// <summary>The class and config that Lamina knows.</summary>
    public (string ClassName, JsonObject Config) Read(string className, JsonObject source)
    {
        JsonObject config = source.DeepClone().AsObject();
        foreach (string key in s_unused)
        {
            config.Remove(key);
        }
        if (PolicyName(config["dtype"]) is "mixed_float16" or "mixed_bfloat16")
        {
            config.Remove("dtype");
        }
        foreach (string key in s_initializers)
        {
            if (config[key] is JsonObject initializer)
            {
                config[key] = Initializer(initializer);
            }
        }
        // Functions are objects in files of Keras 3's first versions.
        if (config["activation"] is JsonObject function && function["config"] is JsonValue name)
        {
            config["activation"] = name.DeepClone();
        }
        foreach (string key in (string[])["scale", "offset", "max_value", "negative_slope", "threshold", "alpha"])
        {
            if (config[key] is JsonObject { } array && array["config"]?["value"] is { } value)
            {
                config[key] = value.DeepClone();
            }
        }
        switch (className)
        {
            case "InputLayer":
                config["batch_input_shape"] ??= config["batch_shape"]?.DeepClone();
                config.Remove("batch_shape");
                break;
            case "BatchNormalization" when _biasedVariance:
                config["unbiased_moving_variance"] = false;
                break;
            case "LeakyReLU":
                JsonNode slope = (config["negative_slope"] ?? config["alpha"])?.DeepClone() ?? 0.3;
                config.Remove("alpha");
                config["negative_slope"] = slope;
                return ("ReLU", config);
            default:
                break;
        }
        return (className, config);
    }

    private static string? PolicyName(JsonNode? dtype) =>
        (dtype is JsonObject policy ? policy["config"]?["name"] : dtype) is JsonValue value
        && value.TryGetValue(out string? name)
            ? name
            : null;

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
        if (className is "LecunNormal" or "LecunUniform")
        {
            config["scale"] = 1.0;
            config["mode"] = "fan_in";
            config["distribution"] = className == "LecunNormal" ? "truncated_normal" : "uniform";
            className = "VarianceScaling";
        }
        // Lamina's seed is a number; Keras 3 may keep a generator.
        if (config["seed"] is JsonObject)
        {
            config["seed"] = null;
        }
        return new JsonObject { ["class_name"] = className, ["config"] = config };
    }
}
