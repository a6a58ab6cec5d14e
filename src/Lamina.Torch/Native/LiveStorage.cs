namespace Lamina.Torch;

/// <summary>Counts the tensors that exist and the bytes they hold, so that tests can show that nothing leaks.</summary>
internal static class LiveStorage
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<nint, (int Tensors, long Bytes)> s_storages = [];
    private static long s_tensors;
    private static long s_bytes;
    private static long s_peak;

    public static long Tensors => Interlocked.Read(ref s_tensors);

    public static long Bytes => Interlocked.Read(ref s_bytes);

    /// <summary>The most bytes that there were at once since <see cref="ResetPeak"/>.</summary>
    public static long PeakBytes => Interlocked.Read(ref s_peak);

    public static void ResetPeak()
    {
        lock (s_lock)
        {
            s_peak = s_bytes;
        }
    }

    /// <summary>Counts a tensor over the storage at this address.</summary>
    public static void Add(nint storage, long bytes)
    {
        lock (s_lock)
        {
            s_tensors++;
            (int tensors, long known) = s_storages.GetValueOrDefault(storage);
            s_bytes += tensors == 0 ? bytes : 0;
            s_peak = Math.Max(s_peak, s_bytes);
            s_storages[storage] = (tensors + 1, tensors == 0 ? bytes : known);
        }
    }

    /// <summary>Counts a tensor out.</summary>
    /// <returns>Whether it was the last over its storage.</returns>
    public static bool Remove(nint storage)
    {
        lock (s_lock)
        {
            s_tensors--;
            (int tensors, long bytes) = s_storages[storage];
            if (tensors == 1)
            {
                s_storages.Remove(storage);
                s_bytes -= bytes;
                return true;
            }
            s_storages[storage] = (tensors - 1, bytes);
            return false;
        }
    }
}
