using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that applies a function of symbols, written in <see cref="Ops"/>. Like Keras's Lambda. A model that contains
/// it can be saved and loaded if the function is registered under a name.
/// </summary>
/// <param name="function">The function. It cannot create weights; write a <see cref="Layer"/> for that.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>lambda</c>.</param>
/// <exception cref="ArgumentNullException"><paramref name="function"/> is <see langword="null"/>.</exception>
public sealed class Lambda(Func<Symbol, Symbol> function, string? name = null) : Layer(name), IFromConfig<Lambda>
{
    private static readonly ConcurrentDictionary<string, Func<Symbol, Symbol>> s_registered = new(
        StringComparer.Ordinal
    );

    private readonly Func<Symbol, Symbol> _function = function ?? throw new ArgumentNullException(nameof(function));

    /// <summary>Registers a function, so that models which use it can be saved and loaded.</summary>
    /// <param name="name">The name in files, not used by another function.</param>
    /// <param name="function">The function. Use the same object for layers.</param>
    /// <returns>The function.</returns>
    /// <exception cref="ArgumentException">Another function is registered under this name.</exception>
    public static Func<Symbol, Symbol> Register(string name, Func<Symbol, Symbol> function)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(function);
        return s_registered.GetOrAdd(name, function) == function
            ? function
            : throw new ArgumentException($"The function '{name}' is already registered.", nameof(name));
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => _function(inputs[0]);

    /// <inheritdoc/>
    public static Lambda FromConfig(LayerConfigReader config)
    {
        if (config.OptionalString("registered_function") is not { } registered)
        {
            throw new ConfigException(
                $"{config}: contains code of Python, which is not run. Load only the weights into a model built in code."
            );
        }
        return s_registered.TryGetValue(registered, out Func<Symbol, Symbol>? function)
            ? new Lambda(function, config.Name)
            : throw new ConfigException(
                $"{config}: the function '{registered}' is not registered. Call Lambda.Register(\"{registered}\", …) first."
            );
    }

    /// <inheritdoc/>
    /// <exception cref="ConfigException">The function is not registered.</exception>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["registered_function"] =
            s_registered.FirstOrDefault(p => p.Value == _function).Key
            ?? throw new ConfigException(
                $"{this}: its function has no name in files. Call Lambda.Register(\"my_function\", …) before building the layer."
            );
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Lambda"/>
    public static Call<Lambda> Lambda(Func<Symbol, Symbol> function, string? name = null) =>
        new Lambda(function, name).Apply;
}
