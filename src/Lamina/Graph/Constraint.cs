using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A condition that a weight meets after each update. Names convert, with Keras's defaults: <c>"max_norm"</c>,
/// <c>"non_neg"</c>, <c>"unit_norm"</c>, <c>"min_max_norm"</c>. For a custom one, derive from this record.
/// </summary>
public abstract record Constraint
{
    private static readonly ConfigClasses<Constraint> s_classes = new(
        "constraint",
        [
            ("MaxNorm", c => new MaxNorm(c.Double("max_value", 2), AxesOf(c))),
            ("NonNeg", _ => new NonNeg()),
            ("UnitNorm", c => new UnitNorm(AxesOf(c))),
            (
                "MinMaxNorm",
                c => new MinMaxNorm(c.Double("min_value", 0), c.Double("max_value", 1), c.Double("rate", 1), AxesOf(c))
            ),
        ]
    );

    /// <summary>Changes the values so that they meet the condition.</summary>
    /// <param name="values">The weight's values, in the order of its shape.</param>
    /// <param name="shape">The weight's shape.</param>
    public abstract void Apply(Span<float> values, Shape shape);

    /// <summary>Returns the arguments with Keras's keys, as saved models contain them.</summary>
    public virtual JsonObject GetConfig() => [];

    /// <summary>Registers a custom constraint, so that saved models with it can be loaded.</summary>
    /// <param name="className">The name of the class.</param>
    /// <param name="create">Creates it from its config.</param>
    public static void Register(string className, Func<LayerConfigReader, Constraint> create) =>
        s_classes.Register(className, create);

    /// <summary>Returns the constraint with this Keras name.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Constraint(string name) => FromName(name);

    /// <summary>Returns the constraint with this Keras name, with its defaults.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Constraint FromName(string name) =>
        name switch
        {
            "max_norm" => new MaxNorm(),
            "non_neg" => new NonNeg(),
            "unit_norm" => new UnitNorm(),
            "min_max_norm" => new MinMaxNorm(),
            _ => throw new ArgumentException(
                $"'{name}' is not a constraint. Use max_norm, non_neg, unit_norm or min_max_norm.",
                nameof(name)
            ),
        };

    internal static ConfigClasses<Constraint> Classes => s_classes;

    private static IReadOnlyList<int> AxesOf(LayerConfigReader config) => config.IntOrInts("axis", 0);
}

/// <summary>A constraint that every value is at least 0.</summary>
public sealed record NonNeg : Constraint
{
    /// <inheritdoc/>
    public override void Apply(Span<float> values, Shape shape)
    {
        foreach (ref float value in values)
        {
            // NaN stays.
            value = value < 0 ? 0 : value;
        }
    }
}

/// <summary>
/// A constraint on the Euclidean norm of the values along some axes: 0 for a dense kernel's inputs of each unit,
/// [0, 1, 2] for each filter of a convolution.
/// </summary>
public abstract record NormConstraint : Constraint
{
    private const double Epsilon = 1e-7;

    private protected NormConstraint(IReadOnlyList<int>? axes) => Axes = [.. axes ?? [0]];

    /// <summary>The axes along which a norm is computed.</summary>
    public IReadOnlyList<int> Axes { get; }

    /// <inheritdoc/>
    public override void Apply(Span<float> values, Shape shape)
    {
        int[] dims = shape.ToArray();
        if (
            Axes.FirstOrDefault(a => a >= dims.Length || a < -dims.Length, int.MaxValue)
            is not int.MaxValue
                and var axis
        )
        {
            throw new LaminaException(
                $"{GetType().Name}: the axis {axis} is not one of a weight of shape {shape}. Use another axis."
            );
        }
        bool[] reduced = new bool[dims.Length];
        foreach (int a in Axes)
        {
            reduced[a < 0 ? a + dims.Length : a] = true;
        }
        int[] group = GroupOf(dims, reduced);
        var squares = new double[group.Length == 0 ? 0 : group.Max() + 1];
        for (int i = 0; i < values.Length; i++)
        {
            squares[group[i]] += (double)values[i] * values[i];
        }
        for (int i = 0; i < values.Length; i++)
        {
            double norm = Math.Sqrt(squares[group[i]]);
            values[i] = (float)(values[i] * (Desired(norm) / (norm + Epsilon)));
        }
    }

    /// <summary>Returns the norm that replaces another one.</summary>
    private protected abstract double Desired(double norm);

    /// <summary>Returns <see langword="true"/> if axes are equal.</summary>
    private protected bool HasAxesOf(NormConstraint other) => Axes.SequenceEqual(other.Axes);

    private protected JsonNode AxisJson =>
        Axes is [var one] ? JsonValue.Create(one) : new JsonArray([.. Axes.Select(a => JsonValue.Create(a))]);

