namespace Lamina.Torch;

/// <summary>
/// Counts the parallel loops that a thread starts, with the time that all threads together compute in them. libtorch's own
/// parallel ops are not seen.
/// </summary>
internal sealed class LoopMeter
{
    [ThreadStatic]
    private static LoopMeter? t_current;

    /// <summary>The meter of the calling thread; <see langword="null"/> in all runs except profiles.</summary>
    public static LoopMeter? Current => t_current;

    /// <summary>The number of loops that were shared out to threads.</summary>
    public long Loops { get; private set; }

    /// <summary>The time from the start to the end of the loops, in timestamps.</summary>
    public long Wall { get; private set; }

    /// <summary>The time that threads computed in the loops, summed over threads, in timestamps.</summary>
    public long Busy { get; private set; }

    /// <summary>Counts the calling thread's loops until the result is disposed.</summary>
    public Scope Count()
    {
        var scope = new Scope(t_current);
        t_current = this;
        return scope;
    }

    /// <summary>Adds a loop.</summary>
    public void Add(long wall, long busy)
    {
        Loops++;
        Wall += wall;
        Busy += busy;
    }

    /// <summary>
    /// Returns the share of the threads' time in which they did not compute, if one thread computed outside of the loops.
    /// </summary>
    /// <param name="step">The time of the whole step, in timestamps.</param>
    /// <param name="threads">The number of threads.</param>
    public double IdleShare(long step, int threads) =>
        step <= 0 ? 0 : Math.Clamp(1 - ((double)(Busy + Math.Max(0, step - Wall)) / threads / step), 0, 1);

    /// <summary>A period in which loops are counted.</summary>
    public readonly ref struct Scope(LoopMeter? before)
    {
        /// <summary>Ends the counting.</summary>
        public void Dispose() => t_current = before;
    }
}
