namespace Lamina;

/// <summary>The value of an epoch's logs that a callback follows, and which way is better.</summary>
internal sealed class MonitoredValue
{
    private readonly string _callback;

    /// <summary>Creates it.</summary>
    /// <param name="callback">The callback's name, for errors.</param>
    /// <param name="key">The log's name.</param>
    /// <param name="mode">min, max, or auto: max for accuracies and areas under curves, else min, as Keras.</param>
    /// <exception cref="ArgumentException">The mode is another.</exception>
    public MonitoredValue(string callback, string key, string mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(key, "monitor");
        _callback = callback;
        Key = key;
        IsMax = mode switch
        {
            "min" => false,
            "max" => true,
            "auto" => key.Contains("acc", StringComparison.Ordinal) || key.EndsWith("auc", StringComparison.Ordinal),
            _ => throw new ArgumentException($"'{mode}' is no mode. Use auto, min or max.", nameof(mode)),
        };
    }

    public string Key { get; }

    public bool IsMax { get; }

    /// <summary>What every value is better than.</summary>
    public double Worst => IsMax ? double.NegativeInfinity : double.PositiveInfinity;

    /// <summary>Whether a value is better than a reference by more than delta; NaN never is.</summary>
    public bool IsBetter(double value, double reference, double delta = 0) =>
        IsMax ? value - delta > reference : value + delta < reference;

    /// <exception cref="LaminaException">The logs do not have it.</exception>
    public double Read(IReadOnlyDictionary<string, double> logs) =>
        logs.TryGetValue(Key, out double value)
            ? value
            : throw new LaminaException(
                $"{_callback} monitors '{Key}', but the logs have {Names(logs.Keys)}. "
                    + "Monitor one of these, or give Fit the validation data or Compile the metric."
            );

    /// <summary>Names for an error.</summary>
    public static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
