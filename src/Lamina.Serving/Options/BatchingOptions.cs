namespace Lamina.Serving;

/// <summary>Options of dynamic batching: how the requests of several clients become one batch of the model.</summary>
public sealed record BatchingOptions
{
    /// <summary>The largest batch in samples, and so the largest request. Default: 32. Range: 1 to 4,096.</summary>
    public int MaxBatch { get; init; } = 32;

    /// <summary>
    /// The time that a request may wait for others to share its batch. Default: 0, so a batch is what arrived while the previous
    /// one was computed, and a lone request never waits.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// The number of requests that may wait. Further ones are refused with 503 at once. Default: 256. Range: 1 to 1,000,000.
    /// </summary>
    public int QueueLimit { get; init; } = 256;

    /// <summary>
    /// The time that a request may take, including its time in the queue, unless it has a <c>timeout</c> parameter. Default: no
    /// limit.
    /// </summary>
    public TimeSpan? DefaultTimeout { get; init; }

    /// <summary>
    /// The number of priority levels; 1 is the highest. Requests without a level have the middle one. Default: 3. Range: 1 to
    /// 100.
    /// </summary>
    public int PriorityLevels { get; init; } = 3;

    /// <summary>
    /// The number of copies of the model, which share the cores: each computes its batches with cores / <see cref="Instances"/>
    /// threads. One per core answers the most requests; one in all answers each request soonest. Default: 1. Range: 1 to 64.
    /// </summary>
    public int Instances { get; init; } = 1;

    internal int DefaultPriority => (PriorityLevels + 1) / 2;

    internal void Validate()
    {
        Require(MaxBatch, 1, 4096, nameof(MaxBatch));
        Require(QueueLimit, 1, 1_000_000, nameof(QueueLimit));
        Require(PriorityLevels, 1, 100, nameof(PriorityLevels));
        Require(Instances, 1, 64, nameof(Instances));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, TimeSpan.Zero, nameof(MaxDelay));
        if (DefaultTimeout is { } timeout)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero, nameof(DefaultTimeout));
        }
    }

    private static void Require(int value, int least, int most, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
    }
}
