using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Regularizers and constraints in the configs of layers, by the names of weights.</summary>
internal static class PenaltyConfig
{
    public const string Regularizer = "_regularizer";
    public const string Constraint = "_constraint";
    private const string Activity = "activity_regularizer";

    /// <summary>Returns <see langword="true"/> if a key is that of a regularizer or constraint.</summary>
    public static bool IsKey(string key) =>
        key.EndsWith(Regularizer, StringComparison.Ordinal) || key.EndsWith(Constraint, StringComparison.Ordinal);

    /// <summary>Returns <see langword="true"/> if the class of a regularizer or constraint can be read.</summary>
    public static bool IsKnown(string key, JsonNode? value) =>
        value switch
        {
            JsonValue => true,
            JsonObject { } o when o["class_name"] is JsonValue v && v.TryGetValue(out string? className) =>
                key.EndsWith(Regularizer, StringComparison.Ordinal)
                    ? Lamina.Regularizer.Classes.Knows(className)
                    : Lamina.Constraint.Classes.Knows(className),
            _ => false,
        };

    /// <summary>Returns the regularizer or constraint as <c>class_name</c> and <c>config</c>.</summary>
    public static JsonObject ToJson(object penalty) =>
        new()
        {
            ["class_name"] = penalty.GetType().Name,
            ["config"] = penalty is Regularizer regularizer
                ? regularizer.GetConfig()
                : ((Constraint)penalty).GetConfig(),
        };

    /// <summary>Sets what a config contains on a layer.</summary>
    /// <exception cref="ConfigException">A value is malformed.</exception>
    public static void Read(Layer layer, LayerConfigReader owner, JsonObject config)
    {
        foreach ((string key, JsonNode? node) in config)
        {
            if (node is null || !IsKey(key))
            {
                continue;
            }
            owner.Ignore(key);
            if (key.EndsWith(Constraint, StringComparison.Ordinal))
            {
                layer.SetConstraint(
                    WeightOf(layer, key[..^Constraint.Length]),
                    Lamina.Constraint.Classes.Read(owner, key, node, Lamina.Constraint.FromName)
                );
                continue;
            }
            Regularizer regularizer = Lamina.Regularizer.Classes.Read(owner, key, node, Lamina.Regularizer.FromName);
            if (key == Activity)
            {
                layer.ActivityRegularizer = regularizer;
                continue;
            }
            layer.SetRegularizer(WeightOf(layer, key[..^Regularizer.Length]), regularizer);
        }
    }

    // Keras's depthwise_regularizer belongs to the weight depthwise_kernel.
    private static string WeightOf(Layer layer, string argument) =>
        layer.ArgumentNameOf(argument + "_kernel") == argument ? argument + "_kernel" : argument;

    /// <summary>Sets the regularizers and constraints of the kernels of separable convolutions.</summary>
    public static TLayer WithDepthwise<TLayer>(
        this TLayer layer,
        Regularizer? depthwise,
        Constraint? depthwiseConstraint,
        Regularizer? pointwise = null,
        Constraint? pointwiseConstraint = null
    )
        where TLayer : Layer
    {
        layer.SetRegularizer("depthwise_kernel", depthwise);
        layer.SetConstraint("depthwise_kernel", depthwiseConstraint);
        layer.SetRegularizer("pointwise_kernel", pointwise);
        layer.SetConstraint("pointwise_kernel", pointwiseConstraint);
        return layer;
    }

    /// <summary>Sets the regularizers and constraints of a layer with a kernel and a bias.</summary>
    public static TLayer With<TLayer>(
        this TLayer layer,
        Regularizer? kernel,
        Regularizer? bias,
        Regularizer? activity,
        Constraint? kernelConstraint,
        Constraint? biasConstraint
    )
        where TLayer : Layer
    {
        layer.SetRegularizer("kernel", kernel);
        layer.SetRegularizer("bias", bias);
        layer.SetConstraint("kernel", kernelConstraint);
        layer.SetConstraint("bias", biasConstraint);
        layer.ActivityRegularizer = activity;
        return layer;
    }
}
