using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A schedule with one rate up to and including each boundary, and another after it, like Keras's. With boundaries 100
/// and 200 and values 1, 0.5 and 0.1, updates 0 to 100 use 1, 101 to 200 use 0.5, all others 0.1.
/// </summary>
public sealed record PiecewiseConstantDecay : LearningRateSchedule
{
    internal const string Key = "piecewise_constant_decay";

    /// <summary>Creates the schedule.</summary>
    /// <param name="boundaries">The updates after which the rate changes, ascending.</param>
    /// <param name="values">The rates, each at least 0; one more than the boundaries.</param>
    /// <exception cref="ArgumentException">
    /// The boundaries are not ascending, or the number of values does not match.
    /// </exception>
    public PiecewiseConstantDecay(IReadOnlyList<long> boundaries, IReadOnlyList<double> values)
        : base(Key)
    {
        ArgumentNullException.ThrowIfNull(boundaries);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != boundaries.Count + 1)
        {
            throw new ArgumentException(
                $"{boundaries.Count} boundaries need {boundaries.Count + 1} values, got {values.Count}.",
                nameof(values)
            );
        }
        if (boundaries.Zip(boundaries.Skip(1)).Any(p => p.First >= p.Second))
        {
            throw new ArgumentException("The boundaries must be ascending.", nameof(boundaries));
        }
        Boundaries = [.. boundaries];
        Values = [.. values.Select(v => Rate(v, nameof(values)))];
    }

    /// <summary>The updates after which the rate changes.</summary>
    public IReadOnlyList<long> Boundaries { get; }

    /// <summary>The rates.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <inheritdoc/>
    public override double At(long update) => Values[Boundaries.Count(b => update > b)];

    /// <summary>Returns <see langword="true"/> if boundaries and values are equal.</summary>
    public bool Equals(PiecewiseConstantDecay? other) =>
        other is not null && Boundaries.SequenceEqual(other.Boundaries) && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Boundaries.Count, Values[0], Values[^1]);

    internal static PiecewiseConstantDecay Read(ConfigReader reader)
    {
        double[] boundaries = reader.Numbers("boundaries");
        double[] values = reader.Numbers("values");
        reader.Done();
        if (boundaries.Any(b => b != Math.Floor(b) || Math.Abs(b) > 1L << 53))
        {
            throw reader.Error("'boundaries' must be integers.");
        }
        if (values.Length != boundaries.Length + 1 || values.Any(v => v < 0))
        {
            throw reader.Error("'values' must be rates of at least 0, one more than 'boundaries'.");
        }
        if (boundaries.Zip(boundaries.Skip(1)).Any(p => p.First >= p.Second))
        {
            throw reader.Error("'boundaries' must be ascending.");
        }
        return new PiecewiseConstantDecay([.. boundaries.Select(b => (long)b)], values);
    }

    private protected override void Write(JsonObject config)
    {
        config["boundaries"] = new JsonArray([.. Boundaries.Select(b => JsonValue.Create(b))]);
        config["values"] = new JsonArray([.. Values.Select(v => JsonValue.Create(v))]);
    }
}
