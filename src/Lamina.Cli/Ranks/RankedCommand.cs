using Lamina.Distributed;

namespace Lamina.Cli;

/// <summary>Runs a command on every rank: rank 0 prints and writes, the others work silently.</summary>
internal static class RankedCommand
{
    /// <summary>Runs a command alone, or as one of the ranks that mpirun or srun started.</summary>
    /// <param name="terminal">The terminal of the process.</param>
    /// <param name="body">The command, with the terminal that it prints to and the job, which is null alone.</param>
    /// <returns>The exit code.</returns>
    public static int Run(Terminal terminal, Func<Terminal, RankJob?, int> body)
    {
        if (!RankJob.IsRank)
        {
            return body(terminal, null);
        }
        RankJob? job = null;
        try
        {
            job = RankJob.Join(line => Report(terminal, line));
            int code = body(TerminalOf(job, terminal), job);
            job?.Dispose();
            return code;
        }
        catch (Exception e) when (job is null ? RankJob.RankOfEnvironment > 0 : !job.Fail(ErrorLine.Of(e)))
        {
            // Rank 0 prints it, once.
            return e is OperationCanceledException ? ExitCode.Interrupted : ExitCode.Failed;
        }
    }

    // Launchers pass output on line by line, though some let it look like a screen.
    private static Terminal TerminalOf(RankJob? job, Terminal terminal) =>
        job is { Rank: > 0 }
            ? new Terminal(TextWriter.Null, TextWriter.Null)
            : new Terminal(terminal.Output, terminal.Error, interrupt: terminal.Interrupt)
            {
                Verbosity = terminal.Verbosity,
            };

    private static void Report(Terminal terminal, string? line)
    {
        if (line is not null)
        {
            terminal.WriteError(line);
            terminal.Error.Flush();
        }
    }
}
