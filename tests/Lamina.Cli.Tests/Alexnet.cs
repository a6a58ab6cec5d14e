using System.Diagnostics;

// Commands count layer names in the process's session and share two cores.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Lamina.Cli.Tests;

/// <summary>What a command left: exit code, output, error output.</summary>
internal sealed record Outcome(int Code, string Output, string Error)
{
    /// <summary>The error output, which must be one line of the program's.</summary>
    public string ErrorLine
    {
        get
        {
            string line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.StartsWith("alexnet: ", line, StringComparison.Ordinal);
            return line["alexnet: ".Length..];
        }
    }
}

/// <summary>Runs the program, in this process or in one of its own.</summary>
internal static class Alexnet
{
    public static Outcome Run(params string[] args)
    {
        Session.Clear();
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = Program.Run(args, new Terminal(output, error));
        return new Outcome(code, output.ToString(), error.ToString());
    }

    /// <summary>
    /// Starts the program as a shell would, with its output redirected. Where these tests run in the background of a shell,
    /// which ignores interrupts there, the program must not inherit that.
    /// </summary>
    public static Process Start(params string[] args) =>
        OperatingSystem.IsLinux()
            ? StartFile("env", ["--default-signal=INT", "dotnet", Assembly, .. args])
            : StartFile("dotnet", [Assembly, .. args]);

    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "alexnet.dll");

    public static Process StartFile(string file, params string[] args) => StartWith([], file, args);

    public static Process StartWith(
        IEnumerable<KeyValuePair<string, string>> variables,
        string file,
        IEnumerable<string> args
    )
    {
        var start = new ProcessStartInfo(file, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }

    /// <summary>Sends a signal by the shell's own command: not every machine has a program for it.</summary>
    public static void Signal(Process process, string signal)
    {
        using Process shell = StartFile("sh", "-c", $"kill -{signal} {process.Id}");
        shell.WaitForExit();
    }

    public static Outcome Finish(Process process)
    {
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
