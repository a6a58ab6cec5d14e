using System.Globalization;
using System.Text;

namespace Lamina;

/// <summary>Formats a profile as a table of text.</summary>
internal static class ProfileText
{
    private static readonly string[] s_titles =
    [
        "part",
        "layer",
        "op",
        "ran",
        "ms",
        "share",
        "GFLOP/s",
        "GB/s",
        "of peak",
        "bound by",
    ];

    public static string Write(ModelProfile profile)
    {
        List<string[]> rows = [s_titles, .. profile.Kernels.Select(k => Row(profile, k))];
        rows.AddRange(
            profile
                .Kernels.GroupBy(k => k.Part)
                .OrderBy(g => g.Key)
                .Select(g =>
                    Row(
                        profile,
                        new KernelTime(
                            g.Key,
                            "all",
                            "",
                            "",
                            new TimeSpan(g.Sum(k => k.Time.Ticks)),
                            g.Sum(k => k.Flops),
                            g.Sum(k => k.Bytes)
                        )
                    )
                )
        );
        rows.Add([
            "rest",
            "",
            "",
            "",
            Milliseconds(profile.Rest),
            Percent(profile.Rest / profile.Step),
            "",
            "",
            "",
            "",
        ]);
        rows.Add(Row(profile, new KernelTime(default, "", "", "", profile.Step, profile.Flops, profile.Bytes), "step"));
        int[] widths = [.. s_titles.Select((_, i) => rows.Max(r => r[i].Length))];
        var text = new StringBuilder();
        text.Append(Heading(profile)).Append("\n\n");
        int body = 1 + profile.Kernels.Count;
        for (int row = 0; row < rows.Count; row++)
        {
            if (row == body)
            {
                text.Append('\n');
            }
            IEnumerable<string> cells = rows[row]
                .Select((cell, i) => i is >= 4 and <= 8 ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }
        AppendMemory(text.Append('\n'), profile);
        return text.ToString();
    }

    private static void AppendMemory(StringBuilder text, ModelProfile profile)
    {
        MemoryUse memory = profile.Memory;
        List<(string What, long Bytes, string Note)> lines = [("weights", memory.Weights, "")];
        if (profile.Training)
        {
            lines.Add(
                ("gradients", memory.Gradients, "never all at once: each is used and freed as soon as it is final")
            );
            lines.Add(("optimizer state", memory.OptimizerState, ""));
            lines.Add(("activations", memory.Activations, "needed by backward"));
        }
        lines.Add(("largest workspace", memory.Workspace, "allocated by one kernel"));
        if (profile.Training)
        {
            lines.Add(("sum", memory.Sum, ""));
        }
        lines.Add(("peak, computed", memory.Peak, memory.PeakAt));
        lines.Add(("peak, counted", profile.PeakTensorBytes, "of tensors, while it ran"));
        lines.Add(("peak, resident", profile.PeakResidentBytes, "of the process, with libtorch and its buffers"));
        text.Append("memory                  MB\n");
        foreach ((string what, long bytes, string note) in lines)
        {
            string line = $"{what, -17}  {Number(bytes / 1e6, "#,0.0"), 8}  {note}";
            text.Append(line.TrimEnd()).Append('\n');
        }
    }

    private static string Heading(ModelProfile profile) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{profile.Model}, {(profile.Training ? "training" : "inference")}, batch {profile.BatchSize}, "
                + $"{profile.Threads} {(profile.Threads == 1 ? "thread" : "threads")}, medians of {profile.Rounds} steps\n"
                + $"step {profile.Step.TotalMilliseconds:0.0} ms "
                + $"(quartiles {profile.LowerQuartile.TotalMilliseconds:0.0}–{profile.UpperQuartile.TotalMilliseconds:0.0}), "
                + $"{profile.BatchSize / profile.Step.TotalSeconds:0.0} images/s\n"
                + $"{profile.ParallelLoops:0} parallel loops per step ({profile.ParallelLoops / profile.BatchSize:0.0} per image), "
                + $"threads idle {100 * profile.IdleShare:0} % of the time\n"
                + $"machine, measured in the same run: matrix product {profile.Machine.FlopsPerSecond / 1e9:0} GFLOP/s, "
                + $"copy {profile.Machine.BytesPerSecond / 1e9:0.0} GB/s"
        );

    private static string[] Row(ModelProfile profile, KernelTime kernel, string? part = null) =>
        [
            part ?? kernel.Part.ToString().ToLowerInvariant(),
            kernel.Layer,
            kernel.Op,
            kernel.Algorithm,
            Milliseconds(kernel.Time),
            Percent(profile.ShareOf(kernel)),
            kernel.Flops > 0 ? Number(kernel.FlopsPerSecond / 1e9, "0") : "",
            kernel.Bytes > 0 ? Number(kernel.BytesPerSecond / 1e9, "0.0") : "",
            kernel.Bytes > 0 && part is null ? Percent(profile.PeakShareOf(kernel)) : "",
            kernel.Bytes > 0 && part is null ? (profile.IsBoundByArithmetic(kernel) ? "arithmetic" : "memory") : "",
        ];

    private static string Milliseconds(TimeSpan time) => Number(time.TotalMilliseconds, "0.00");

    private static string Percent(double share) => Number(100 * share, "0.0") + " %";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
