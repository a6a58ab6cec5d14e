namespace Lamina;

/// <summary>The value in the logs that a callback monitors, and the direction of improvement.</summary>
internal sealed class MonitoredValue
{
    private readonly string _callback;

    /// <summary>Creates the value.</summary>
    /// <param name="callback">The callback's name, for errors.</param>
    /// <param name="key">The name of the value in the logs.</param>
    /// <param name="mode">
    /// The mode: min, max, or auto (max for accuracies and areas under curves, otherwise min, as in Keras).
    /// </param>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
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
            _ => throw new ArgumentException($"'{mode}' is not a mode. Use auto, min or max.", nameof(mode)),
        };
    }

    public string Key { get; }

    public bool IsMax { get; }

    /// <summary>The value that every other value improves on.</summary>
    public double Worst => IsMax ? double.NegativeInfinity : double.PositiveInfinity;

    /// <summary>
    /// Returns <see langword="true"/> if a value is better than a reference by more than delta; NaN never is.
    /// </summary>
    public bool IsBetter(double value, double reference, double delta = 0) =>
        IsMax ? value - delta > reference : value + delta < reference;

    /// <summary>Returns <see langword="true"/> if the value is missing because the epoch had no validation.</summary>
    public bool IsSkipped(EpochLog log) =>
        log.SkipsValidation && Key.StartsWith("val_", StringComparison.Ordinal) && !log.Logs.ContainsKey(Key);

    /// <exception cref="LaminaException">The logs do not contain it.</exception>
    public double Read(IReadOnlyDictionary<string, double> logs) =>
        logs.TryGetValue(Key, out double value)
            ? value
            : throw new LaminaException(
                $"{_callback} monitors '{Key}', but the logs contain {Names(logs.Keys)}. "
                    + "Monitor one of these, or pass validation data to Fit or the metric to Compile."
            );

    /// <summary>Formats names for an error message.</summary>
    public static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
