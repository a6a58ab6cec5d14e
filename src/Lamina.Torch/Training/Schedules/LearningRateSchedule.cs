using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// The learning rate as a function of the updates that were made, with Keras's names and formulas: <see cref="CosineDecay"/>,
/// <see cref="ExponentialDecay"/>, <see cref="PiecewiseConstantDecay"/>, <see cref="PolynomialDecay"/>, and
/// <see cref="WarmUp"/> before any of them. A schedule holds no state.
/// </summary>
public abstract record LearningRateSchedule
{
    private protected LearningRateSchedule(string name) => Name = name;

    /// <summary>The schedule's name: <c>cosine_decay</c>.</summary>
    public string Name { get; }

    /// <summary>The rate of one update.</summary>
    /// <param name="update">The update, from 0.</param>
    public abstract double At(long update);

    /// <summary>What made the schedule, with Keras's keys; <see cref="FromConfig"/> reads it.</summary>
    public JsonObject GetConfig()
    {
        JsonObject config = new() { ["name"] = Name };
        Write(config);
        return config;
    }

    /// <summary>Makes a schedule from its config.</summary>
    /// <exception cref="ConfigException">A key is unknown or missing, or a value is out of range.</exception>
    public static LearningRateSchedule FromConfig(JsonObject config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var reader = new ConfigReader(config, "schedule");
        string name = reader.Name(
            CosineDecay.Key,
            ExponentialDecay.Key,
            PiecewiseConstantDecay.Key,
            PolynomialDecay.Key,
            WarmUp.Key
        );
        return name switch
        {
            CosineDecay.Key => CosineDecay.Read(reader),
            ExponentialDecay.Key => ExponentialDecay.Read(reader),
            PiecewiseConstantDecay.Key => PiecewiseConstantDecay.Read(reader),
            PolynomialDecay.Key => PolynomialDecay.Read(reader),
            _ => WarmUp.Read(reader),
        };
    }

    private protected abstract void Write(JsonObject config);

    private protected static double Rate(double value, string name) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be at least 0.");

    private protected static long Count(long value, string name, long min = 1) =>
        value >= min
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be at least {min}.");
}
