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
            && Host == Environment.MachineName
            && Id != Environment.ProcessId
            && Started != 0
            && StartOf(Id) == Started
        )
        {
            _ = SendSignal(Id, Kill);
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

    // Field 22 of /proc/PID/stat, counted after the name, which may contain spaces.
    private static long StartOf(int id)
    {
        try
        {
            string text = File.ReadAllText(FormattableString.Invariant($"/proc/{id}/stat"));
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[19], CultureInfo.InvariantCulture);
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
