using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The classes of a kind of object in configs, written as <c>{"class_name": …, "config": {…}}</c>.</summary>
internal sealed class ConfigClasses<T>
    where T : class
{
    private readonly string _kind;
    private readonly ConcurrentDictionary<string, Func<LayerConfigReader, T>> _make = new(StringComparer.Ordinal);
    private readonly HashSet<string> _builtIn;

    public ConfigClasses(string kind, (string ClassName, Func<LayerConfigReader, T> Make)[] builtIn)
    {
        _kind = kind;
        _builtIn = [.. builtIn.Select(b => b.ClassName)];
        foreach ((string className, Func<LayerConfigReader, T> make) in builtIn)
        {
            _make[className] = make;
        }
    }

    /// <summary>Returns <see langword="true"/> if Keras has the class too.</summary>
    public bool IsBuiltIn(string className) => _builtIn.Contains(className);

    /// <summary>Returns <see langword="true"/> if objects of the class can be read.</summary>
    public bool Knows(string className) => _make.ContainsKey(className);

    /// <summary>Adds a custom class.</summary>
    public void Register(string className, Func<LayerConfigReader, T> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(className);
        ArgumentNullException.ThrowIfNull(create);
        if (_builtIn.Contains(className))
        {
            throw new ArgumentException($"The {_kind} class '{className}' is built in.", nameof(className));
        }
        _make[className] = create;
    }

    /// <summary>Reads an object, or a name for which <paramref name="fromName"/> returns one.</summary>
    /// <exception cref="ConfigException">The class is unknown, or the config is malformed.</exception>
    public T Read(LayerConfigReader owner, string key, JsonNode node, Func<string, T> fromName)
    {
        try
        {
            if (node is JsonValue value && value.TryGetValue(out string? name))
            {
                return fromName(name);
            }
            if (
                node is not JsonObject
                || node["class_name"] is not JsonValue v
                || !v.TryGetValue(out string? className)
            )
            {
                throw new ConfigException(
                    $"{owner}: \"{key}\" is not a {_kind}'s name or an object with \"class_name\"."
                );
            }
            if (!_make.TryGetValue(className, out Func<LayerConfigReader, T>? make))
            {
                throw new ConfigException(
                    $"{owner}: \"{key}\": unknown {_kind} class '{className}'. Lamina knows {string.Join(", ", _make.Keys.Order(StringComparer.Ordinal))}; register a class of your own before loading."
                );
            }
            var reader = new LayerConfigReader(className, node["config"] as JsonObject ?? [], $"{owner}, {key}");
            T result = make(reader);
            reader.RequireAllRead();
            return result;
        }
        catch (ArgumentException e)
        {
            throw new ConfigException($"{owner}: \"{key}\": {LayerRegistry.OneLine(e)}");
        }
    }
}
