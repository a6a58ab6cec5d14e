using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Lamina.Distributed;

namespace Lamina.Cli;

/// <summary>Starts the ranks of a training with mpirun, again if one of them is lost.</summary>
/// <param name="terminal">The terminal for messages; the ranks write to the same streams.</param>
internal sealed class RankLauncher(Terminal terminal)
{
    private static readonly string[] s_own = ["--ranks", "--restart"];

    /// <summary>Runs a training to its end.</summary>
    /// <param name="arguments">The arguments of this command, beginning with its name.</param>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="restarts">The number of restarts.</param>
    /// <param name="run">The run folder.</param>
    /// <returns>The exit code.</returns>
    public int Run(IReadOnlyList<string> arguments, int ranks, int restarts, string? run)
    {
        List<string> own = Without(arguments, s_own);
        for (int tries = 0; ; tries++)
        {
            int code = Start(ranks, own);
            if (!IsLoss(code) || tries == restarts)
            {
                return code;
            }
            terminal.WriteError(
                run is not null && File.Exists(Path.Combine(run, "run.json"))
                    ? FormattableString.Invariant($"restart {tries + 1} of {restarts}: resuming {run}")
                    : FormattableString.Invariant($"restart {tries + 1} of {restarts}: from the beginning")
            );
            if (run is not null && File.Exists(Path.Combine(run, "run.json")))
            {
                own = ["train", "--resume", run];
            }
        }
    }

    // Lost ranks end with this code. If a rank was killed, Open MPI's launcher adds 128 to the number of the signal; MPICH's does
    // not, and its numbers are those of Linux for abort, bus error, kill and segmentation fault.
    private static bool IsLoss(int code) =>
        code is RankJob.LostCode or 6 or 7 or 9 or 11 || (code > 128 && code != ExitCode.Interrupted);

    private static int Start(int ranks, List<string> arguments)
    {
        MpirunCommand command = MpirunCommand.Find(Environment.GetEnvironmentVariable);
        command.RequireUser(!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess);
        try
        {
            using Process process = Process.Start(command.Start(ranks, [.. Program(), .. arguments]))!;
            using PosixSignalRegistration interrupt = Pass(PosixSignal.SIGINT);
            using PosixSignalRegistration end = Pass(PosixSignal.SIGTERM);
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new LaminaException(
                $"--ranks: cannot start {command.Program} ({e.Message.TrimEnd('.')}). Install Open MPI or MPICH, or set {MpirunCommand.Variable} to the launcher.",
                e
            );
        }
    }

    // A terminal sends the signal to mpirun as well, which decides what becomes of its ranks.
    private static PosixSignalRegistration Pass(PosixSignal signal) =>
        PosixSignalRegistration.Create(signal, context => context.Cancel = true);

    private static string[] Program()
    {
        string program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [program, Assembly.GetEntryAssembly()!.Location]
            : [program];
    }

    private static List<string> Without(IReadOnlyList<string> arguments, string[] options)
    {
        List<string> rest = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            if (options.Contains(arguments[i]))
            {
                i++;
            }
            else if (!options.Any(o => arguments[i].StartsWith(o + "=", StringComparison.Ordinal)))
            {
                rest.Add(arguments[i]);
            }
        }
        return rest;
    }
}
