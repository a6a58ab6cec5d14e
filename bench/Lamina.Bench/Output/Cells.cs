using System.Globalization;

namespace Lamina.Bench;

/// <summary>What stands in tables' cells.</summary>
internal static class Cells
{
    public const string Missing = "–";

    /// <summary>A contender's rate, or a dash.</summary>
    public static string Rate(WorkloadResult result, string contender, string format = "0.0", double scale = 1) =>
        result.Has(contender) ? result.Rate(contender).ToText(format, scale) : Missing;

    /// <summary>How many times as fast as another.</summary>
    public static string Speedup(WorkloadResult result, string contender, string other) =>
        result.Has(contender) && result.Has(other) ? result.Speedup(contender, other).ToText("0.00") + "×" : Missing;

    /// <summary>How many times as much processor time a run takes as one of another contender.</summary>
    public static string ProcessorRatio(WorkloadResult result, string contender, string other) =>
        result.Has(contender) && result.Has(other)
            ? Spread
                .OfRatios(
                    result.Of(contender, r => r.ProcessorSeconds / r.Runs),
                    result.Of(other, r => r.ProcessorSeconds / r.Runs)
                )
                .ToText("0.00") + "×"
            : Missing;

    /// <summary>A number of bytes in megabytes.</summary>
    public static string Megabytes(double bytes) => (bytes / (1 << 20)).ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Says below a table what failed, and how.</summary>
    public static void NoteFailures(this Table table, IEnumerable<WorkloadResult> results)
    {
        IEnumerable<IGrouping<string, string>> failures = results
            .SelectMany(r => r.Failures.Select(f => (Workload: r.Name, Message: f.Value)))
            .GroupBy(f => f.Message, f => f.Workload);
        foreach (IGrouping<string, string> failure in failures)
        {
            table.Note($"Not measured: {string.Join(", ", failure)}: {failure.Key}");
        }
    }
}
