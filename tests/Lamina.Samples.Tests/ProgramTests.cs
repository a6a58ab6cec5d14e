using System.Diagnostics;

namespace Lamina.Samples.Tests;

/// <summary>Runs the samples as their users do.</summary>
public sealed class ProgramTests
{
    [Fact]
    public void Extending_stops_and_resumes()
    {
        (int exit, string output, string error) = Run("Extending");
        Assert.Equal((0, ""), (exit, error));
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("2 epochs: loss ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("6 epochs: loss ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_custom_layer_is_loaded_as_it_was_saved()
    {
        (int exit, string output, _) = Run("CustomLayer");
        Assert.Equal(0, exit);
        Assert.Contains("rms_norm", output, StringComparison.Ordinal);
        Assert.EndsWith("Largest difference after loading: 0", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_guides_list_themselves()
    {
        (int exit, _, string error) = Run("Guides", "gna");
        Assert.Equal(2, exit);
        Assert.StartsWith("'gna' is not a guide. There are:", error, StringComparison.Ordinal);
        Assert.Contains("wgan-gp", error, StringComparison.Ordinal);
    }

    private static (int Exit, string Output, string Error) Run(string sample, params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, $"{sample}.dll");
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [program, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["OMP_NUM_THREADS"] = "1", ["OMP_WAIT_POLICY"] = "passive" },
            }
        )!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
        {
            process.Kill();
        }
        return (process.ExitCode, output, error.Result);
    }
}
