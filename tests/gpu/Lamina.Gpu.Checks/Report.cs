using System.Globalization;

namespace Lamina.Gpu.Checks;

/// <summary>The lines of a part: one for each check, with what was measured.</summary>
/// <param name="output">The writer of the lines.</param>
internal sealed class Report(TextWriter output)
{
    /// <summary><see langword="true"/> if a check failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Writes a check that compares a number with its limit.</summary>
    public void AtMost(string what, double value, double limit) =>
        Check(value <= limit, $"{what}: {Text(value)}, limit {Text(limit)}");

    /// <summary>Writes a check.</summary>
    public void Check(bool holds, string line)
    {
        HasFailed |= !holds;
        output.WriteLine($"{(holds ? "ok  " : "FAIL")} {line}");
    }

    /// <summary>Writes a failure.</summary>
    public void Fail(string line) => Check(false, line);

    /// <summary>Writes a measurement, or that something is left out.</summary>
    public void Note(string line) => output.WriteLine($"     {line}");

    private static string Text(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
