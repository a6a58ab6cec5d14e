using System.Runtime.InteropServices;
using System.Text;
using Lamina.Distributed.Mpi;

namespace Lamina.Distributed;

/// <summary>
/// The ranks that mpirun or srun started, connected by the MPI library of the machine: Open MPI 4, MPICH 4, or any library
/// with the standard ABI.
/// </summary>
/// <remarks>
/// Sums are made here and not by MPI: each rank receives all parts of its share of the elements, adds them in the order of
/// ranks, and sends the sum to all, which moves as many bytes as a ring does. The bits therefore depend on the number of
/// ranks only, not on the library or the network.
/// </remarks>
public sealed unsafe class MpiCommunicator : ICommunicator
{
    // Elements of a large sum that are sent at once.
    private const int SegmentElements = 4 << 20;
    private const int MostGathered = 32 << 10;
    private const int NameLength = 64;

    private readonly MpiThread _thread;
    private readonly RankLayout _layout;
    private readonly string[] _hosts;
    private byte* _scratch;
    private nuint _scratchBytes;
    private bool _isBroken;

    private MpiCommunicator(MpiThread thread, int rank, int size, string library)
    {
        (_thread, Rank, Size, Library) = (thread, rank, size, library);
        _layout = new RankLayout(size);
        _hosts = new string[size];
        ShareHostNames();
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>The name and version of the MPI library.</summary>
    public string Library { get; }

    /// <summary>The number of ranks on this machine.</summary>
    public int LocalSize => _hosts.Count(h => h == _hosts[Rank]);

    /// <summary>Returns <see langword="true"/> if a rank is on this machine.</summary>
    /// <param name="rank">The rank.</param>
    public bool IsLocal(int rank) => _hosts[rank] == _hosts[Rank];

    /// <summary>The number of calls of MPI so far, which is the same on all ranks when none of them waits.</summary>
    internal long Calls => _thread.Begun;

    /// <summary>Connects to the other ranks.</summary>
    /// <returns><see langword="null"/> if this process was started alone.</returns>
    /// <exception cref="LaminaException">The MPI library is missing, or another than that of the launcher.</exception>
    public static MpiCommunicator? Connect() =>
        LaunchEnvironment.Detect(Environment.GetEnvironmentVariable) is { } environment ? Connect(environment) : null;

    internal static MpiCommunicator Connect(LaunchEnvironment environment)
    {
        MpiLibrary library =
            MpiLibrary.Load(environment.Libraries)
            ?? throw new LaminaException(
                $"{environment.Launcher} started {environment.Size} ranks, but its MPI library was not found ({string.Join(", ", environment.Libraries)}). Install it (Debian: libopenmpi3 or libmpich12), or set {LaunchEnvironment.LibraryVariable} to its path."
            );
        var thread = new MpiThread();
        thread.Start(library);
        (int rank, int size) = (0, 0);
        thread.Run(t => (rank, size) = (t.Calls.Rank, t.Calls.Size));
        if (size != environment.Size)
        {
            throw new LaminaException(
                $"{environment.Launcher} started {environment.Size} ranks, but {library.File} ({library.Version}) sees {size}: they belong to different MPIs. Use the launcher of the library, or set {LaunchEnvironment.LibraryVariable} to the library of the launcher."
            );
        }
        return new MpiCommunicator(thread, rank, size, library.Version);
    }

    /// <inheritdoc/>
    public string NameOf(int rank) => $"rank {rank} ({_hosts[rank]})";

    /// <inheritdoc/>
    public void AllReduce(Span<double> values)
    {
        fixed (double* data = values)
        {
            double* pinned = data;
            int count = values.Length;
            _thread.Run(t => Sum<double, PlainSum<double>>(t, pinned, count));
        }
    }

    /// <inheritdoc/>
    public Task AllReduceAsync(nint values, long count) =>
        _thread.RunAsync(t => Sum<float, PlainSum<float>>(t, (float*)values, count));

    /// <inheritdoc/>
    public Task AllReduceBFloat16Async(nint values, long count) =>
        _thread.RunAsync(t => Sum<ushort, BFloat16Sum>(t, (ushort*)values, count));

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes, int root = 0)
    {
        fixed (byte* data = bytes)
        {
            for (int at = 0; at < bytes.Length; at += SegmentElements)
            {
                byte* segment = data + at;
                int count = Math.Min(SegmentElements, bytes.Length - at);
                _thread.Run(t => t.Await(t.Calls.BeginBroadcast(segment, count, root), "MPI_Ibcast", isPrompt: false));
            }
        }
    }

