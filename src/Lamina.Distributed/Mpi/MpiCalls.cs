namespace Lamina.Distributed.Mpi;

/// <summary>
/// The functions of an MPI library that are used, on the communicator of all ranks. One non-blocking call at a time is
/// begun and tested. Implementations differ in the type of handles.
/// </summary>
internal abstract unsafe class MpiCalls
{
    /// <summary>The number of this process.</summary>
    public abstract int Rank { get; }

    /// <summary>The number of processes.</summary>
    public abstract int Size { get; }

    /// <summary>Makes calls return error codes instead of ending the process.</summary>
    public abstract int ReturnErrors();

    /// <summary>Begins to wait for all ranks.</summary>
    public abstract int BeginBarrier();

    /// <summary>Begins to copy bytes from a rank to all others.</summary>
    public abstract int BeginBroadcast(void* bytes, int count, int root);

    /// <summary>
    /// Begins to copy each rank's bytes to all. Without <paramref name="own"/>, they are in their place in
    /// <paramref name="all"/>.
    /// </summary>
    public abstract int BeginGather(void* own, int count, void* all, int* counts, int* places);

    /// <summary>Begins to send a part of some bytes to each rank, and to receive a part from each.</summary>
    public abstract int BeginExchange(
        void* sent,
        int* sentCounts,
        int* sentPlaces,
        void* received,
        int* receivedCounts,
        int* receivedPlaces
    );

    /// <summary>Makes progress with the call that was begun.</summary>
    /// <param name="done"><see langword="true"/> if it is complete.</param>
    public abstract int Test(out bool done);

    /// <summary>Ends all processes.</summary>
    public abstract int Abort(int exitCode);
}
