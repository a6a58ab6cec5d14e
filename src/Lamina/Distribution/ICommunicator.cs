namespace Lamina;

/// <summary>
/// The processes ("ranks") that train a model together. Every rank makes the same calls in the same order; sums are in the
/// order of ranks, so that all ranks receive the same bits and a repeated run computes them again.
/// </summary>
public interface ICommunicator : IDisposable
{
    /// <summary>The number of this process, from 0. Rank 0 writes files and reports progress.</summary>
    int Rank { get; }

    /// <summary>The number of processes, at least 1.</summary>
    int Size { get; }

    /// <summary>Returns the name of a rank for messages: its number, and its machine if it is known.</summary>
    /// <param name="rank">The rank.</param>
    string NameOf(int rank);

    /// <summary>Replaces each value by its sum over all ranks.</summary>
    /// <param name="values">The values, as many on every rank.</param>
    /// <exception cref="LaminaException">A rank cannot be reached.</exception>
    void AllReduce(Span<double> values);

    /// <summary>Starts to replace each float32 value by its sum over all ranks, while the caller computes.</summary>
    /// <param name="values">The address of the values, which stay where they are until the task is complete.</param>
    /// <param name="count">The number of values, the same on every rank.</param>
    /// <returns>A task that is complete when the values are sums. It fails if a rank cannot be reached.</returns>
    Task AllReduceAsync(nint values, long count);

    /// <summary>
    /// Starts to replace each bfloat16 value by its sum over all ranks, added in float32 and rounded once, while the caller
    /// computes.
    /// </summary>
    /// <param name="values">The address of the values, which stay where they are until the task is complete.</param>
    /// <param name="count">The number of values, the same on every rank.</param>
    /// <returns>A task that is complete when the values are sums. It fails if a rank cannot be reached.</returns>
    Task AllReduceBFloat16Async(nint values, long count);

    /// <summary>Copies bytes from one rank to all others.</summary>
    /// <param name="bytes">The bytes of the root, and the memory for them on the others; as many on every rank.</param>
    /// <param name="root">The rank that has them.</param>
    /// <exception cref="LaminaException">A rank cannot be reached.</exception>
    void Broadcast(Span<byte> bytes, int root = 0);

    /// <summary>Waits, without using the processor, until every rank has made this call.</summary>
    /// <exception cref="LaminaException">A rank cannot be reached.</exception>
    void Barrier();

    /// <summary>Ends all ranks without waiting for them.</summary>
    /// <param name="exitCode">The exit code of the processes.</param>
    void Abort(int exitCode);
}
