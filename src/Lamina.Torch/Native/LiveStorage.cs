namespace Lamina.Torch;

/// <summary>
/// Counts the tensors that exist and the bytes they hold, so that tests can show that nothing leaks, and how often each
/// storage was written.
/// </summary>
internal sealed class LiveStorage
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<nint, LiveStorage> s_storages = [];
    private static long s_tensors;
    private static long s_bytes;
    private static long s_peak;

    private readonly long _size;
    private int _owners;
    private long _version;

    private LiveStorage(long size) => _size = size;

    public static long Tensors => Interlocked.Read(ref s_tensors);

    public static long Bytes => Interlocked.Read(ref s_bytes);

    /// <summary>The most bytes that there were at once since <see cref="ResetPeak"/>.</summary>
    public static long PeakBytes => Interlocked.Read(ref s_peak);

    /// <summary>The number of writes to this storage, through any of the tensors that share it.</summary>
    public long Version => Interlocked.Read(ref _version);

    public static void ResetPeak()
    {
        lock (s_lock)
        {
            s_peak = s_bytes;
        }
    }

    /// <summary>Counts a tensor over the storage at this address.</summary>
    /// <returns>The storage, one object for all tensors over it.</returns>
    public static LiveStorage Add(nint address, long bytes)
    {
        lock (s_lock)
        {
            s_tensors++;
            if (!s_storages.TryGetValue(address, out LiveStorage? storage))
            {
                storage = s_storages[address] = new LiveStorage(bytes);
                s_bytes += bytes;
                s_peak = Math.Max(s_peak, s_bytes);
            }
            storage._owners++;
            return storage;
        }
    }

    /// <summary>Counts a tensor out.</summary>
    /// <returns><see langword="true"/> if it was the last over its storage.</returns>
    public static bool Remove(nint address)
    {
        lock (s_lock)
        {
            s_tensors--;
            LiveStorage storage = s_storages[address];
            if (--storage._owners > 0)
            {
                return false;
            }
            s_storages.Remove(address);
            s_bytes -= storage._size;
            return true;
        }
    }

    /// <summary>Counts a write.</summary>
    public void Written() => Interlocked.Increment(ref _version);
}