    /// <inheritdoc/>
    public void Barrier() => _thread.Run(Barrier);

    /// <inheritdoc/>
    public void Abort(int exitCode)
    {
        _isBroken = true;
        // The other calls may never end.
        if (!_thread.RunAsync(t => t.Calls.Abort(exitCode)).Wait(TimeSpan.FromSeconds(1)))
        {
            Environment.Exit(exitCode);
        }
    }

    /// <summary>Waits for all ranks, and ends MPI.</summary>
    public void Dispose()
    {
        if (_isBroken)
        {
            return;
        }
        _isBroken = true;
        Barrier();
        _thread.End();
        _thread.Dispose();
        _layout.Dispose();
        NativeMemory.Free(_scratch);
        _scratch = null;
    }

    private static void Barrier(MpiThread thread) =>
        thread.Await(thread.Calls.BeginBarrier(), "MPI_Ibarrier", isPrompt: false);

    private void Sum<T, TSum>(MpiThread thread, T* values, long count)
        where T : unmanaged
        where TSum : IRankSum<T>
    {
        if (count * sizeof(T) <= MostGathered)
        {
            SumGathered<T, TSum>(thread, values, (int)count);
            return;
        }
        // Until all ranks are here, this one leaves the processor to those that compute.
        Barrier(thread);
        for (long at = 0; at < count; at += SegmentElements)
        {
            SumSegment<T, TSum>(thread, values + at, (int)Math.Min(SegmentElements, count - at));
        }
    }

    // Few elements: everyone receives all, in one message from each rank.
    private void SumGathered<T, TSum>(MpiThread thread, T* values, int count)
        where T : unmanaged
        where TSum : IRankSum<T>
    {
        int bytes = count * sizeof(T);
        byte* parts = Scratch((nuint)(bytes * Size));
        _layout.Equal(bytes);
        int code = thread.Calls.BeginGather(values, bytes, parts, _layout.Counts, _layout.Places);
        thread.Await(code, "MPI_Iallgatherv", isPrompt: false);
        TSum.Add(new ReadOnlySpan<T>(parts, count * Size), new Span<T>(values, count));
    }

    private void SumSegment<T, TSum>(MpiThread thread, T* values, int count)
        where T : unmanaged
        where TSum : IRankSum<T>
    {
        Range own = _layout.Divide(count, sizeof(T), Rank);
        int length = own.End.Value - own.Start.Value;
        byte* parts = Scratch((nuint)length * (nuint)(Size * sizeof(T)));
        int code = thread.Calls.BeginExchange(
            values,
            _layout.Counts,
            _layout.Places,
            parts,
            _layout.ReceivedCounts,
            _layout.ReceivedPlaces
        );
        thread.Await(code, "MPI_Ialltoallv", isPrompt: true);
        TSum.Add(new ReadOnlySpan<T>(parts, length * Size), new Span<T>(values + own.Start.Value, length));
        code = thread.Calls.BeginGather(null, 0, values, _layout.Counts, _layout.Places);
        thread.Await(code, "MPI_Iallgatherv", isPrompt: true);
    }

    private byte* Scratch(nuint bytes)
    {
        if (bytes > _scratchBytes)
        {
            NativeMemory.Free(_scratch);
            _scratch = (byte*)NativeMemory.Alloc(bytes);
            _scratchBytes = bytes;
        }
        return _scratch;
    }

    private void ShareHostNames()
    {
        // Each rank fills its place with the characters of its name.
        var all = new double[NameLength * Size];
        string name = Environment.MachineName;
        for (int i = 0; i < Math.Min(NameLength, name.Length); i++)
        {
            all[(Rank * NameLength) + i] = name[i];
        }
        AllReduce(all);
        for (int rank = 0; rank < Size; rank++)
        {
            var text = new StringBuilder();
            foreach (double character in all.AsSpan(rank * NameLength, NameLength))
            {
                _ = character == 0 ? text : text.Append((char)character);
            }
            _hosts[rank] = text.ToString();
        }
    }
}
