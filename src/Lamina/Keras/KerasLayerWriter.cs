using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Writes a layer's class and config in Keras's forms.</summary>
internal static class KerasLayerWriter
{
    // Lamina's own classes; Keras has no counterpart for them, or in the case of the pooling only from 3.14 on.
    private static readonly HashSet<string> s_ours = new(StringComparer.Ordinal)
    {
        nameof(LocalResponseNormalization),
        nameof(AdaptiveAveragePooling2D),
        nameof(Slice),
        nameof(Lambda),
    };

    /// <summary>
    /// Returns the padding in pixels of a convolution or pooling, which Keras expresses by a preceding layer.
    /// </summary>
    public static Pads2? ExplicitPadding(Layer layer) =>
        layer switch
        {
            Conv2D { Padding: { Name: "explicit" } padding } => PixelsOf(padding),
            Pooling2D { Padding: { Name: "explicit" } padding } => PixelsOf(padding),
            _ => null,
        };

    /// <summary>
    /// Returns <see langword="true"/> if the mean of an image stays an image, which only late versions of Keras 2
    /// support and tfjs does not.
    /// </summary>
    public static bool IsPooledImage(Layer layer, KerasForm form) =>
        form == KerasForm.Keras2 && layer is GlobalAveragePooling2D { KeepDims: true };

    /// <summary>Returns <see langword="true"/> if Keras uses two layers for this one.</summary>
    public static bool IsPair(Layer layer, KerasForm form) =>
        ExplicitPadding(layer) is not null || IsPooledImage(layer, form);

    /// <summary>Returns the ZeroPadding2D in front of a convolution or pooling.</summary>
    public static JsonObject Padding(string name, Pads2 pads, KerasForm form)
    {
        JsonObject config = Plain(name);
        config["padding"] = pads.ToJson();
        return Entry("ZeroPadding2D", config, form);
    }

    /// <summary>Returns the GlobalAveragePooling2D whose output a Reshape turns into an image again.</summary>
    public static JsonObject Pooling(string name, KerasForm form) =>
        Entry(nameof(GlobalAveragePooling2D), Plain(name), form);

    private static JsonObject Plain(string name) =>
        new()
        {
            ["name"] = name,
            ["trainable"] = true,
            ["dtype"] = "float32",
            ["data_format"] = "channels_last",
        };

    private static Pads2 PixelsOf(Padding padding) => padding.Resolve(1, 1, Size2.One, Size2.One, Size2.One);

    /// <summary>Returns the shape that a layer with padding in front of it is applied to.</summary>
    public static Shape Padded(Node node)
    {
        Shape x = node.Inputs[0].Shape;
        Pads2 pads = ExplicitPadding(node.Layer) ?? Pads2.None;
        return Shape.WithUnknown(x[0], x[1] + pads.Top + pads.Bottom, x[2] + pads.Left + pads.Right, x[3]);
    }

    /// <summary>Returns a layer's class_name and config, with the further keys of a form.</summary>
    public static JsonObject Write(Layer layer, IReadOnlyList<Node> applications, KerasForm form)
    {
        if (layer is Operation { Op: var op })
        {
            return KerasOperation.Write(op, layer, form);
        }
        JsonObject config = layer.WithPenalties(layer.GetConfig());
        // Keys that only Lamina has; Keras would reject them. Each version of Keras follows the rule that the reader
        // assumes for its form.
        config.Remove("unbiased_moving_variance");
        string className = Translate(layer, config, applications, form);
        if (form == KerasForm.Keras2)
        {
            RemoveLaterKeys(className, config);
        }
        if (config["activation"]?.ToString() is { } activation)
        {
            config["activation"] = KerasActivation.Write(activation, form);
        }
        JsonObject entry = Entry(className, config, form);
        if (
            form == KerasForm.Keras3
            && applications is [{ Inputs: [var input, ..] } first, ..]
            && first.Inputs.Count == 1
        )
        {
            Shape shape = ExplicitPadding(layer) is null ? input.Shape : Padded(first);
            entry["build_config"] = new JsonObject { ["input_shape"] = ToJson(shape) };
        }
        return entry;
    }

