using System.Globalization;

namespace Lamina;

/// <summary>The layers that a layer applies in its Call, with names that depend on nothing but the layer.</summary>
internal sealed class LayerParts
{
    private readonly List<Layer> _layers = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The layers in the order of their first application.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Adds a layer, unless it is there.</summary>
    /// <returns>The layer's name among the parts; <see langword="null"/> if it is there.</returns>
    public string? Add(Layer part)
    {
        if (_layers.Contains(part))
        {
            return null;
        }
        _layers.Add(part);
        string prefix = part.CountedPrefix;
        bool isCounted = IsCounted(part.Name, prefix);
        string basis = isCounted ? prefix : part.Name;
        string name = basis;
        for (int i = 1; !_names.Add(name); i++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{basis}_{i}");
        }
        return name;
    }

    // The number of dense_7 tells how many the process made before: the same code has another one the next time.
    private static bool IsCounted(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && (
            name.Length == prefix.Length
            || (
                name.Length > prefix.Length + 1
                && name[prefix.Length] == '_'
                && name.AsSpan(prefix.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0
            )
        );
}