    // The index of each element's norm: its place among the axes that remain.
    private static int[] GroupOf(int[] dims, bool[] reduced)
    {
        var result = new int[dims.Aggregate(1, (a, b) => a * b)];
        int[] at = new int[dims.Length];
        for (int i = 0; i < result.Length; i++)
        {
            int index = 0;
            for (int d = 0; d < dims.Length; d++)
            {
                index = reduced[d] ? index : (index * dims[d]) + at[d];
            }
            result[i] = index;
            for (int d = dims.Length - 1; d >= 0 && ++at[d] == dims[d]; d--)
            {
                at[d] = 0;
            }
        }
        return result;
    }
}

/// <summary>A constraint that norms are at most a value; longer vectors are scaled down. Like Keras's MaxNorm.</summary>
public sealed record MaxNorm : NormConstraint
{
    /// <summary>Creates the constraint.</summary>
    /// <param name="maxValue">The greatest norm, at least 0. Default: 2.</param>
    /// <param name="axes">The axes along which a norm is computed; <see langword="null"/> for axis 0.</param>
    public MaxNorm(double maxValue = 2, IReadOnlyList<int>? axes = null)
        : base(axes) =>
        MaxValue =
            maxValue >= 0
                ? maxValue
                : throw new ArgumentOutOfRangeException(
                    nameof(maxValue),
                    $"maxValue is {maxValue}; it must be at least 0."
                );

    /// <summary>The greatest norm.</summary>
    public double MaxValue { get; }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["max_value"] = MaxValue, ["axis"] = AxisJson };

    /// <summary>Returns <see langword="true"/> if the arguments are equal.</summary>
    public bool Equals(MaxNorm? other) => other is not null && MaxValue == other.MaxValue && HasAxesOf(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(MaxValue, Axes.Count);

    private protected override double Desired(double norm) => Math.Min(norm, MaxValue);
}

/// <summary>A constraint that norms are 1. Like Keras's UnitNorm.</summary>
public sealed record UnitNorm : NormConstraint
{
    /// <summary>Creates the constraint.</summary>
    /// <param name="axes">The axes along which a norm is computed; <see langword="null"/> for axis 0.</param>
    public UnitNorm(IReadOnlyList<int>? axes = null)
        : base(axes) { }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["axis"] = AxisJson };

    /// <summary>Returns <see langword="true"/> if the arguments are equal.</summary>
    public bool Equals(UnitNorm? other) => other is not null && HasAxesOf(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Axes.Count;

    private protected override double Desired(double norm) => 1;
}

/// <summary>A constraint that norms move into a range at a rate. Like Keras's MinMaxNorm.</summary>
public sealed record MinMaxNorm : NormConstraint
{
    /// <summary>Creates the constraint.</summary>
    /// <param name="minValue">The least norm, at least 0. Default: 0.</param>
    /// <param name="maxValue">The greatest norm, at least <paramref name="minValue"/>. Default: 1.</param>
    /// <param name="rate">The share of the way into the range, in [0, 1]. Default: 1.</param>
    /// <param name="axes">The axes along which a norm is computed; <see langword="null"/> for axis 0.</param>
    public MinMaxNorm(double minValue = 0, double maxValue = 1, double rate = 1, IReadOnlyList<int>? axes = null)
        : base(axes)
    {
        if (!(minValue >= 0 && minValue <= maxValue))
        {
            throw new ArgumentOutOfRangeException(
                nameof(minValue),
                $"The norms are from {minValue} to {maxValue}; they must be at least 0 and ascending."
            );
        }
        (MinValue, MaxValue) = (minValue, maxValue);
        Rate = rate is >= 0 and <= 1
            ? rate
            : throw new ArgumentOutOfRangeException(nameof(rate), $"rate is {rate}; it must be from 0 to 1.");
    }

    /// <summary>The least norm.</summary>
    public double MinValue { get; }

    /// <summary>The greatest norm.</summary>
    public double MaxValue { get; }

    /// <summary>The share of the way into the range.</summary>
    public double Rate { get; }

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        new()
        {
            ["min_value"] = MinValue,
            ["max_value"] = MaxValue,
            ["rate"] = Rate,
            ["axis"] = AxisJson,
        };

    /// <summary>Returns <see langword="true"/> if the arguments are equal.</summary>
    public bool Equals(MinMaxNorm? other) =>
        other is not null
        && (MinValue, MaxValue, Rate) == (other.MinValue, other.MaxValue, other.Rate)
        && HasAxesOf(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(MinValue, MaxValue, Rate);

    private protected override double Desired(double norm) =>
        (Rate * Math.Clamp(norm, MinValue, MaxValue)) + ((1 - Rate) * norm);
}
