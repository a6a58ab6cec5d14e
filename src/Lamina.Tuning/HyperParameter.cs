using System.Text.Json.Nodes;

namespace Lamina.Tuning;

/// <summary>The definition of a hyperparameter: a name, and the values that a search draws from.</summary>
public sealed class HyperParameter
{
    private const double Between = 0.618;
    private readonly double _min;
    private readonly double _max;
    private readonly double? _step;
    private readonly bool _isWhole;

    private HyperParameter(string name, double min, double max, double? step, string sampling, bool isWhole)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Require(double.IsFinite(min) && double.IsFinite(max) && min < max, $"has no range from {min} to {max}");
        Require(sampling is "linear" or "log", $"cannot be sampled '{sampling}'. Use linear or log");
        Require(sampling == "linear" || min > 0, $"starts at {min}; a logarithmic range must be above 0");
        Require(step is null or > 0, $"has the step {step}; it must be above 0");
        Require(step is null || sampling == "linear", "has both a step and a logarithmic range. Use one of them");
        (Name, _min, _max, _step, _isWhole, IsLogarithmic) = (name, min, max, step, isWhole, sampling == "log");

        void Require(bool holds, string problem)
        {
            if (!holds)
            {
                throw new LaminaException(FormattableString.Invariant($"{name}: the hyperparameter {problem}."));
            }
        }
    }

    private HyperParameter(string name, IReadOnlyList<object> choices)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (choices.Count == 0)
        {
            throw new LaminaException($"{name}: the hyperparameter has no choices. Name at least one.");
        }
        (Name, Choices) = (name, choices);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The values to choose from; <see langword="null"/> for a range.</summary>
    public IReadOnlyList<object>? Choices { get; }

    /// <summary><see langword="true"/> if the logarithm of the value is distributed uniformly.</summary>
    public bool IsLogarithmic { get; }

    /// <summary>Creates a hyperparameter of whole numbers.</summary>
    /// <param name="name">The name.</param>
    /// <param name="min">The smallest value.</param>
    /// <param name="max">The largest value, included.</param>
    /// <param name="step">The distance of values. Default: 1.</param>
    /// <param name="sampling"><c>linear</c> or <c>log</c>, which allows no step. Default: <c>linear</c>.</param>
    /// <exception cref="LaminaException">The range is empty or does not fit the sampling.</exception>
    public static HyperParameter Int(string name, int min, int max, int step = 1, string sampling = "linear") =>
        new(name, min, max, sampling == "log" && step == 1 ? null : step, sampling, isWhole: true);

    /// <summary>Creates a hyperparameter of real numbers.</summary>
    /// <param name="name">The name.</param>
    /// <param name="min">The smallest value.</param>
    /// <param name="max">The largest value.</param>
    /// <param name="step">The distance of values. Default: none, any value.</param>
    /// <param name="sampling"><c>linear</c> or <c>log</c>, which allows no step. Default: <c>linear</c>.</param>
    /// <exception cref="LaminaException">The range is empty or does not fit the sampling.</exception>
    public static HyperParameter Float(
        string name,
        double min,
        double max,
        double? step = null,
        string sampling = "linear"
    ) => new(name, min, max, step, sampling, isWhole: false);

    /// <summary>Creates a hyperparameter of listed values, all equally probable.</summary>
    /// <param name="name">The name.</param>
    /// <param name="values">The values: strings, whole numbers, real numbers or truth values.</param>
    /// <exception cref="LaminaException">There are none, or one is of another type.</exception>
    public static HyperParameter Choice<T>(string name, params IReadOnlyList<T> values)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(values);
        object? other = values.Cast<object>().FirstOrDefault(v => v is not (string or int or double or bool));
        return other is null
            ? new HyperParameter(name, [.. values.Cast<object>()])
            : throw new LaminaException(
                $"{name}: a choice is of type {other.GetType().Name}. Use string, int, double or bool."
            );
    }

    /// <summary>Returns the name and the values that are drawn.</summary>
    public override string ToString()
    {
        if (Choices is not null)
        {
            return $"{Name} {string.Join('|', Choices.Select(HyperValue.Short))}";
        }
        string step = _step is { } distance && !(_isWhole && distance == 1) ? $" by {HyperValue.Short(distance)}" : "";
        return $"{Name} {HyperValue.Short(_min)}..{HyperValue.Short(_max)}{step}{(IsLogarithmic ? " log" : "")}";
    }

    /// <summary>Returns a random value.</summary>
    internal object Draw(ref RandomStream random)
    {
        if (Choices is not null)
        {
            return Choices[random.NextInt32(Choices.Count)];
        }
        if (_step is { } step)
        {
            // A step such as 0.1 is not exact: the last value may be a rounding error beyond the range.
            int count = (int)Math.Floor(((_max - _min) / step) + 1e-9) + 1;
            return Typed(Math.Min(_max, _min + (step * random.NextInt32(count))));
        }
        double share = random.NextDouble();
        // The largest whole number is as probable as its neighbors.
        double end = _isWhole ? _max + 1 : _max;
        double value = IsLogarithmic
            ? Math.Exp(Math.Log(_min) + (share * (Math.Log(end) - Math.Log(_min))))
            : _min + (share * (end - _min));
        return Typed(Math.Clamp(_isWhole ? Math.Floor(value) : value, _min, _max));
    }

    /// <summary>Returns <see langword="true"/> if a search could have drawn the value.</summary>
    internal bool Contains(object value) =>
        Choices is not null ? Choices.Contains(value)
        : _isWhole ? value is int whole && whole >= _min && whole <= _max
        : value is double real && real >= _min && real <= _max;

    /// <summary>
    /// The values at the ends of the range, with one between that is no whole number unless all are; or all choices.
    /// </summary>
    internal IEnumerable<object> Probes =>
        Choices
        ?? (
            _isWhole || _step is not null
                ? [Typed(_min), Typed(_max)]
                : [Typed(_min), Typed(_max), _min + (Between * (_max - _min))]
        );

    /// <summary>Returns the definition as JSON.</summary>
    internal JsonObject ToJson() =>
        Choices is not null
            ? new JsonObject { ["choices"] = new JsonArray([.. Choices.Select(HyperValue.ToJson)]) }
            : new JsonObject
            {
                ["type"] = _isWhole ? "int" : "float",
                ["min"] = _min,
                ["max"] = _max,
                ["step"] = _step,
                ["sampling"] = IsLogarithmic ? "log" : "linear",
            };

    // Not a conditional expression, which would make the whole number real. The analyzer sees the real number only.
#pragma warning disable CA1859
    private object Typed(double value)
    {
        if (_isWhole)
        {
            return (int)value;
        }
        return value;
    }
#pragma warning restore CA1859
}
