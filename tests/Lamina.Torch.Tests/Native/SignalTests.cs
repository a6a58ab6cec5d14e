using System.Diagnostics;

namespace Lamina.Tests.Native;

/// <summary>Signals of every kind while a program computes, in a process of its own: a fault ends it.</summary>
public class SignalTests
{
    [Theory]
    [InlineData("train")]
    [InlineData("predict")]
    [InlineData("quantized")]
    public void Signals_leave_a_computation_alone(string what)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends Linux's signals.");
        string host = Path.Combine(AppContext.BaseDirectory, "SignalHost.dll");
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [host, what, "small", "4"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["OMP_NUM_THREADS"] = "2", ["OMP_WAIT_POLICY"] = "passive" },
            }
        )!;
        // A heap that is overwritten can also make it wait for ever.
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill();
        }
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        Assert.Equal((0, ""), (process.ExitCode, error));
        Assert.StartsWith("end ", output, StringComparison.Ordinal);
    }
}
