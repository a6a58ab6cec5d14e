using System.Diagnostics;

namespace Lamina.Serving;

/// <summary>Runs requests of either protocol: checks them against the model, queues them, and selects the outputs.</summary>
internal sealed class InferenceRunner(ModelRegistry registry, RequestPreparer preparer)
{
    // A longer timeout is none: timers of .NET end after 49 days.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(30);

    /// <summary>Finds the version that a request names, unless it would be refused anyway.</summary>
    /// <returns>A lease, which the caller releases.</returns>
    /// <exception cref="ServingException">There is no such version, or its queue is full.</exception>
    public ServedVersion Lease(string model, string? version)
    {
        ServedVersion leased = registry.Lease(model, version);
        try
        {
            leased.Queue.RequireRoom();
            return leased;
        }
        catch
        {
            leased.Release();
            throw;
        }
    }

    /// <summary>Runs a request.</summary>
    /// <param name="version">The version, leased.</param>
    /// <param name="request">The request.</param>
    /// <param name="memory">The memory of its values.</param>
    /// <param name="arrived">The <see cref="Stopwatch"/> time at which the request arrived, from which its timeout counts.</param>
    /// <param name="cancellation">Tells that the client has gone away.</param>
    /// <exception cref="ServingException">The request does not fit the model, or was refused, or the model failed.</exception>
    /// <exception cref="OperationCanceledException">The client has gone away.</exception>
    public async Task<InferenceResult> RunAsync(
        ServedVersion version,
        InferenceRequest request,
        RequestMemory memory,
        long arrived,
        CancellationToken cancellation
    )
    {
        using Activity? activity = Telemetry.StartInference(version, request);
        version.Statistics.Arrived();
        long started = Stopwatch.GetTimestamp();
        try
        {
            IReadOnlyList<RequestedOutput> outputs = OutputSelection.Of(version.Model, request);
            (PreparedInput[] inputs, int rows) = await preparer
                .PrepareAsync(version, request, memory, cancellation)
                .ConfigureAwait(false);
            long deadline = DeadlineOf(version, request, arrived);
            int level = LevelOf(version.Options, request.Priority);
            var pending = new PendingRequest(inputs, rows, level, deadline, memory);
            version.Queue.Add(pending);
            IReadOnlyList<NDArray> results = await WaitAsync(version, pending, cancellation).ConfigureAwait(false);
            InferenceResult result = OutputSelection.Select(version, request, outputs, results) with
            {
                Times = new RequestTimes(
                    Stopwatch.GetElapsedTime(started, pending.Queued),
                    Stopwatch.GetElapsedTime(pending.Queued, pending.Taken),
                    Stopwatch.GetElapsedTime(pending.Taken, pending.Computed)
                ),
            };
            version.Statistics.Success.Add(Stopwatch.GetTimestamp() - arrived);
            Telemetry.Ended(version, arrived, error: null);
            activity?.SetTag("lamina.batch.rows", rows);
            return result;
        }
        catch (Exception e)
        {
            version.Statistics.Failure.Add(Stopwatch.GetTimestamp() - arrived);
            Telemetry.Ended(version, arrived, e);
            activity?.SetStatus(ActivityStatusCode.Error, e is LaminaException ? e.Message : e.GetType().Name);
            throw;
        }
    }

    private static async Task<IReadOnlyList<NDArray>> WaitAsync(
        ServedVersion version,
        PendingRequest pending,
        CancellationToken cancellation
    )
    {
        try
        {
            if (pending.Deadline == long.MaxValue)
            {
                return await pending.Result.WaitAsync(cancellation).ConfigureAwait(false);
            }
            TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), pending.Deadline);
            return left <= TimeSpan.Zero
                ? throw new TimeoutException()
                : await pending.Result.WaitAsync(left, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            version.Queue.Remove(pending);
            throw ServingException.TimedOut();
        }
        catch (OperationCanceledException)
        {
            version.Queue.Remove(pending);
            throw;
        }
    }

    private static long DeadlineOf(ServedVersion version, InferenceRequest request, long arrived)
    {
        TimeSpan? timeout =
            request.TimeoutMicroseconds == 0 ? version.Options.DefaultTimeout
            : request.TimeoutMicroseconds < (ulong)s_longest.TotalMicroseconds
                ? TimeSpan.FromMicroseconds(request.TimeoutMicroseconds)
            : null;
        return timeout is { } time && time < s_longest
            ? arrived + (long)(time.TotalSeconds * Stopwatch.Frequency)
            : long.MaxValue;
    }

    private static int LevelOf(BatchingOptions options, ulong priority) =>
        (priority >= 1 && priority <= (ulong)options.PriorityLevels ? (int)priority : options.DefaultPriority) - 1;
}
