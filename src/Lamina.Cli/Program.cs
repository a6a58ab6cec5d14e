namespace Lamina.Cli;

/// <summary>The entry point.</summary>
internal static class Program
{
    private static int Main(string[] args) => Run(args, Terminal.OfProcess());

    /// <summary>Runs one command.</summary>
    /// <returns>0: done; 1: failed, with one line on standard error; 2: usage error; 130: interrupted.</returns>
    internal static int Run(string[] args, Terminal terminal)
    {
        try
        {
            return CommandLine.Invoke(args, terminal);
        }
        // The last resort of every command: any exception becomes one line and an exit code.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            terminal.WriteError(ErrorLine.Of(e));
            if (Environment.GetEnvironmentVariable(ErrorLine.TraceVariable) == "1")
            {
                terminal.Error.WriteLine(e);
            }
            return e is OperationCanceledException ? ExitCode.Interrupted : ExitCode.Failed;
        }
    }
}
