namespace Lamina.Torch;

/// <summary>
/// Counts the tensors, and the bytes of their storages, that one piece of work creates, until they are freed on any
/// thread. Other allocations of the process, such as those of other models, do not count.
/// </summary>
/// <param name="held">The number of bytes that the work holds when it begins.</param>
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

    /// <summary>The number of counted tensors that exist now.</summary>
    public long Tensors => LiveStorage.Locked(() => _tensors);

    /// <summary>The number of bytes that counted storages hold now.</summary>
    public long Bytes => LiveStorage.Locked(() => _bytes);

    /// <summary>The maximum number of bytes that counted storages held at once since <see cref="ResetPeak"/>.</summary>
    public long PeakBytes => LiveStorage.Locked(() => _peak);

    /// <summary>Restarts <see cref="PeakBytes"/> from the bytes that are held now.</summary>
    public void ResetPeak() => LiveStorage.Locked(() => _peak = _bytes);

    /// <summary>
    /// Counts what this thread creates until the result is disposed. A meter created while another one counts charges
    /// that one, too.
    /// </summary>
    public Scope Count() => new(this);

    /// <summary>Excludes what this thread creates until the result is disposed.</summary>
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

    /// <summary>A period in which one meter counts, or none.</summary>
    public readonly ref struct Scope
    {
        private readonly StorageMeter? _before;

        internal Scope(StorageMeter? meter)
        {
            _before = t_current;
            t_current = meter;
        }

        /// <summary>Ends the period.</summary>
        public void Dispose() => t_current = _before;
    }
}
