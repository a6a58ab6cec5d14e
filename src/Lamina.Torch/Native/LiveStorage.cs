namespace Lamina.Torch;

/// <summary>
/// The storage of one or more live tensors, with the meter that its bytes are charged to and the number of writes to
/// it. A storage that several tensors share is charged once, to the meter of the first.
/// </summary>
internal sealed class LiveStorage
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<nint, LiveStorage> s_storages = [];

    private readonly long _bytes;
    private readonly StorageMeter? _meter;
    private int _tensors;
    private long _version;

    private LiveStorage(long bytes, StorageMeter? meter) => (_bytes, _meter) = (bytes, meter);

    /// <summary>The object that keeps the memory valid, for memory that libtorch does not own.</summary>
    public object? Owner { get; set; }

    /// <summary>The number of writes to this storage, through any of the tensors that share it.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Adds a tensor over the storage at this address.</summary>
    /// <param name="address">The storage's address.</param>
    /// <param name="bytes">The storage's size.</param>
    /// <param name="meter">
    /// The meter to which the tensor is charged, and its storage if it is the first over it.
    /// </param>
    /// <returns>The storage, one object for all tensors over it.</returns>
    public static LiveStorage Add(nint address, long bytes, StorageMeter? meter)
    {
        lock (s_lock)
        {
            bool known = s_storages.TryGetValue(address, out LiveStorage? storage);
            storage ??= s_storages[address] = new LiveStorage(bytes, meter);
            storage._tensors++;
            meter?.Charge(tensors: 1, known ? 0 : bytes);
            return storage;
        }
    }

    /// <summary>Removes a tensor, on any thread.</summary>
    /// <param name="address">The storage's address.</param>
    /// <param name="meter">The meter that the tensor was added with.</param>
    /// <returns><see langword="true"/> if it was the last tensor over its storage.</returns>
    public static bool Remove(nint address, StorageMeter? meter)
    {
        lock (s_lock)
        {
            LiveStorage storage = s_storages[address];
            bool isLast = --storage._tensors == 0;
            if (isLast)
            {
                s_storages.Remove(address);
                storage._meter?.Charge(tensors: 0, -storage._bytes);
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

    /// <summary>Counts a write.</summary>
    public void Written() => Interlocked.Increment(ref _version);
}
