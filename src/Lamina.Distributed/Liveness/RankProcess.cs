using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Lamina.Distributed.Liveness;

/// <summary>The process of a rank. Its start time tells it from a later process with the same number.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="Id">The number of the process.</param>
/// <param name="Started">The time when it was started, in the system's units; 0 if unknown.</param>
/// <param name="Host">The name of its machine.</param>
internal sealed partial record RankProcess(int Rank, int Id, long Started, string Host)
{
    private const int Kill = 9;

    // What starts ranks: a launcher on its own machine, its daemons on others.
    private static readonly string[] s_daemons = ["orted", "prted", "hydra_pmi_proxy"];
    private static readonly string[] s_launchers = ["mpirun", "mpiexec", "orterun", "prterun"];

    /// <summary>Returns this process.</summary>
    public static RankProcess Own(int rank) =>
        new(rank, Environment.ProcessId, StartOf(Environment.ProcessId), Environment.MachineName);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static RankProcess? Parse(string text) =>
        text.Split(' ', 4) is [var rank, var id, var started, var host]
        && int.TryParse(rank, CultureInfo.InvariantCulture, out int r)
        && int.TryParse(id, CultureInfo.InvariantCulture, out int i)
        && long.TryParse(started, CultureInfo.InvariantCulture, out long s)
            ? new RankProcess(r, i, s, host)
            : null;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Rank} {Id} {Started} {Host}");

    /// <summary>Ends the process if it is on this machine, even one that is stopped.</summary>
    public void KillIfHere()
    {
        if (
            OperatingSystem.IsLinux()
            && IsHere
            && Id != Environment.ProcessId
            && Started != 0
            && StartOf(Id) == Started
        )
        {
            _ = SendSignal(Id, Kill);
        }
    }

    /// <summary><see langword="true"/> if the process is on this machine.</summary>
    public bool IsHere => Host == Environment.MachineName;

    /// <summary>
    /// Ends the process that started this one, a launcher of MPI or its daemon, and with it its other ranks: it would try to
    /// reach the other machine for a quarter of an hour. Returns if this process was started by something else.
    /// </summary>
    /// <param name="delay">The time for a launcher to pass on what ranks have printed.</param>
    public static void EndLauncher(TimeSpan delay)
    {
        try
        {
            if (
                !OperatingSystem.IsLinux()
                || !int.TryParse(StatusOf("self")[1], CultureInfo.InvariantCulture, out int id)
            )
            {
                return;
            }
            string name = File.ReadAllText(FormattableString.Invariant($"/proc/{id}/comm")).Trim();
            if (s_launchers.Any(l => name.StartsWith(l, StringComparison.Ordinal)))
            {
                Thread.Sleep(delay);
                _ = SendSignal(id, Kill);
            }
            else if (s_daemons.Contains(name, StringComparer.Ordinal))
            {
                _ = SendSignal(id, Kill);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
        }
    }

    /// <summary>Makes the system end this process when the launcher that started it ends.</summary>
    public static void EndWithLauncher()
    {
        const int parentDeathSignal = 1;
        if (OperatingSystem.IsLinux())
        {
            _ = ProcessControl(parentDeathSignal, Kill, 0, 0, 0);
        }
    }

    /// <summary>Ends this process at once, whatever its threads do.</summary>
    public static void EndNow(int exitCode)
    {
        if (!OperatingSystem.IsWindows())
        {
            Exit(exitCode);
        }
        Process.GetCurrentProcess().Kill();
    }

    // The fields of /proc/PID/stat after the name, which may contain spaces: the state, the parent...
    private static string[] StatusOf(string id)
    {
        string text = File.ReadAllText($"/proc/{id}/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static long StartOf(int id)
    {
        try
        {
            return long.Parse(StatusOf(id.ToString(CultureInfo.InvariantCulture))[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int id, int signal);

    [LibraryImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ProcessControl(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void Exit(int status);
}
