using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Lamina.Distributed.Liveness;

namespace Lamina.Distributed;

/// <summary>
/// This process as one of the ranks of a job: connected by MPI, and watched by a heartbeat beside it, because MPI does not
/// notice a rank that hangs.
/// </summary>
/// <remarks>
/// A rank that ends, stops or cannot be reached ends all ranks: at once if its connection closes, or else after
/// <c>LAMINA_HEARTBEAT_SECONDS</c> (default: 10). One line names it, and a stopped process is killed, so that none stays. Ranks
/// also end with their launcher, and if not all have started within <c>LAMINA_START_SECONDS</c> (default: 300). The last
/// checkpoint remains.
/// </remarks>
public sealed class RankJob : IDisposable
{
    /// <summary>The exit code of all ranks after the loss of one, from which a run can be resumed: 75.</summary>
    public const int LostCode = JobExit.Lost;

    /// <summary>The exit code of all ranks after an error of one: 1.</summary>
    public const int FailedCode = JobExit.Failed;

    private static readonly TimeSpan s_lineDelay = TimeSpan.FromSeconds(1);

    private readonly MpiCommunicator _communicator;
    private Watch? _watch;

    private RankJob(MpiCommunicator communicator) => _communicator = communicator;

    /// <summary>The ranks.</summary>
    public MpiCommunicator Communicator => _communicator;

    /// <summary>The number of this process, from 0.</summary>
    public int Rank => _communicator.Rank;

    /// <summary>The number of processes.</summary>
    public int Size => _communicator.Size;

    /// <summary>
    /// The number of threads that computes best on this rank: its share of the machine's cores, or the cores that the launcher
    /// has bound it to.
    /// </summary>
    public int Threads { get; private set; } = 1;

    /// <summary><see langword="true"/> if mpirun or srun started this process as one of several.</summary>
    public static bool IsRank => LaunchEnvironment.Detect(Environment.GetEnvironmentVariable) is not null;

    /// <summary>
    /// The rank of this process according to its environment, before it has joined; 0 if it was started alone.
    /// </summary>
    public static int RankOfEnvironment => LaunchEnvironment.Detect(Environment.GetEnvironmentVariable)?.Rank ?? 0;

    /// <summary>Joins the job, if mpirun or srun started this process as one of several ranks.</summary>
    /// <param name="onEnd">
    /// Called when the job ends early, with the line to print or <see langword="null"/>, before the process ends with
    /// <see cref="LostCode"/> or <see cref="FailedCode"/>. Default: the line is written to standard error.
    /// </param>
    /// <returns><see langword="null"/> if this process was started alone.</returns>
    /// <exception cref="LaminaException">The MPI library is missing or does not match, or rank 0 cannot be reached.</exception>
    public static RankJob? Join(Action<string?>? onEnd = null)
    {
        LivenessOptions options = LivenessOptions.Read(Environment.GetEnvironmentVariable);
        if (LaunchEnvironment.Detect(Environment.GetEnvironmentVariable) is not { } environment)
        {
            return null;
        }
        RankProcess.EndWithLauncher();
        using Timer deadline = EndUnlessStarted(environment, options.Start, onEnd);
        MpiCommunicator communicator = MpiCommunicator.Connect(environment);
        var job = new RankJob(communicator);
        try
        {
            job._watch = job.Begin(options, end => End(end, onEnd));
            job.Threads = job.CountThreads();
        }
        catch (LaminaException e)
        {
            if (communicator.Rank > 0)
            {
                (onEnd ?? Print)(e.Message);
            }
            communicator.Abort(FailedCode);
            throw;
        }
        return job;
    }

    /// <summary>Ends all ranks because this one has failed.</summary>
    /// <param name="message">The error, one line.</param>
    /// <returns>
    /// <see langword="true"/> on rank 0 if the caller is to print the line; other ranks have rank 0 print it.
    /// </returns>
    public bool Fail(string message) => _watch!.Fail(message) && Rank == 0;

