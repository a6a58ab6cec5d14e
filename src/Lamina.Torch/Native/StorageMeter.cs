namespace Lamina.Torch;

/// <summary>
/// Counts the tensors, and the bytes of their storages, that one piece of work creates, until they are freed on whatever
/// thread. What else the process allocates or frees, as finalizers of other models do at any time, does not count.
/// </summary>
/// <param name="held">Bytes that the work holds already when it begins.</param>
internal sealed class StorageMeter(long held = 0)
{
    [ThreadStatic]
    private static StorageMeter? t_current;

    private readonly StorageMeter? _outer = t_current;
    private long _tensors;
    private long _bytes = held;
    private long _peak = held;

    /// <summary>The meter that counts what this thread creates.</summary>
    public static StorageMeter? Current => t_current;

    /// <summary>Counted tensors that exist now.</summary>
    public long Tensors => LiveStorage.Locked(() => _tensors);

    /// <summary>Bytes that counted storages hold now.</summary>
    public long Bytes => LiveStorage.Locked(() => _bytes);

    /// <summary>The most bytes that counted storages held at once since <see cref="ResetPeak"/>.</summary>
    public long PeakBytes => LiveStorage.Locked(() => _peak);

    /// <summary>Restarts <see cref="PeakBytes"/> from the bytes that are held now.</summary>
    public void ResetPeak() => LiveStorage.Locked(() => _peak = _bytes);

    /// <summary>
    /// Counts what this thread creates until the result is disposed. A meter made while another one counts charges that one
    /// too.
    /// </summary>
    public Scope Count() => new(this);

    /// <summary>Leaves out what this thread creates until the result is disposed.</summary>
    public Scope Pause() => new(_outer);

    /// <summary>Charges tensors and bytes; <see cref="LiveStorage"/> calls it under its lock.</summary>
    public void Charge(int tensors, long bytes)
    {
        for (StorageMeter? meter = this; meter is not null; meter = meter._outer)
        {
            meter._tensors += tensors;
            meter._bytes += bytes;
            meter._peak = Math.Max(meter._peak, meter._bytes);
        }
    }

    /// <summary>A time in which one meter counts, or none.</summary>
    public readonly ref struct Scope
    {
        private readonly StorageMeter? _before;

        internal Scope(StorageMeter? meter)
        {
            _before = t_current;
            t_current = meter;
        }

        /// <summary>Ends it.</summary>
        public void Dispose() => t_current = _before;
    }
}
