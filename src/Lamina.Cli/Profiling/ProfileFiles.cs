using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina.Cli;

/// <summary>Writes profiles as JSON and pictures.</summary>
internal static class ProfileFiles
{
    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes all measurements as JSON, with times in milliseconds.</summary>
    public static void WriteJson(ModelProfile profile, string path)
    {
        var json = new JsonObject
        {
            ["model"] = profile.Model,
            ["training"] = profile.Training,
            ["batch"] = profile.BatchSize,
            ["threads"] = profile.Threads,
            ["rounds"] = profile.Rounds,
            ["step_ms"] = profile.Step.TotalMilliseconds,
            ["step_quartiles_ms"] = new JsonArray([
                profile.LowerQuartile.TotalMilliseconds,
                profile.UpperQuartile.TotalMilliseconds,
            ]),
            ["parallel_loops"] = profile.ParallelLoops,
            ["idle_share"] = profile.IdleShare,
            ["rest_ms"] = profile.Rest.TotalMilliseconds,
            ["machine"] = new JsonObject
            {
                ["matrix_flops_per_second"] = profile.Machine.FlopsPerSecond,
                ["copy_bytes_per_second"] = profile.Machine.BytesPerSecond,
            },
            ["memory"] = new JsonObject
            {
                ["weights"] = profile.Memory.Weights,
                ["gradients"] = profile.Memory.Gradients,
                ["optimizer_state"] = profile.Memory.OptimizerState,
                ["activations"] = profile.Memory.Activations,
                ["workspace"] = profile.Memory.Workspace,
                ["sum"] = profile.Memory.Sum,
                ["peak_computed"] = profile.Memory.Peak,
                ["peak_at"] = profile.Memory.PeakAt,
                ["peak_counted"] = profile.PeakTensorBytes,
                ["peak_resident"] = profile.PeakResidentBytes,
            },
            ["kernels"] = new JsonArray([
                .. profile.Kernels.Select(k => new JsonObject
                {
                    ["part"] = Lower(k.Part),
                    ["layer"] = k.Layer,
                    ["op"] = k.Op,
                    ["algorithm"] = k.Algorithm,
                    ["ms"] = k.Time.TotalMilliseconds,
                    ["share"] = profile.ShareOf(k),
                    ["flops"] = k.Flops,
                    ["bytes"] = k.Bytes,
                    ["of_peak"] = k.Bytes > 0 ? profile.PeakShareOf(k) : null,
                }),
            ]),
        };
        AtomicFile.WriteAllText(path, json.ToJsonString(s_indented) + "\n");
    }

    /// <summary>Draws the bar chart. Updates below a thousandth of the step are combined.</summary>
    public static void Draw(ModelProfile profile, string path)
    {
        List<ProfileBar> bars = [];
        foreach (KernelTime kernel in profile.Kernels.Where(k => k.Part != StepPart.Update || Counts(k)))
        {
            bars.Add(
                new ProfileBar(
                    Lower(kernel.Part),
                    Label(kernel),
                    kernel.Algorithm,
                    kernel.Time.TotalMilliseconds,
                    kernel.Bytes > 0 ? profile.PeakShareOf(kernel) : null
                )
            );
        }
        KernelTime[] small = [.. profile.Kernels.Where(k => k.Part == StepPart.Update && !Counts(k))];
        if (small.Length > 0)
        {
            bars.Add(
                new ProfileBar(
                    Lower(StepPart.Update),
                    $"{small.Length} small weights",
                    "",
                    small.Sum(k => k.Time.TotalMilliseconds),
                    null
                )
            );
        }
        RunPictures.Profile(path, Title(profile), Subtitle(profile), bars);

        // A layer with one kernel is labeled by its name only.
        string Label(KernelTime kernel) =>
            kernel.Layer.Length == 0 ? kernel.Op
            : profile.Kernels.Count(k => k.Layer == kernel.Layer && k.Part == kernel.Part) == 1 ? kernel.Layer
            : $"{kernel.Layer} {kernel.Op}";

        bool Counts(KernelTime kernel) => profile.ShareOf(kernel) >= 0.001;
    }

    private static string Title(ModelProfile profile) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{profile.Model}: {(profile.Training ? "training" : "inference")}, batch {profile.BatchSize}, {profile.Step.TotalMilliseconds:0.0} ms per step"
        );

    private static string Subtitle(ModelProfile profile) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{profile.Threads} threads; limits measured in the same run: {profile.Machine.FlopsPerSecond / 1e9:0} GFLOP/s (matrix product), {profile.Machine.BytesPerSecond / 1e9:0.0} GB/s (copy)"
        );

    private static string Lower(StepPart part) => part.ToString().ToLowerInvariant();
}
