using System.Collections.Concurrent;
using System.Diagnostics;

namespace Lamina.Serving;

/// <summary>The statistics of a model's version since it was loaded. Durations are in <see cref="Stopwatch"/> ticks.</summary>
internal sealed class ModelStatistics(string model, string version)
{
    private long _lastInference;
    private long _inferences;
    private long _executions;

    /// <summary>Requests that succeeded, from their arrival to their result.</summary>
    public Duration Success { get; } = new();

    /// <summary>Requests that failed.</summary>
    public Duration Failure { get; } = new();

    /// <summary>The time in the queue.</summary>
    public Duration Queue { get; } = new();

    /// <summary>The time in which batches were assembled.</summary>
    public Duration ComputeInput { get; } = new();

    /// <summary>The time in which the model computed.</summary>
    public Duration ComputeInfer { get; } = new();

    /// <summary>The time in which outputs were distributed.</summary>
    public Duration ComputeOutput { get; } = new();

    /// <summary>The executions of each batch size.</summary>
    public ConcurrentDictionary<int, BatchStatistics> Batches { get; } = new();

    /// <summary>The time of the last request in milliseconds since 1970; 0 if there was none.</summary>
    public long LastInference => Volatile.Read(ref _lastInference);

    /// <summary>The number of samples that were computed.</summary>
    public long Inferences => Volatile.Read(ref _inferences);

    /// <summary>The number of batches that were computed.</summary>
    public long Executions => Volatile.Read(ref _executions);

    public void Arrived() => Volatile.Write(ref _lastInference, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    public void Queued(long ticks) => Queue.Add(ticks);

    public void Executed(int requests, int rows, long input, long infer, long output)
    {
        Interlocked.Add(ref _inferences, rows);
        Interlocked.Increment(ref _executions);
        // As Triton counts: each request has taken as long as its batch.
        ComputeInput.Add(input * requests, requests);
        ComputeInfer.Add(infer * requests, requests);
        ComputeOutput.Add(output * requests, requests);
        Telemetry.Computed(model, version, rows);
        BatchStatistics batch = Batches.GetOrAdd(rows, _ => new BatchStatistics());
        batch.Input.Add(input);
        batch.Infer.Add(infer);
        batch.Output.Add(output);
    }
}

/// <summary>The executions of one batch size.</summary>
internal sealed class BatchStatistics
{
    public Duration Input { get; } = new();

    public Duration Infer { get; } = new();

    public Duration Output { get; } = new();
}

/// <summary>A number of events and their total duration.</summary>
internal sealed class Duration
{
    private long _count;
    private long _ticks;

    public long Count => Volatile.Read(ref _count);

    public long Nanoseconds => (long)(Volatile.Read(ref _ticks) * (1e9 / Stopwatch.Frequency));

    public void Add(long ticks, int count = 1)
    {
        Interlocked.Add(ref _count, count);
        Interlocked.Add(ref _ticks, ticks);
    }
}