    /// <summary>Waits for all ranks, and leaves the job in order.</summary>
    public void Dispose()
    {
        _communicator.Barrier();
        _watch?.Dispose();
        _communicator.Dispose();
    }

    // The heartbeat begins once MPI has connected all ranks, which it waits for without a limit.
    private static Timer EndUnlessStarted(LaunchEnvironment environment, TimeSpan limit, Action<string?>? onEnd)
    {
        string line = FormattableString.Invariant(
            $"rank {environment.Rank} ({Environment.MachineName}): not all of the {environment.Size} ranks have started within {limit.TotalSeconds:0.#} s: all ranks end. Check that every machine can be reached and is not overloaded, or set {LivenessOptions.StartVariable}."
        );
        // The launcher ends all ranks after the first, which is rank 0 unless it hangs.
        TimeSpan turn = TimeSpan.FromSeconds(2 * Math.Min(environment.Rank, 10));
        return new Timer(_ => End(new JobEnd(line, LostCode), onEnd), null, limit + turn, Timeout.InfiniteTimeSpan);
    }

    private static void End(JobEnd end, Action<string?>? onEnd)
    {
        (onEnd ?? Print)(end.Line);
        if (end.IsUnreachable)
        {
            RankProcess.EndLauncher(s_lineDelay);
        }
        RankProcess.EndNow(end.Code);
    }

    private static void Print(string? line)
    {
        if (line is not null)
        {
            Console.Error.WriteLine(line);
        }
    }

    private Watch Begin(LivenessOptions options, Action<JobEnd> onEnd)
    {
        FirstWatch? first = null;
        byte[] place = [];
        if (Rank == 0)
        {
            string token = RandomNumberGenerator.GetHexString(32);
            first = new FirstWatch(options, token) { OnEnd = onEnd };
            string[] text = [token, FormattableString.Invariant($"{first.Port}"), .. Addresses()];
            place = Encoding.UTF8.GetBytes(string.Join(' ', text));
        }
        byte[] length = BitConverter.GetBytes(place.Length);
        _communicator.Broadcast(length);
        place = Rank == 0 ? place : new byte[BitConverter.ToInt32(length)];
        _communicator.Broadcast(place);
        Watch watch = first is not null ? first : Connect(options, Encoding.UTF8.GetString(place).Split(' '), onEnd);
        _communicator.Barrier();
        return watch;
    }

    private OtherWatch Connect(LivenessOptions options, string[] place, Action<JobEnd> onEnd) =>
        OtherWatch.Connect(
            options,
            place[2..],
            int.Parse(place[1], CultureInfo.InvariantCulture),
            place[0],
            Rank,
            onEnd
        );

    // Ranks on the same machine share its loopback.
    private static IEnumerable<string> Addresses() =>
        NetworkInterface
            .GetAllNetworkInterfaces()
            .Where(n =>
                n.OperationalStatus == OperationalStatus.Up || n.NetworkInterfaceType == NetworkInterfaceType.Loopback
            )
            .SelectMany(n => n.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork)
            .OrderBy(IPAddress.IsLoopback)
            .Select(a => a.ToString());

    // Ranks that the launcher has bound to cores see only these; others see all cores, and share them.
    private int CountThreads()
    {
        var seen = new double[Size];
        seen[Rank] = Environment.ProcessorCount;
        _communicator.AllReduce(seen);
        double local = 0;
        for (int rank = 0; rank < Size; rank++)
        {
            local += _communicator.IsLocal(rank) ? seen[rank] : 0;
        }
        return local <= Cores()
            ? Environment.ProcessorCount
            : Math.Max(1, Environment.ProcessorCount / _communicator.LocalSize);
    }

    private static int Cores()
    {
        try
        {
            return Directory
                .EnumerateDirectories("/sys/devices/system/cpu", "cpu*")
                .Count(d => Path.GetFileName(d)[3..] is { Length: > 0 } number && number.All(char.IsAsciiDigit));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Environment.ProcessorCount;
        }
    }
}
