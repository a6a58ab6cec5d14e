using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// A function that training minimizes. For a custom loss, derive from this class and write <see cref="Call"/> in ops;
/// its gradient follows. A Keras name converts: <c>"sparse_categorical_crossentropy"</c>, <c>"binary_crossentropy"</c>,
/// <c>"mean_squared_error"</c> (<c>"mse"</c>). The value is the mean over the batch.
/// </summary>
public abstract class Loss
{
    private static readonly Registry<Loss> s_registry = new();

    /// <summary>Creates a loss.</summary>
    /// <param name="name">The name in its config and in messages. Default: the name of the type.</param>
    protected Loss(string? name = null) => Name = name ?? GetType().Name;

    /// <summary>The name, as in Keras if Keras has the loss.</summary>
    public string Name { get; }

    /// <summary>Computes the loss of each sample, written in ops.</summary>
    /// <param name="target">The targets as the data contains them; (batch) becomes (batch, 1).</param>
    /// <param name="output">The model's output.</param>
    /// <returns>One value per sample, (batch, …); training minimizes the mean.</returns>
    public abstract Symbol Call(Symbol target, Symbol output);

    /// <summary>Registers a custom loss, so that <see cref="FromConfig"/> reads its configs.</summary>
    /// <param name="name">The <c>name</c> in the config.</param>
    /// <param name="create">Creates the loss from its config.</param>
    public static void Register(string name, Func<JsonObject, Loss> create) => s_registry.Add(name, create);

    /// <summary>Returns the loss with this Keras name.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Loss(string name) => FromName(name);

    /// <summary>Returns the loss with this Keras name, computed from probabilities.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Loss FromName(string name) =>
        BuiltInLosses.Find(name)
        ?? throw new ArgumentException(
            $"'{name}' is not a loss. Use {string.Join(", ", BuiltInLosses.Keys)}.",
            nameof(name)
        );

    /// <summary>
    /// Returns the loss's arguments, with Keras's keys; <see cref="FromConfig"/> reads them. A custom loss adds its
    /// arguments to those of the base: a resumed run compares them.
    /// </summary>
    public virtual JsonObject GetConfig()
    {
        JsonObject config = new() { ["name"] = Name };
        Write(config);
        return config;
    }

    /// <summary>Creates a loss from its config. Missing keys have the constructor's defaults.</summary>
    /// <exception cref="ConfigException">A key is unknown, or a value is out of range.</exception>
    public static Loss FromConfig(JsonObject config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return s_registry.TryCreate(config) ?? BuiltInLosses.Read(config);
    }

    /// <summary>Checks the values of targets, which <see cref="Call"/> cannot.</summary>
    /// <param name="target">The targets of a batch.</param>
    /// <param name="output">The shape of the model's output.</param>
    /// <exception cref="LaminaException">A value is not allowed.</exception>
    internal virtual void RequireValues(NDArray target, Shape output) { }

    /// <summary>Writes the loss's own keys.</summary>
    private protected virtual void Write(JsonObject config) { }

    private protected static void Write(JsonObject config, bool fromLogits, double labelSmoothing)
    {
        config["from_logits"] = fromLogits;
        config["label_smoothing"] = labelSmoothing;
    }

    private protected static double Smoothing(double labelSmoothing) =>
        labelSmoothing is >= 0 and <= 1
            ? labelSmoothing
            : throw new ArgumentOutOfRangeException(
                nameof(labelSmoothing),
                $"labelSmoothing is {labelSmoothing}; it must be from 0 to 1."
            );

    private protected static double Share(double value, string name) =>
        value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be from 0 to 1.");
}
