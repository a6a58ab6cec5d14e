using System.Diagnostics;

namespace Lamina.Serving;

/// <summary>The requests that wait for a model, by priority, then in the order of their arrival.</summary>
internal sealed class RequestQueue(string model, BatchingOptions options)
{
    // Of a batch in the running mean of the time per sample.
    private const double NewestWeight = 0.3;

    private readonly object _gate = new();
    private readonly LinkedList<PendingRequest>[] _levels =
    [
        .. Enumerable.Range(0, options.PriorityLevels).Select(_ => new LinkedList<PendingRequest>()),
    ];
    private int _count;
    private int _rows;
    private int _runningRows;
    private double _secondsPerRow;
    private bool _closed;

    /// <summary>The number of requests that wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Throws if a request would be refused because of the queue's length.</summary>
    public void RequireRoom()
    {
        if (Count >= options.QueueLimit)
        {
            throw Full();
        }
    }

    /// <summary>Adds a request, whose memory the queue then holds.</summary>
    /// <exception cref="ServingException">The queue is full, or the request cannot be done in time.</exception>
    public void Add(PendingRequest request)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new ServingException(ServingError.Unavailable, $"model '{model}' is being unloaded. Try again.");
            }
            if (_count >= options.QueueLimit)
            {
                throw Full();
            }
            request.Queued = Stopwatch.GetTimestamp();
            // While nothing runs, a request always gets its try: otherwise one slow batch could refuse all that follow.
            if (_runningRows > 0 && !CanEnd(request.Deadline, request.Queued, _runningRows + RowsToEndOf(request)))
            {
                throw new ServingException(
                    ServingError.Unavailable,
                    $"model '{model}' cannot answer within the request's timeout: {_count} requests wait. Try again later."
                );
            }
            request.Memory.Hold();
            request.Node = _levels[request.Level].AddLast(request);
            _count++;
            _rows += request.Rows;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Removes a request whose client no longer waits for it.</summary>
    /// <returns><see langword="false"/> if it is in a batch, or done.</returns>
    public bool Remove(PendingRequest request)
    {
        lock (_gate)
        {
            if (request.Node is null)
            {
                return false;
            }
            Unlink(request);
        }
        request.Memory.Release();
        return true;
    }

    /// <summary>Waits for a batch. Its requests are the caller's to complete.</summary>
    /// <returns>An empty list once the queue is closed and empty.</returns>
    public List<PendingRequest> Take()
    {
        var batch = new List<PendingRequest>();
        var late = new List<PendingRequest>();
        lock (_gate)
        {
            while (batch.Count == 0 && WaitForBatch())
            {
                Collect(batch, late);
                FailLate(late);
            }
            _runningRows += batch.Sum(r => r.Rows);
        }
        return batch;
    }

    /// <summary>Notes that a batch has ended.</summary>
    /// <param name="rows">Its samples.</param>
    /// <param name="seconds">The time it took.</param>
    public void Ended(int rows, double seconds)
    {
        lock (_gate)
        {
            _runningRows -= rows;
            double sample = seconds / rows;
            _secondsPerRow += (_secondsPerRow == 0 ? 1 : NewestWeight) * (sample - _secondsPerRow);
        }
    }

    /// <summary>Refuses further requests; those in the queue are still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool WaitForBatch()
    {
        while (true)
        {
            while (_count == 0)
            {
                if (_closed)
                {
                    return false;
                }
                Monitor.Wait(_gate);
            }
            if (options.MaxDelay == TimeSpan.Zero || _rows >= options.MaxBatch || _closed)
            {
                return true;
            }
            TimeSpan left = options.MaxDelay - Stopwatch.GetElapsedTime(Oldest());
            if (left <= TimeSpan.Zero)
            {
                return true;
            }
            // Monitor counts whole milliseconds.
            Monitor.Wait(_gate, (int)Math.Ceiling(left.TotalMilliseconds));
        }
    }

    private long Oldest() => _levels.Where(l => l.First is not null).Min(l => l.First!.Value.Queued);

    private void Collect(List<PendingRequest> batch, List<PendingRequest> late)
    {
        long now = Stopwatch.GetTimestamp();
        int rows = 0;
        long earliest = long.MaxValue;
        foreach (LinkedList<PendingRequest> level in _levels)
        {
            while (level.First is { } node)
            {
                PendingRequest request = node.Value;
                bool inTime = CanEnd(request.Deadline, now, request.Rows);
                // A batch is no larger than its earliest deadline allows.
                int total = rows + request.Rows;
                long deadline = Math.Min(earliest, request.Deadline);
                if (inTime && rows > 0 && (total > options.MaxBatch || !CanEnd(deadline, now, total)))
                {
                    return;
                }
                Unlink(request);
                (inTime ? batch : late).Add(request);
                (rows, earliest) = inTime ? (total, deadline) : (rows, earliest);
            }
        }
    }

    private static void FailLate(List<PendingRequest> late)
    {
        foreach (PendingRequest request in late)
        {
            request.Memory.Release();
            request.Fail(ServingException.TimedOut());
        }
        late.Clear();
    }

    /// <summary>Returns the samples until a new request has its result: once batches fill, its batch will be full too.</summary>
    private int RowsToEndOf(PendingRequest request)
    {
        int rows = _rows + request.Rows;
        return rows <= options.MaxBatch ? rows : (rows + options.MaxBatch - 1) / options.MaxBatch * options.MaxBatch;
    }

    private bool CanEnd(long deadline, long now, int rows) =>
        deadline == long.MaxValue || now + (rows * _secondsPerRow * Stopwatch.Frequency) <= deadline;

    private void Unlink(PendingRequest request)
    {
        _levels[request.Level].Remove(request.Node!);
        request.Node = null;
        _count--;
        _rows -= request.Rows;
    }

    private ServingException Full() =>
        new(
            ServingError.Unavailable,
            $"model '{model}': {options.QueueLimit} requests already wait. Try again later, or raise the queue limit."
        );
}
