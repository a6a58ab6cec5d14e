using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina.Torch;

/// <summary>A program's own kinds of something, by the name in their configs.</summary>
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

    /// <summary><see langword="true"/> if a kind has the name of a config.</summary>
    public bool Knows(JsonObject config) =>
        config["name"] is JsonValue value && value.TryGetValue(out string? name) && _factories.ContainsKey(name);

    /// <summary>Creates what a config describes; <see langword="null"/> if no kind has its name.</summary>
    public T? TryCreate(JsonObject config) =>
        config["name"] is JsonValue value
        && value.TryGetValue(out string? name)
        && _factories.TryGetValue(name, out Func<JsonObject, T>? create)
            ? create(config)
            : null;
}