    /// <summary>Changes a config to that of a layer which Keras has, and returns its class.</summary>
    private static string Translate(Layer layer, JsonObject config, IReadOnlyList<Node> applications, KerasForm form)
    {
        string className = layer.ClassName;
        switch (layer)
        {
            case Conv2D { Padding.Name: "explicit" }:
            case Pooling2D { Padding.Name: "explicit" }:
                config["padding"] = "valid";
                break;
            case GlobalAveragePooling2D when IsPooledImage(layer, form):
                className = nameof(Reshape);
                config.Remove("keepdims");
                config.Remove("data_format");
                config["target_shape"] = new JsonArray(1, 1, Channels(applications));
                break;
            case AdaptiveAveragePooling2D adaptive when EvenPool(adaptive, applications) is { } pool:
                className = "AveragePooling2D";
                config.Remove("output_size");
                config["pool_size"] = pool.ToJson();
                config["strides"] = pool.ToJson();
                config["padding"] = "valid";
                break;
            // Some versions of Keras 2 and tfjs do not support the slope of ReLU; LeakyReLU is the same function
            // everywhere.
            case ReLU { NegativeSlope: > 0, MaxValue: null, Threshold: 0 } relu when form == KerasForm.Keras2:
                className = "LeakyReLU";
                foreach (string key in (string[])["max_value", "negative_slope", "threshold"])
                {
                    config.Remove(key);
                }
                config["alpha"] = relu.NegativeSlope;
                break;
            case LeakyReLU leaky when form == KerasForm.Keras2:
                config.Remove("negative_slope");
                config["alpha"] = leaky.NegativeSlope;
                break;
            // Its constructor has neither in Keras 3, and both have no effect.
            case SpatialDropout2D:
                config.Remove("trainable");
                config.Remove("noise_shape");
                break;
            case BatchNormalization when form == KerasForm.Keras3 && config["axis"] is JsonArray { Count: 1 } axis:
                config["axis"] = axis[0]!.DeepClone();
                break;
            case InputLayer when form == KerasForm.Keras3:
                config["batch_shape"] = config["batch_input_shape"]!.DeepClone();
                config.Remove("batch_input_shape");
                config.Remove("ragged");
                break;
            default:
                break;
        }
        return className;
    }

    // Keys that Keras 2 does not know are left out while they hold the default, which is what it does without them.
    private static void RemoveLaterKeys(string className, JsonObject config)
    {
        foreach ((string key, JsonNode? value) in config.ToArray())
        {
            if (
                KerasKeys.IsLater(className, key)
                && (value is null || key == "data_format" || KerasKeys.IsDefault(className, key, value))
            )
            {
                config.Remove(key);
            }
        }
    }

    /// <summary>Returns an object as Keras 3 serializes it.</summary>
    public static JsonObject Object(string? module, string className, JsonObject config, string? registeredName) =>
        new()
        {
            ["module"] = module,
            ["class_name"] = className,
            ["config"] = config,
            ["registered_name"] = registeredName,
        };

    /// <summary>Returns a shape as a list, with null for unknown dimensions.</summary>
    public static JsonArray ToJson(Shape shape) => new([.. shape.Select(d => d is { } n ? (JsonNode)n : null)]);

    private static JsonObject Entry(string className, JsonObject config, KerasForm form)
    {
        bool isKeras =
            LayerRegistry.IsBuiltIn(className)
            && (
                !s_ours.Contains(className)
                || (className == nameof(AdaptiveAveragePooling2D) && form == KerasForm.Keras3)
            );
        if (form == KerasForm.Keras2)
        {
            return new JsonObject
            {
                ["class_name"] = isKeras ? className : KerasConfigWriter.Package + className,
                ["config"] = config,
            };
        }
        foreach ((string key, JsonNode? value) in config.ToArray())
        {
            if (key.EndsWith("_initializer", StringComparison.Ordinal) && value is JsonObject initializer)
            {
                config[key] = Object(
                    "keras.initializers",
                    initializer["class_name"]!.ToString(),
                    initializer["config"]!.DeepClone().AsObject(),
                    null
                );
            }
        }
        foreach ((string key, JsonNode? value) in config.ToArray())
        {
            if (PenaltyConfig.IsKey(key) && value is JsonObject penalty)
            {
                config[key] = Penalty(key, penalty);
            }
        }
        return isKeras
            ? Object("keras.layers", className, config, null)
            : Object(null, className, config, KerasConfigWriter.Package + className);
    }

    private static JsonObject Penalty(string key, JsonObject penalty)
    {
        string className = penalty["class_name"]!.ToString();
        JsonObject config = penalty["config"]!.DeepClone().AsObject();
        bool isRegularizer = key.EndsWith(PenaltyConfig.Regularizer, StringComparison.Ordinal);
        bool isKeras = isRegularizer
            ? Regularizer.Classes.IsBuiltIn(className)
            : Constraint.Classes.IsBuiltIn(className);
        return isKeras
            ? Object(isRegularizer ? "keras.regularizers" : "keras.constraints", className, config, null)
            : Object(null, className, config, KerasConfigWriter.Package + className);
    }

    // tfjs does not infer channels from the other dimensions, so they are written unless they differ.
    private static int Channels(IReadOnlyList<Node> applications)
    {
        int?[] channels = [.. applications.Select(n => n.Inputs[0].Shape[3]).Distinct()];
        return channels is [{ } one] ? one : -1;
    }

    // Returns the ordinary pool that is the same function for all applications of the layer.
    private static Size2? EvenPool(AdaptiveAveragePooling2D layer, IReadOnlyList<Node> applications)
    {
        Size2? pool = null;
        foreach (Node node in applications)
        {
            Shape x = node.Inputs[0].Shape;
            if (x.HasUnknownSample)
            {
                return null;
            }
            (int height, int width) = (x[1]!.Value, x[2]!.Value);
            Size2 here = (height / layer.OutputSize.Height, width / layer.OutputSize.Width);
            if (
                height % layer.OutputSize.Height != 0
                || width % layer.OutputSize.Width != 0
                || (pool is { } other && other != here)
            )
            {
                return null;
            }
            pool = here;
        }
        return pool;
    }
}
