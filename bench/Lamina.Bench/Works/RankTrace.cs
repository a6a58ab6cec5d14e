using System.Diagnostics;
using System.Text.Json;
using Lamina.Torch;

namespace Lamina.Bench;

/// <summary>
/// What a rank computed and sent in some steps, in the Trace Event Format that Perfetto and chrome://tracing show: one row of
/// kernels, one of sums over ranks.
/// </summary>
internal sealed class RankTrace : IPlanObserver
{
    /// <summary>The rows.</summary>
    public const int ComputeRow = 1;
    public const int SumRow = 2;

    private readonly List<TraceEvent> _events = [];
    private long _lastSum;

    public void Ran(StepPart part, PlanStep step, long started) =>
        Add(part.ToString(), step.Kernel.Node.Op.GetType().Name, ComputeRow, started, Stopwatch.GetTimestamp(), 0);

    public void Updated(Weight weight, long started) =>
        Add(nameof(StepPart.Update), weight.Name, ComputeRow, started, Stopwatch.GetTimestamp(), 0);

    public void Did(StepPart part, long started) =>
        Add(part.ToString(), part.ToString(), ComputeRow, started, Stopwatch.GetTimestamp(), 0);

    /// <summary>Adds a sum over ranks. One begins after the other.</summary>
    public void Add(ReducedBucket bucket)
    {
        string name = bucket.Weights[0] + (bucket.Weights.Count > 1 ? $" and {bucket.Weights.Count - 1} more" : "");
        Add("Sum", name, SumRow, Math.Max(bucket.Queued, _lastSum), bucket.Finished, bucket.Bytes);
        _lastSum = bucket.Finished;
    }

    /// <summary><see langword="true"/> if events are kept. Default: <see langword="false"/>.</summary>
    public bool IsRecording { get; set; }

    /// <summary>Writes the file.</summary>
    public void Write(string path) =>
        File.WriteAllBytes(
            path,
            JsonSerializer.SerializeToUtf8Bytes(new { traceEvents = _events }, JsonSerializerOptions.Web)
        );

    /// <summary>Reads a file.</summary>
    public static IReadOnlyList<TraceEvent> Read(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        return json.RootElement.GetProperty("traceEvents").Deserialize<List<TraceEvent>>(JsonSerializerOptions.Web)!;
    }

    private void Add(string kind, string name, int row, long started, long ended, long bytes)
    {
        if (IsRecording)
        {
            double unit = 1e6 / Stopwatch.Frequency;
            var arguments = new TraceArguments(bytes);
            _events.Add(new TraceEvent(name, kind, "X", started * unit, (ended - started) * unit, 1, row, arguments));
        }
    }
}

/// <summary>A complete event ("X"); times in microseconds. The names are those of the format.</summary>
internal sealed record TraceEvent(
    string Name,
    string Cat,
    string Ph,
    double Ts,
    double Dur,
    int Pid,
    int Tid,
    TraceArguments Args
)
{
    public double End => Ts + Dur;
}

/// <summary>The bytes of a sum.</summary>
internal sealed record TraceArguments(long Bytes);
