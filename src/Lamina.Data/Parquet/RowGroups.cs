using System.Collections.Concurrent;

namespace Lamina;

/// <summary>The encoded images of row groups, the last used of which stay in memory. Thread-safe.</summary>
/// <param name="count">The number of row groups.</param>
/// <param name="read">Reads one.</param>
/// <param name="budget">The bytes that stay in memory, besides one row group.</param>
internal sealed class RowGroups(int count, Func<int, byte[]?[]> read, long budget = RowGroups.Budget)
{
    /// <summary>The default of the bytes that stay in memory.</summary>
    public const long Budget = 256 << 20;

    private readonly Lock _lock = new();
    private readonly LinkedList<int> _recent = [];
    private readonly Lock[] _readers = [.. Enumerable.Range(0, count).Select(_ => new Lock())];
    private readonly Dictionary<int, (byte[]?[] Rows, long Bytes, LinkedListNode<int> Node)> _kept = [];
    private readonly ConcurrentDictionary<int, DataException> _failed = [];
    private long _bytes;

    /// <summary>The bytes in memory.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Returns the images of a row group. Threads that need the same one wait for one of them to read it.</summary>
    /// <exception cref="DataException">The row group is damaged; it is not read again.</exception>
    public byte[]?[] Get(int group)
    {
        lock (_readers[group])
        {
            if (Find(group) is { } kept)
            {
                return kept;
            }
            if (_failed.TryGetValue(group, out DataException? failure))
            {
                throw new DataException(failure.Path, failure.Reason, failure);
            }
            byte[]?[] rows;
            try
            {
                rows = read(group);
            }
            catch (DataException e)
            {
                _failed[group] = e;
                throw;
            }
            Keep(group, rows);
            return rows;
        }
    }

    private byte[]?[]? Find(int group)
    {
        lock (_lock)
        {
            if (!_kept.TryGetValue(group, out var kept))
            {
                return null;
            }
            _recent.Remove(kept.Node);
            _recent.AddFirst(kept.Node);
            return kept.Rows;
        }
    }

    private void Keep(int group, byte[]?[] rows)
    {
        long bytes = rows.Sum(r => (long)(r?.Length ?? 0));
        lock (_lock)
        {
            _kept[group] = (rows, bytes, _recent.AddFirst(group));
            _bytes += bytes;
            while (_bytes > budget && _recent.Count > 1)
            {
                int oldest = _recent.Last!.Value;
                _recent.RemoveLast();
                _bytes -= _kept[oldest].Bytes;
                _ = _kept.Remove(oldest);
            }
        }
    }
}
