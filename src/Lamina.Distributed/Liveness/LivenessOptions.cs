using System.Globalization;

namespace Lamina.Distributed.Liveness;

/// <summary>The times and the port by which ranks notice that another is lost.</summary>
/// <param name="Timeout">The silence after which a rank counts as lost.</param>
/// <param name="Port">The TCP port of rank 0; 0 for any.</param>
/// <param name="Start">The time within which all ranks must have started.</param>
internal sealed record LivenessOptions(TimeSpan Timeout, int Port, TimeSpan Start)
{
    /// <summary>The variable with the seconds of silence after which a rank counts as lost.</summary>
    public const string TimeoutVariable = "LAMINA_HEARTBEAT_SECONDS";

    /// <summary>The variable with the TCP port of rank 0.</summary>
    public const string PortVariable = "LAMINA_HEARTBEAT_PORT";

    /// <summary>The variable with the seconds within which all ranks must have started.</summary>
    public const string StartVariable = "LAMINA_START_SECONDS";

    /// <summary>The time between two signs of life.</summary>
    public TimeSpan Interval => Timeout / 5;

    /// <summary>Reads the variables. Defaults: 10 seconds, any port, 300 seconds.</summary>
    /// <exception cref="LaminaException">A value is out of its range.</exception>
    public static LivenessOptions Read(Func<string, string?> read) =>
        new(
            TimeSpan.FromSeconds(Number(read, TimeoutVariable, 10, 0.5, 86_400)),
            (int)Number(read, PortVariable, 0, 0, ushort.MaxValue),
            TimeSpan.FromSeconds(Number(read, StartVariable, 300, 1, 86_400))
        );

    private static double Number(Func<string, string?> read, string name, double standard, double min, double max)
    {
        if (read(name) is not { Length: > 0 } text)
        {
            return standard;
        }
        return
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && value >= min
            && value <= max
            ? value
            : throw new LaminaException(
                FormattableString.Invariant($"{name}: '{text}' is not a number from {min} to {max}.")
            );
    }
}
