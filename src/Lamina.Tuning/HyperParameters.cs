using System.Text;

namespace Lamina.Tuning;

/// <summary>
/// The hyperparameters of a trial. A build function asks for each by name, and the search draws its value, as in Keras Tuner.
/// </summary>
/// <remarks>
/// A value depends on the search's seed, the trial and the name alone, so that a function may ask in any order, and for some
/// hyperparameters only if others have certain values.
/// </remarks>
public sealed class HyperParameters
{
    private readonly Dictionary<string, HyperParameter> _definitions = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, object> _values = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, object>? _known;
    private readonly long _seed;
    private readonly long _step;

    /// <summary>Creates the hyperparameters of a new trial.</summary>
    /// <param name="seed">The search's seed.</param>
    /// <param name="trial">The number of the trial, from 1.</param>
    /// <param name="attempt">The number of draws that were rejected because an earlier trial has the same values.</param>
    internal HyperParameters(long seed, int trial, int attempt) =>
        (_seed, _step) = (seed, ((long)trial * SearchRun.MostAttempts) + attempt);

    /// <summary>Creates the hyperparameters of a trial with values.</summary>
    internal HyperParameters(IReadOnlyDictionary<string, object> known) => _known = known;

    /// <summary>The values that were asked for, by name.</summary>
    public IReadOnlyDictionary<string, object> Values => _values;

    /// <summary>The definitions of what was asked for.</summary>
    internal IReadOnlyCollection<HyperParameter> Definitions => _definitions.Values;

    /// <summary>Returns a whole number.</summary>
    /// <inheritdoc cref="HyperParameter.Int"/>
    public int Int(string name, int min, int max, int step = 1, string sampling = "linear") =>
        (int)Value(HyperParameter.Int(name, min, max, step, sampling));

    /// <summary>Returns a real number.</summary>
    /// <inheritdoc cref="HyperParameter.Float"/>
    public double Float(string name, double min, double max, double? step = null, string sampling = "linear") =>
        (double)Value(HyperParameter.Float(name, min, max, step, sampling));

    /// <summary>Returns one of the values.</summary>
    /// <inheritdoc cref="HyperParameter.Choice"/>
    public T Choice<T>(string name, params IReadOnlyList<T> values)
        where T : notnull => (T)Value(HyperParameter.Choice(name, values));

    /// <summary>Returns <see langword="true"/> or <see langword="false"/>.</summary>
    /// <param name="name">The name.</param>
    public bool Boolean(string name) => Choice(name, false, true);

    /// <summary>Returns the value of a hyperparameter.</summary>
    /// <param name="parameter">The definition.</param>
    /// <exception cref="LaminaException">The name is in use with another definition, or the trial has no such value.</exception>
    public object Value(HyperParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        string name = parameter.Name;
        if (_definitions.TryGetValue(name, out HyperParameter? other))
        {
            return other.ToJson().ToJsonString() == parameter.ToJson().ToJsonString()
                ? _values[name]
                : throw new LaminaException(
                    $"{name}: the hyperparameter is asked for twice, with different values to draw."
                );
        }
        object value = _known is null ? Drawn(parameter) : Known(parameter);
        _definitions.Add(name, parameter);
        _values.Add(name, value);
        return value;
    }

    private object Drawn(HyperParameter parameter)
    {
        var random = new RandomStream(_seed, RandomPurpose.Tuning, _step, Hash(parameter.Name));
        return parameter.Draw(ref random);
    }

    private object Known(HyperParameter parameter) =>
        _known!.TryGetValue(parameter.Name, out object? value) && parameter.Contains(value)
            ? value
            : throw new LaminaException(
                $"{parameter.Name}: the trial has {(value is null ? "no such value" : HyperValue.Exact(value) + ", which cannot be drawn")}: "
                    + "the search was begun with other hyperparameters. Use another folder."
            );

    // FNV-1a (Fowler, Noll, Vo); string.GetHashCode differs between processes.
    private static uint Hash(string name)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            hash = unchecked((hash ^ b) * 16777619);
        }
        return hash;
    }
}
