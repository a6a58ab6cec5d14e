using System.Globalization;
using System.Text;

namespace Lamina.Tuning;

/// <summary>The trials of a search as a table.</summary>
internal static class TuningTable
{
    private const int MostFailureLength = 60;

    /// <summary>Returns aligned text with one line per trial.</summary>
    /// <param name="objective">The objective.</param>
    /// <param name="parameters">The names of the hyperparameters.</param>
    /// <param name="ranked">The trials, best first.</param>
    /// <param name="most">The number of lines; trials beyond are left out.</param>
    public static string ToText(
        Objective objective,
        IReadOnlyList<string> parameters,
        IReadOnlyList<Trial> ranked,
        int most
    )
    {
        string[][] rows =
        [
            ["trial", "epochs", objective.Name, .. parameters],
            .. ranked.Take(most).Select(t => Row(t, parameters)),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Max(r => r[i].Length))];
        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            text.Append(string.Join("  ", row.Select((cell, i) => cell.PadLeft(widths[i]))).TrimEnd()).Append('\n');
        }
        if (ranked.Count > most)
        {
            text.Append(CultureInfo.InvariantCulture, $"and {ranked.Count - most} more\n");
        }
        return text.ToString();
    }

    /// <summary>Returns comma-separated values with exact numbers.</summary>
    public static string ToCsv(Objective objective, IReadOnlyList<string> parameters, IReadOnlyList<Trial> ranked)
    {
        var text = new StringBuilder();
        Line(["trial", "epochs", objective.Name, .. parameters, "seconds", "failure"]);
        foreach (Trial trial in ranked)
        {
            Line([
                trial.Number.ToString(CultureInfo.InvariantCulture),
                trial.Epochs.ToString(CultureInfo.InvariantCulture),
                trial.Score?.ToString("R", CultureInfo.InvariantCulture) ?? "",
                .. parameters.Select(p => trial.Values.TryGetValue(p, out object? v) ? HyperValue.Exact(v) : ""),
                trial.Elapsed.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture),
                trial.Failure ?? "",
            ]);
        }
        return text.ToString();

        void Line(IEnumerable<string> cells) => text.Append(string.Join(',', cells.Select(Quoted))).Append('\n');
    }

    private static string[] Row(Trial trial, IReadOnlyList<string> parameters) =>
        [
            trial.Number.ToString(CultureInfo.InvariantCulture),
            trial.Epochs.ToString(CultureInfo.InvariantCulture),
            trial.Failure is not null ? "failed" : trial.Score?.ToString("F4", CultureInfo.InvariantCulture) ?? "",
            .. parameters.Select(p => trial.Values.TryGetValue(p, out object? value) ? HyperValue.Short(value) : ""),
        ];

    /// <summary>Returns a line about the failed trials, with the first reason; <see langword="null"/> if there are none.</summary>
    public static string? Failures(IReadOnlyList<Trial> trials)
    {
        Trial[] failed = [.. trials.Where(t => t.Failure is not null).OrderBy(t => t.Number)];
        if (failed.Length == 0)
        {
            return null;
        }
        string reason = failed[0].Failure!;
        reason = reason.Length > MostFailureLength ? $"{reason.AsSpan(0, MostFailureLength).TrimEnd()}…" : reason;
        string numbers = string.Join(", ", failed.Select(t => t.Number.ToString(CultureInfo.InvariantCulture)));
        return FormattableString.Invariant(
            $"{failed.Length} of {trials.Count} trials failed ({numbers}); trial {failed[0].Number}: {reason}"
        );
    }

    private static string Quoted(string cell) =>
        cell.AsSpan().ContainsAny("\",\n\r") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
