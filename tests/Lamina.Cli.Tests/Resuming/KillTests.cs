using System.Diagnostics;

namespace Lamina.Cli.Tests.Resuming;

/// <summary>
/// SIGKILL at random moments of training, of saving and of starting: what goes on ends with the bytes of a training that
/// nobody killed. LAMINA_KILLS says how many for each number of threads.
/// </summary>
public sealed class KillTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_training_that_is_killed_again_and_again_ends_with_the_same_bytes(int threads)
    {
        int kills = Repetitions.Of("LAMINA_KILLS", 25);
        Assert.SkipWhen(OperatingSystem.IsWindows(), "SIGKILL is not Windows's.");
        string whole = RunToEnd(_folder["whole"], threads);
        Assert.StartsWith("end 8 200 ", whole, StringComparison.Ordinal);

        var random = new Random(threads);
        int killed = 0;
        int inSaving = 0;
        int steps = 0;
        for (int chain = 0; killed < kills; chain++)
        {
            string folder = _folder[$"chain{chain}"];
            string? end = null;
            while (end is null && killed < kills)
            {
                end = RunAndKill(folder, threads, random, out int seen);
                steps += seen;
                killed += end is null ? 1 : 0;
                inSaving += Leftovers(folder).Length > 0 ? 1 : 0;
            }
            Assert.Equal(whole, end ?? RunToEnd(folder, threads));
            Assert.Empty(Leftovers(folder));
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{killed} kills, {inSaving} of them while saving, after {steps} steps: the same bytes."
        );
        // Else the moments were not what this test is about.
        Assert.True(
            inSaving > 0 && steps > kills,
            $"{inSaving} of {killed} kills were while saving, after {steps} steps."
        );
    }

    /// <summary>Starts the training and kills it.</summary>
    /// <returns>Its last line, if it came to its end before.</returns>
    private static string? RunAndKill(string folder, int threads, Random random, out int steps)
    {
        using Process process = Start(folder, threads);
        steps = 0;
        int moment = random.Next(5);
        if (moment == 0)
        {
            // While it starts: loads, reads checkpoints, tidies up.
            Thread.Sleep(random.Next(700));
        }
        else
        {
            int after = random.Next(1, 25);
            while (steps < after && process.StandardOutput.ReadLine() is { } line)
            {
                if (line.StartsWith("end", StringComparison.Ordinal))
                {
                    return Ended(process, line);
                }
                steps++;
            }
            if (moment == 1)
            {
                Thread.Sleep(random.Next(10));
            }
            else
            {
                // While it saves: then a file has a temporary name.
                SpinWait.SpinUntil(() => Leftovers(folder).Length > 0 || process.HasExited, 500);
            }
        }
        process.Kill();
        string rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        int end = rest.IndexOf("end ", StringComparison.Ordinal);
        return end < 0 ? null : rest[end..].TrimEnd();
    }

    private static string Ended(Process process, string line)
    {
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return line;
    }

    private static string RunToEnd(string folder, int threads)
    {
        using Process process = Start(folder, threads);
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        return outcome.Output.TrimEnd().Split('\n')[^1];
    }

    private static Process Start(string folder, int threads)
    {
        string host = Path.Combine(AppContext.BaseDirectory, "KillHost.dll");
        return Process.Start(
            new ProcessStartInfo("dotnet", [host, folder])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    ["OMP_NUM_THREADS"] = $"{threads}",
                    // On a busy machine threads that wait by spinning take each other's time.
                    ["OMP_WAIT_POLICY"] = "passive",
                },
            }
        )!;
    }

    private static string[] Leftovers(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, "*.tmp");
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
