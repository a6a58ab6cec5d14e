namespace Lamina.Torch;

/// <summary>
/// The storages of all tensors that exist, each with the meter that its bytes are charged to. A storage that several tensors
/// share is charged once, to the first one's meter.
/// </summary>
internal static class LiveStorage
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<nint, (int Tensors, long Bytes, StorageMeter? Meter)> s_storages = [];

    /// <summary>Adds a tensor over the storage at this address.</summary>
    /// <param name="storage">The storage's address.</param>
    /// <param name="bytes">The storage's size.</param>
    /// <param name="meter">The meter that the tensor, and its storage if it is the first over it, count towards.</param>
    public static void Add(nint storage, long bytes, StorageMeter? meter)
    {
        lock (s_lock)
        {
            bool known = s_storages.TryGetValue(storage, out var entry);
            s_storages[storage] = known ? entry with { Tensors = entry.Tensors + 1 } : (1, bytes, meter);
            meter?.Charge(tensors: 1, known ? 0 : bytes);
        }
    }

    /// <summary>Removes a tensor, on whatever thread.</summary>
    /// <param name="storage">The storage's address.</param>
    /// <param name="meter">The meter that the tensor was added with.</param>
    /// <returns><see langword="true"/> if it was the last over its storage.</returns>
    public static bool Remove(nint storage, StorageMeter? meter)
    {
        lock (s_lock)
        {
            var entry = s_storages[storage];
            bool isLast = entry.Tensors == 1;
            if (isLast)
            {
                s_storages.Remove(storage);
                entry.Meter?.Charge(tensors: 0, -entry.Bytes);
            }
            else
            {
                s_storages[storage] = entry with { Tensors = entry.Tensors - 1 };
            }
            meter?.Charge(tensors: -1, 0);
            return isLast;
        }
    }

    /// <summary>Runs under the lock that all meters are charged under.</summary>
    public static T Locked<T>(Func<T> read)
    {
        lock (s_lock)
        {
            return read();
        }
    }
}
