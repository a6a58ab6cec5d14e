using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lamina;

/// <summary>
/// One array or several, by position or by name, as <c>Fit</c> and <c>Evaluate</c> accept them: an array,
/// <c>[a, b]</c>, or <c>new Dictionary&lt;string, NDArray&gt; { ["left"] = a, ["right"] = b }</c>.
/// </summary>
[CollectionBuilder(typeof(ArrayGroup), nameof(Create))]
public sealed class ArrayGroup : IEnumerable<NDArray>
{
    private readonly NDArray[] _arrays;
    private readonly string[]? _names;

    private ArrayGroup(NDArray[] arrays, string[]? names)
    {
        foreach (NDArray array in arrays)
        {
            ArgumentNullException.ThrowIfNull(array, nameof(arrays));
        }
        (_arrays, _names) = (arrays, names);
    }

    /// <summary>Creates a group by position, from a collection expression.</summary>
    public static ArrayGroup Create(ReadOnlySpan<NDArray> arrays) => new(arrays.ToArray(), null);

    /// <summary>Converts one array.</summary>
    [return: NotNullIfNotNull(nameof(array))]
    public static implicit operator ArrayGroup?(NDArray? array) => array is null ? null : new([array], null);

    /// <summary>Converts arrays by position.</summary>
    [return: NotNullIfNotNull(nameof(arrays))]
    public static implicit operator ArrayGroup?(NDArray[]? arrays) => arrays is null ? null : new([.. arrays], null);

    /// <summary>Converts arrays by position.</summary>
    [return: NotNullIfNotNull(nameof(arrays))]
    public static implicit operator ArrayGroup?(List<NDArray>? arrays) =>
        arrays is null ? null : new([.. arrays], null);

    /// <summary>Converts arrays by name: of the input, or of the layer that computes the output.</summary>
    [return: NotNullIfNotNull(nameof(arrays))]
    public static implicit operator ArrayGroup?(Dictionary<string, NDArray>? arrays) =>
        arrays is null ? null : FromDictionary(arrays);

    /// <summary>Returns a group by name: of the input, or of the layer that computes the output.</summary>
    public static ArrayGroup FromDictionary(IReadOnlyDictionary<string, NDArray> arrays)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        return new([.. arrays.Values], [.. arrays.Keys]);
    }

    /// <summary>The number of arrays.</summary>
    public int Count => _arrays.Length;

    /// <inheritdoc/>
    public IEnumerator<NDArray> GetEnumerator() => ((IEnumerable<NDArray>)_arrays).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Returns the arrays in the order of names; <see langword="null"/> for a name that is missing.</summary>
    /// <param name="names">The names of the inputs or outputs.</param>
    /// <param name="owner">The owner of the names, for errors.</param>
    /// <param name="kind">The kind of the names in errors: input or trained output.</param>
    /// <exception cref="LaminaException">A name is unknown.</exception>
    internal NDArray?[] InOrder(IReadOnlyList<string> names, string owner, string kind)
    {
        if (_names is null)
        {
            return [.. _arrays];
        }
        if (_names.FirstOrDefault(n => !names.Contains(n)) is { } unknown)
        {
            throw new LaminaException($"{owner} has no {kind} '{unknown}'. It has {string.Join(", ", names)}.");
        }
        return [.. names.Select(n => Array.IndexOf(_names, n) is >= 0 and var i ? _arrays[i] : null)];
    }

    /// <summary>Returns the arrays in the order of names, one for each.</summary>
    /// <param name="names">The names of the inputs or outputs.</param>
    /// <param name="owner">The owner of the names, for errors.</param>
    /// <param name="kind">The kind of the names in errors: input or trained output.</param>
    /// <exception cref="LaminaException">A name is unknown or missing, or the number of arrays differs.</exception>
    internal NDArray[] AllInOrder(IReadOnlyList<string> names, string owner, string kind)
    {
        NDArray?[] arrays = InOrder(names, owner, kind);
        if (arrays.Length != names.Count)
        {
            throw new LaminaException(
                $"{owner} needs {names.Count} arrays for its {kind}s ({string.Join(", ", names)}), got {arrays.Length}."
            );
        }
        int missing = Array.IndexOf(arrays, null);
        return missing < 0
            ? [.. arrays.Select(a => a!)]
            : throw new LaminaException($"{owner}: there is no array for the {kind} '{names[missing]}'.");
    }
}
