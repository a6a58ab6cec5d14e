using System.ComponentModel;
using System.Diagnostics;

namespace Lamina.Bench;

/// <summary>Programs that the bench needs before it measures.</summary>
internal static class Tool
{
    /// <summary>Runs one to its end.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="code">Its exit code; −1 if it does not start.</param>
    /// <returns>All that it printed.</returns>
    public static string Run(string program, string[] arguments, out int code)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            code = process.ExitCode;
            return output + errors.Result;
        }
        catch (Win32Exception e)
        {
            code = -1;
            return e.Message;
        }
    }

    /// <summary>The line of a build's output that says what is wrong.</summary>
    public static string FirstError(string output) =>
        output.Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal), output).Trim();
}
