using System.Diagnostics;
using System.Globalization;

namespace Lamina.Distributed.Tests;

/// <summary>
/// Ranks that are killed or stopped, launchers that are killed, and links that are cut, at random moments: one line names the
/// rank, no process stays, and what is resumed ends with the bytes of an undisturbed run. LAMINA_RANK_FAULTS is their number.
/// </summary>
public sealed class RankFaultTests : IDisposable
{
    private const string OpenMpi = "mpirun.openmpi";
    private const string Mpich = "mpirun.mpich";
    private const int Seconds = 40;

    private static readonly string[] s_run = ["norm", "epochs=6", "pause=15"];

    private readonly TempFolder _folder = new();
    private readonly Random _random = new(1);
    private readonly Dictionary<string, List<double>> _times = [];
    private int _chains;

    /// <summary>The faults; a stopped rank is noticed by the heartbeat alone.</summary>
    private enum Fault
    {
        Kill,
        Stop,
        KillLauncher,
        Cut,
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(OpenMpi)]
    [InlineData(Mpich)]
    public void A_lost_rank_ends_the_job_and_the_run_resumes_exactly(string launcher)
    {
        Launcher.Require(launcher);
        Chain(
            [Fault.Kill, Fault.Stop, Fault.KillLauncher],
            fault => new Job(launcher, fault, null, _folder[$"chain{_chains}"])
        );
    }

    [Fact]
    public void A_cut_link_ends_the_job_on_both_sides_and_the_run_resumes_exactly()
    {
        Launcher.Require(OpenMpi);
        using NetworkHosts hosts = NetworkHosts.Require(2);
        Chain([Fault.Cut], fault => new Job(OpenMpi, fault, hosts, _folder[$"chain{_chains}"]));
    }

    [Theory]
    [InlineData(OpenMpi)]
    [InlineData(Mpich)]
    public void A_rank_that_hangs_before_all_are_connected_ends_the_job(string launcher)
    {
        Launcher.Require(launcher);
        using Process process = Launcher.Start(
            launcher,
            2,
            "RankHost.dll",
            ["hang", "1"],
            null,
            [new("LAMINA_START_SECONDS", "4")]
        );
        var clock = Stopwatch.StartNew();
        Outcome outcome = Launcher.Finish(process);
        Assert.NotEqual(0, outcome.Code);
        Assert.InRange(clock.Elapsed.TotalSeconds, 3, Seconds);
        string line = Assert.Single(outcome.OwnLines);
        Assert.StartsWith("rank 0 (", line, StringComparison.Ordinal);
        Assert.Contains("not all of the 2 ranks have started within 4 s", line, StringComparison.Ordinal);
    }

