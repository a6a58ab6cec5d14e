using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina.Torch;

/// <summary>The custom kinds of a type, by the name in their configs.</summary>
internal sealed class Registry<T>
    where T : class
{
    private readonly ConcurrentDictionary<string, Func<JsonObject, T>> _factories = new(StringComparer.Ordinal);

    /// <summary>Adds or replaces a kind.</summary>
    public void Add(string name, Func<JsonObject, T> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        _factories[name] = create;
    }

    /// <summary>Returns <see langword="true"/> if a kind has the name of a config.</summary>
    public bool Knows(JsonObject config) =>
        config["name"] is JsonValue value && value.TryGetValue(out string? name) && _factories.ContainsKey(name);

    /// <summary>Creates an instance from a config; <see langword="null"/> if no kind has its name.</summary>
    public T? TryCreate(JsonObject config) =>
        config["name"] is JsonValue value
        && value.TryGetValue(out string? name)
        && _factories.TryGetValue(name, out Func<JsonObject, T>? create)
            ? create(config)
            : null;
}
