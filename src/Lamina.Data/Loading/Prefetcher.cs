using System.Runtime.ExceptionServices;

namespace Lamina;

/// <summary>Prepares a row of a batch with the memory of a preparer.</summary>
internal delegate void RowMaker(BatchSlot slot, int row, ImagePreparer preparer);

/// <summary>
/// Prepares the batches of one epoch ahead of their use. Workers claim a few rows at a time of the earliest unfinished
/// batch, up to a limit of batches ahead. The result of a row does not depend on the worker.
/// </summary>
internal sealed class Prefetcher : IDisposable
{
    private readonly object _gate = new();
    private readonly Func<int, BatchSlot> _open;
    private readonly RowMaker _make;
    private readonly PreparerPool _preparers;
    private readonly int _end;
    private readonly int _ahead;
    private readonly Thread[] _threads;

    // Opened and not yet returned, in order; only the last can have unclaimed rows.
    private readonly Queue<BatchSlot> _slots = new();
    private BatchSlot? _filling;
    private int _next;
    private Exception? _fault;
    private volatile bool _stopped;

    /// <summary>Starts the workers.</summary>
    /// <param name="batches">The numbers of the batches to prepare, in order.</param>
    /// <param name="open">Creates an empty batch; called for each number in order, never concurrently.</param>
    /// <param name="make">Prepares a row.</param>
    /// <param name="preparers">The pool of the workers' memory.</param>
    /// <param name="workers">The number of threads; 0 prepares each batch in <see cref="Take"/>, on the caller's thread.</param>
    /// <param name="ahead">The most open batches.</param>
    public Prefetcher(
        Range batches,
        Func<int, BatchSlot> open,
        RowMaker make,
        PreparerPool preparers,
        int workers,
        int ahead
    )
    {
        (_open, _make, _preparers, _ahead) = (open, make, preparers, ahead);
        (_next, _end) = (batches.Start.Value, batches.End.Value);
        _threads = new Thread[workers];
        for (int i = 0; i < workers; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"Lamina data {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Waits for the next batch and returns it.</summary>
    public BatchSlot Take()
    {
        if (_threads.Length == 0)
        {
            return MakeNow();
        }
        lock (_gate)
        {
            while (_fault is null && (!_slots.TryPeek(out BatchSlot? first) || first.Remaining > 0))
            {
                Monitor.Wait(_gate);
            }
            if (_fault is not null)
            {
                ExceptionDispatchInfo.Throw(_fault);
            }
            BatchSlot slot = _slots.Dequeue();
            Monitor.PulseAll(_gate);
            return slot;
        }
    }

    /// <summary>Stops the workers after their current rows, and waits for them.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private BatchSlot MakeNow()
    {
        BatchSlot slot = _open(_next++);
        ImagePreparer preparer = _preparers.Rent();
        for (int row = 0; row < slot.Images.Length; row++)
        {
            _make(slot, row, preparer);
        }
        _preparers.Return(preparer);
        return slot;
    }

    private void Work()
    {
        try
        {
            ImagePreparer preparer = _preparers.Rent();
            while (Claim() is var (slot, from, to))
            {
                for (int row = from; row < to && !_stopped; row++)
                {
                    _make(slot, row, preparer);
                }
                lock (_gate)
                {
                    slot.Remaining -= to - from;
                    if (slot.Remaining == 0)
                    {
                        Monitor.PulseAll(_gate);
                    }
                }
            }
            _preparers.Return(preparer);
        }
#pragma warning disable CA1031 // The exception is rethrown where batches are read; here it would end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (_gate)
            {
                _fault ??= e;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private (BatchSlot Slot, int From, int To)? Claim()
    {
        lock (_gate)
        {
            while (!_stopped && _fault is null)
            {
                if (_filling is { } slot && slot.Next < slot.Images.Length)
                {
                    // Small enough that all workers share a batch, large enough for little lock contention.
                    int rows = Math.Clamp(slot.Images.Length / (_threads.Length * 2), 1, 16);
                    int from = slot.Next;
                    slot.Next = Math.Min(from + rows, slot.Images.Length);
                    return (slot, from, slot.Next);
                }
                if (_next == _end)
                {
                    return null;
                }
                if (_slots.Count < _ahead)
                {
                    _filling = _open(_next++);
                    _slots.Enqueue(_filling);
                    Monitor.PulseAll(_gate);
                }
                else
                {
                    Monitor.Wait(_gate);
                }
            }
            return null;
        }
    }
}