    /// <summary>Loses ranks of a run, which is resumed each time, until the number of faults is reached.</summary>
    private void Chain(Fault[] kinds, Func<Fault, Job> next)
    {
        int faults = Environment.GetEnvironmentVariable("LAMINA_RANK_FAULTS") is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : kinds.Length;
        Assert.Equal(0, Launcher.Run(OpenMpi, 2, ["train", _folder["whole"], .. s_run]).Code);
        for (int done = 0; done < faults; )
        {
            if (Lose(next(kinds[done % kinds.Length])))
            {
                done++;
            }
            else
            {
                // It came to its end before: the next begins.
                RequireWhole();
            }
        }
        Assert.Equal(0, Launcher.Run(OpenMpi, 2, ["train", _folder[$"chain{_chains}"], .. s_run]).Code);
        RequireWhole();
        foreach ((string what, List<double> times) in _times.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            times.Sort();
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{what}: {times.Count}, all processes ended after {times[times.Count / 2]:F1} s (median), {times[^1]:F1} s (most)."
            );
        }
        Assert.All(_times.Values.SelectMany(t => t), t => Assert.InRange(t, 0, Seconds));
    }

    private void RequireWhole()
    {
        string folder = _folder[$"chain{_chains++}"];
        foreach (string file in (string[])["rank0.values", "rank1.values", "rank0.history"])
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(_folder["whole"], file)),
                File.ReadAllBytes(Path.Combine(folder, file))
            );
        }
    }

    /// <summary>Starts the run, and loses a rank of it at a random moment.</summary>
    /// <returns><see langword="false"/> if it came to its end before.</returns>
    private bool Lose(Job job)
    {
        using Process process = job.Start();
        int steps = _random.Next(1, 20);
        for (int step = 0; step < steps; step++)
        {
            if (process.StandardOutput.ReadLine() is null)
            {
                process.WaitForExit();
                return false;
            }
        }
        Thread.Sleep(_random.Next(30));
        List<int> ranks = job.Ranks(process);
        int rank = _random.Next(2);
        int lost = ranks.Find(id => Launcher.RankOf(id) == rank);
        if (lost == 0)
        {
            process.WaitForExit();
            return false;
        }
        var clock = Stopwatch.StartNew();
        job.Break(process, lost);
        Task<string> rest = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        bool ended = SpinWait.SpinUntil(() => process.HasExited && !job.Left(ranks).Any(), Seconds * 1000);
        double seconds = clock.Elapsed.TotalSeconds;
        string what = $"{job.Launcher} {job.Fault} of rank {rank} after {steps} steps";
        Assert.True(
            ended,
            $"{what}: after {Seconds} s there are still {string.Join(", ", job.Left(ranks).Select(Launcher.CommandOf))}."
        );
        job.Mend(process);
        string error = errors.GetAwaiter().GetResult();
        if (!_times.TryGetValue($"{job.Launcher} {job.Fault}", out List<double>? times))
        {
            _times[$"{job.Launcher} {job.Fault}"] = times = [];
        }
        times.Add(seconds);
        if (job.Fault != Fault.KillLauncher)
        {
            Assert.NotEqual(0, process.ExitCode);
            RequireLine(job, rank, lost, rest.GetAwaiter().GetResult(), error, what);
        }
        return true;
    }

    private static void RequireLine(Job job, int rank, int lost, string output, string error, string what)
    {
        if (job.Launcher == Mpich && job.Fault == Fault.Kill)
        {
            // MPICH's launcher sees the end of the process first, ends the others, and names it.
            Assert.Contains($"PID {lost} RUNNING AT", output, StringComparison.Ordinal);
            return;
        }
        string[] lines =
        [
            .. error
                .Split('\n')
                .Where(l =>
                    l.StartsWith("rank ", StringComparison.Ordinal) && l.Contains("--resume", StringComparison.Ordinal)
                ),
        ];
        Assert.True(lines.Length == 1, $"{what}: {lines.Length} lines: {error}");
        // Rank 0, beside the launcher, misses the other, whichever link is cut.
        int named = job.Fault == Fault.Cut ? 1 : rank;
        Assert.StartsWith($"rank {named} (", lines[0], StringComparison.Ordinal);
        if (named == rank)
        {
            Assert.Contains($"process {lost})", lines[0], StringComparison.Ordinal);
        }
    }

    /// <summary>A run on two ranks, and what happens to it.</summary>
    private sealed record Job(string Launcher, Fault Fault, NetworkHosts? Hosts, string Folder)
    {
        private int _cut;

        public Process Start() => Tests.Launcher.Start(Launcher, 2, "RankHost.dll", ["train", Folder, .. s_run], Hosts);

        public List<int> Ranks(Process process) =>
            Hosts is null
                ? Tests.Launcher.Ranks(process.Id)
                : [.. Hosts.Processes(1).Concat(Hosts.Processes(2)).Where(id => Tests.Launcher.IsRank(id))];

        /// <summary>Returns the processes that are still there: ranks, and on other hosts their launcher's daemons.</summary>
        public IEnumerable<int> Left(List<int> ranks) =>
            ranks
                .Concat(Hosts is null ? [] : Hosts.Processes(1).Concat(Hosts.Processes(2)))
                .Where(Tests.Launcher.IsAlive);

        public void Break(Process process, int lost)
        {
            switch (Fault)
            {
                case Fault.Kill:
                    Tests.Launcher.Signal(lost, "KILL");
                    break;
                case Fault.Stop:
                    Tests.Launcher.Signal(lost, "STOP");
                    break;
                case Fault.KillLauncher:
                    process.Kill();
                    break;
                default:
                    _cut = Hosts!.Processes(1).Contains(lost) ? 1 : 2;
                    Hosts.Cut(_cut);
                    break;
            }
        }

        public void Mend(Process process)
        {
            process.WaitForExit();
            if (_cut > 0)
            {
                Hosts!.Mend(_cut);
            }
        }
    }
}
