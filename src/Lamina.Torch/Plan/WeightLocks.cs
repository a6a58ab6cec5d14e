namespace Lamina.Torch;

/// <summary>
/// The locks of all weights that a plan computes with. While they are held, no other thread reads or writes these
/// weights, or runs a plan of a model that shares one of them.
/// </summary>
internal sealed class WeightLocks(IEnumerable<Weight> weights)
{
    // The same order everywhere prevents deadlocks.
    private readonly Weight[] _weights = [.. weights.Distinct().OrderBy(w => w.Order)];

    /// <summary>Takes the locks, which the thread may already hold, until the result is disposed.</summary>
    public Held Take()
    {
        int taken = 0;
        try
        {
            for (; taken < _weights.Length; taken++)
            {
                _weights[taken].Lock.Enter();
            }
            return new Held(_weights);
        }
        catch
        {
            // The wait was interrupted.
            Release(_weights.AsSpan(0, taken));
            throw;
        }
    }

    private static void Release(ReadOnlySpan<Weight> weights)
    {
        for (int i = weights.Length - 1; i >= 0; i--)
        {
            weights[i].Lock.Exit();
        }
    }

    /// <summary>A set of held locks.</summary>
    public readonly ref struct Held(Weight[] weights)
    {
        /// <summary>Releases the locks.</summary>
        public void Dispose() => Release(weights);
    }
}
