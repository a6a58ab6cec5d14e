using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// The learning rate as a function of the number of updates, with Keras's names and formulas:
/// <see cref="CosineDecay"/>, <see cref="CosineDecayRestarts"/>, <see cref="ExponentialDecay"/>,
/// <see cref="InverseTimeDecay"/>, <see cref="PiecewiseConstantDecay"/>, <see cref="PolynomialDecay"/>, and
/// <see cref="WarmUp"/> before any of them. A schedule has no state. For a custom
/// schedule, derive from this record, or pass a function to <see cref="From"/>.
/// </summary>
public abstract record LearningRateSchedule
{
    private static readonly Registry<LearningRateSchedule> s_registry = new();

    /// <summary>Creates a schedule.</summary>
    /// <param name="name">The name in its config and in messages. Default: the name of the type.</param>
    protected LearningRateSchedule(string? name = null) => Name = name ?? GetType().Name;

    /// <summary>The schedule's name: <c>cosine_decay</c>.</summary>
    public string Name { get; }

    /// <summary>Returns a schedule defined by a function of the number of updates.</summary>
    /// <param name="rate">Returns the rate of an update, counted from 0.</param>
    public static LearningRateSchedule From(Func<long, double> rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        return new LambdaSchedule(rate);
    }

    /// <inheritdoc cref="From"/>
    public static implicit operator LearningRateSchedule(Func<long, double> rate) => From(rate);

    /// <summary>Registers a custom schedule, so that <see cref="FromConfig"/> reads its configs.</summary>
    /// <param name="name">The <c>name</c> in the config.</param>
    /// <param name="create">Creates the schedule from its config.</param>
    public static void Register(string name, Func<JsonObject, LearningRateSchedule> create) =>
        s_registry.Add(name, create);

    /// <summary>Returns the rate of one update.</summary>
    /// <param name="update">The update, from 0.</param>
    public abstract double At(long update);

    /// <summary>
    /// Returns the schedule's arguments, with Keras's keys; <see cref="FromConfig"/> reads them. A custom schedule adds
    /// its arguments to those of the base: a resumed run compares them.
    /// </summary>
    public virtual JsonObject GetConfig()
    {
        JsonObject config = new() { ["name"] = Name };
        Write(config);
        return config;
    }

    /// <summary>Creates a schedule from its config.</summary>
    /// <exception cref="ConfigException">A key is unknown or missing, or a value is out of range.</exception>
    public static LearningRateSchedule FromConfig(JsonObject config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (s_registry.TryCreate(config) is { } registered)
        {
            return registered;
        }
        var reader = new ConfigReader(config, "schedule");
        string name = reader.Name(
            CosineDecay.Key,
            CosineDecayRestarts.Key,
            ExponentialDecay.Key,
            InverseTimeDecay.Key,
            PiecewiseConstantDecay.Key,
            PolynomialDecay.Key,
            WarmUp.Key
        );
        return name switch
        {
            CosineDecay.Key => CosineDecay.Read(reader),
            CosineDecayRestarts.Key => CosineDecayRestarts.Read(reader),
            ExponentialDecay.Key => ExponentialDecay.Read(reader),
            InverseTimeDecay.Key => InverseTimeDecay.Read(reader),
            PiecewiseConstantDecay.Key => PiecewiseConstantDecay.Read(reader),
            PolynomialDecay.Key => PolynomialDecay.Read(reader),
            _ => WarmUp.Read(reader),
        };
    }

    /// <summary>Returns the rate of one update, checked.</summary>
    /// <exception cref="LaminaException">The rate is not finite or is below 0.</exception>
    internal double RateAt(long update)
    {
        double rate = At(update);
        return double.IsFinite(rate) && rate >= 0
            ? rate
            : throw new LaminaException(
                FormattableString.Invariant(
                    $"The schedule {Name} returned a learning rate of {rate} for update {update}. It must be finite and at least 0."
                )
            );
    }

    private protected virtual void Write(JsonObject config) { }

    private protected static double Rate(double value, string name) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be at least 0.");

    private protected static long Count(long value, string name, long min = 1) =>
        value >= min
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be at least {min}.");
}
