namespace Lamina.Tuning;

/// <summary>The value that a search optimizes: a name in the logs of epochs, and its direction.</summary>
/// <param name="Name">The name, such as <c>val_accuracy</c> or <c>val_loss</c>.</param>
/// <param name="IsMaximized"><see langword="true"/> if higher values are better.</param>
public sealed record Objective(string Name, bool IsMaximized)
{
    /// <summary>
    /// Converts a name: accuracies and areas under curves are maximized, and all else is minimized, as callbacks do.
    /// </summary>
    /// <param name="name">The name.</param>
    public static implicit operator Objective(string name) => FromString(name);

    /// <inheritdoc cref="op_Implicit(string)"/>
    public static Objective FromString(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new Objective(
            name,
            name.Contains("acc", StringComparison.Ordinal) || name.EndsWith("auc", StringComparison.Ordinal)
        );
    }

    /// <summary>Returns the value of the last epoch.</summary>
    /// <exception cref="LaminaException">The logs do not contain it.</exception>
    internal double Read(IReadOnlyDictionary<string, double> logs) =>
        logs.TryGetValue(Name, out double value)
            ? value
            : throw new LaminaException(
                $"The search optimizes '{Name}', but the logs contain {string.Join(", ", logs.Keys.Select(k => $"'{k}'"))}. "
                    + "Choose one of these, or pass validation data to Fit or the metric to Compile."
            );

    /// <summary>Returns a number that sorts better values first.</summary>
    internal double Order(double value) => IsMaximized ? -value : value;
}
