using System.Diagnostics;
using System.Globalization;

namespace Lamina.Distributed.Tests;

/// <summary>
/// Ranks that are killed or stopped at random moments: one line names the rank, nothing stays, and what is resumed ends with
/// the bytes of an undisturbed run. LAMINA_LOST_RANKS says how many.
/// </summary>
public sealed class LostRankTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mpirun.openmpi", "KILL", 40)]
    [InlineData("mpirun.openmpi", "STOP", 40)]
    [InlineData("mpirun.mpich", "KILL", 40)]
    [InlineData("mpirun.mpich", "STOP", 40)]
    public void A_lost_rank_ends_the_job_and_the_run_resumes_exactly(string launcher, string signal, int seconds)
    {
        Launcher.Require(launcher);
        int losses = Environment.GetEnvironmentVariable("LAMINA_LOST_RANKS") is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : 2;
        string[] run = ["norm", "epochs=6", "pause=15"];
        Assert.Equal(0, Launcher.Run(launcher, 2, ["train", _folder["whole"], .. run]).Code);
        var random = new Random(1);
        double slowest = 0;
        for (int i = 0; i < losses; i++)
        {
            // Rank 0, which the others connect to, and another.
            slowest = Math.Max(slowest, Lose(launcher, signal, rank: i % 2, after: random.Next(1, 25), run));
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{losses} ranks, noticed in at most {slowest:F1} s.");
        Assert.InRange(slowest, 0, seconds);
        Assert.Equal(0, Launcher.Run(launcher, 2, ["train", _folder["lost"], .. run]).Code);
        foreach (string file in (string[])["rank0.values", "rank1.values", "rank0.history"])
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(_folder["whole"], file)),
                File.ReadAllBytes(Path.Combine(_folder["lost"], file))
            );
        }
    }

    /// <summary>Starts the run, and loses a rank of it.</summary>
    /// <returns>The seconds until all of it had ended.</returns>
    private double Lose(string launcher, string signal, int rank, int after, string[] run)
    {
        using Process process = Launcher.Start(launcher, 2, "RankHost.dll", ["train", _folder["lost"], .. run]);
        for (int step = 0; step < after; step++)
        {
            if (process.StandardOutput.ReadLine() is null)
            {
                break;
            }
        }
        List<int> ranks = Launcher.Ranks(process.Id);
        int lost = ranks.Find(id => RankOf(id) == rank);
        Assert.True(lost > 0, "The rank was not found.");
        var clock = Stopwatch.StartNew();
        Launcher.Signal(lost, signal);
        Task<string> rest = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        double seconds = clock.Elapsed.TotalSeconds;
        SpinWait.SpinUntil(() => !ranks.Exists(Launcher.IsAlive), 5000);
        Assert.DoesNotContain(ranks, Launcher.IsAlive);
        Assert.NotEqual(0, process.ExitCode);
        if (launcher == "mpirun.mpich" && signal == "KILL")
        {
            // MPICH's launcher sees the end of the process first, ends the others, and names it.
            Assert.Contains($"PID {lost} RUNNING AT", rest.GetAwaiter().GetResult(), StringComparison.Ordinal);
            return seconds;
        }
        string line = Assert.Single(
            error.Split('\n'),
            l => l.StartsWith("rank ", StringComparison.Ordinal) && l.Contains("--resume", StringComparison.Ordinal)
        );
        Assert.StartsWith($"rank {rank} (", line, StringComparison.Ordinal);
        Assert.Contains($"process {lost})", line, StringComparison.Ordinal);
        return seconds;
    }

    private static int RankOf(int id)
    {
        string[] variables = File.ReadAllText($"/proc/{id}/environ").Split('\0');
        string? rank = variables.FirstOrDefault(v =>
            v.StartsWith("OMPI_COMM_WORLD_RANK=", StringComparison.Ordinal)
            || v.StartsWith("PMI_RANK=", StringComparison.Ordinal)
        );
        return rank is null ? -1 : int.Parse(rank.Split('=')[1], CultureInfo.InvariantCulture);
    }
}
