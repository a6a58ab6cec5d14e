using System.Diagnostics.CodeAnalysis;
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

    /// <summary>Returns values that meet the condition, written in ops.</summary>
    /// <param name="weight">The weight's values, in its public shape; the result has the same.</param>
    public abstract Symbol Call(Symbol weight);

    /// <summary>Returns the arguments with Keras's keys, as saved models contain them.</summary>
    public virtual JsonObject GetConfig() => [];

    /// <summary>Registers a custom constraint, so that saved models with it can be loaded.</summary>
    /// <param name="className">The name of the class.</param>
    /// <param name="create">Creates it from its config.</param>
    public static void Register(string className, Func<LayerConfigReader, Constraint> create) =>
        s_classes.Register(className, create);

    /// <summary>Returns the constraint with this Keras name; <see langword="null"/> for <see langword="null"/>.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    [return: NotNullIfNotNull(nameof(name))]
    public static implicit operator Constraint?(string? name) => name is null ? null : FromName(name);

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
    public override Symbol Call(Symbol weight) => Ops.Maximum(weight, 0);
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
    /// <exception cref="ShapeException">The weight does not have one of the axes.</exception>
    public override Symbol Call(Symbol weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        int rank = weight.Shape.Rank;
        if (Axes.FirstOrDefault(a => a >= rank || a < -rank, int.MaxValue) is not int.MaxValue and var axis)
        {
            throw new ShapeException(
                $"the axis {axis} is not one of a weight of shape {weight.Shape}. Use another axis."
            );
        }
        Symbol squares = Ops.Sum(
            Ops.Square(weight),
            [.. Axes.Select(a => (a + rank) % rank).Distinct()],
            keepDims: true
        );
        Symbol norms = Ops.Sqrt(squares);
        return weight * (Desired(norms) / (norms + Epsilon));
    }

    /// <summary>Returns the norms that replace others.</summary>
    private protected abstract Symbol Desired(Symbol norms);

    /// <summary>Returns <see langword="true"/> if axes are equal.</summary>
    private protected bool HasAxesOf(NormConstraint other) => Axes.SequenceEqual(other.Axes);

    private protected JsonNode AxisJson =>
        Axes is [var one] ? JsonValue.Create(one) : new JsonArray([.. Axes.Select(a => JsonValue.Create(a))]);
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

    private protected override Symbol Desired(Symbol norms) => Ops.Minimum(norms, MaxValue);
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

    private protected override Symbol Desired(Symbol norms) => 1;
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

    private protected override Symbol Desired(Symbol norms) =>
        (Rate * Ops.Clip(norms, MinValue, MaxValue)) + ((1 - Rate) * norms);
}
