using System.Globalization;

namespace Lamina;

/// <summary>Distinguishes the counted parts of layers' names, <c>conv2d_2</c>, from names that were given.</summary>
internal sealed class CountedNames
{
    private const string NestedPrefix = "model";
    private const int MaxDigits = 9;

    private readonly Dictionary<string, IReadOnlyList<string>> _prefixes;
    private readonly HashSet<string> _counted = new(StringComparer.Ordinal) { NestedPrefix };
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);

    public CountedNames(IReadOnlyList<ModelTensor> model)
    {
        _prefixes = model.DistinctBy(m => m.Layer).ToDictionary(m => m.Layer, m => m.Prefixes, StringComparer.Ordinal);
        _counted.UnionWith(_prefixes.Values.SelectMany(p => p));
        foreach (string layer in _prefixes.Keys)
        {
            string[] parts = layer.Split('/');
            _given.UnionWith(parts.Where((part, i) => Number(part, PrefixAt(layer, parts, i)) is null));
        }
    }

    /// <summary>Returns the name of a layer of the model.</summary>
    public CountedName OfModel(string layer)
    {
        string[] parts = layer.Split('/');
        return Join(layer, parts, i => PrefixAt(layer, parts, i));
    }

    /// <summary>Returns the name of a layer of a file.</summary>
    public CountedName OfFile(string layer)
    {
        string[] parts = layer.Split('/');
        return Join(
            layer,
            parts,
            i =>
                _given.Contains(parts[i])
                    ? null
                    : new[] { parts[i], BaseOf(parts[i]) }.FirstOrDefault(b => _counted.Contains(b))
        );
    }

    private string PrefixAt(string layer, string[] parts, int i)
    {
        IReadOnlyList<string> own = _prefixes[layer];
        int fromEnd = parts.Length - i;
        return fromEnd <= own.Count ? own[^fromEnd] : NestedPrefix;
    }

    private static CountedName Join(string layer, string[] parts, Func<int, string?> prefixAt)
    {
        var form = new string[parts.Length];
        var numbers = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            string? prefix = prefixAt(i);
            int? number = prefix is null ? null : Number(parts[i], prefix);
            // Names contain no control characters, so that no given name looks like a counted one.
            form[i] = number is null ? parts[i] : prefix + '\0';
            numbers[i] = number ?? 0;
        }
        return new CountedName(layer, string.Join('/', form), numbers);
    }

    private static string BaseOf(string name) => name[..Math.Max(0, name.LastIndexOf('_'))];

    /// <summary>
    /// Returns the number of a counted name, 0 for the bare prefix; <see langword="null"/> for any other name.
    /// </summary>
    private static int? Number(string name, string prefix)
    {
        if (name == prefix)
        {
            return 0;
        }
        bool isCounted =
            name.Length > prefix.Length + 1
            && name.StartsWith(prefix, StringComparison.Ordinal)
            && name[prefix.Length] == '_'
            && name[prefix.Length + 1] != '0'
            && name.Length - prefix.Length - 1 <= MaxDigits
            && name.AsSpan(prefix.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;
        return isCounted ? int.Parse(name.AsSpan(prefix.Length + 1), CultureInfo.InvariantCulture) : null;
    }
}

/// <summary>A layer's name, with its counted parts separated.</summary>
/// <param name="Layer">The name.</param>
/// <param name="Form">The name without numbers, equal for layers that differ only by them.</param>
/// <param name="Numbers">The numbers, 0 where there is none.</param>
internal sealed record CountedName(string Layer, string Form, int[] Numbers) : IComparable<CountedName>
{
    /// <inheritdoc/>
    public int CompareTo(CountedName? other) =>
        other is null ? 1 : Numbers.AsSpan().SequenceCompareTo(other.Numbers.AsSpan());
}
