using System.Diagnostics;
using System.Globalization;
using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>
/// Measures workloads one after another, and each in rounds in which every contender has its turn, so that what slows the
/// machine for a while slows all of them.
/// </summary>
internal sealed class RoundRunner(BenchSettings settings, TextWriter progress)
{
    /// <summary>Lets threads that spin after their work go to sleep before the next turn.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Under this a failure concerns the whole workload.</summary>
    private const string All = "*";

    private readonly List<WorkloadResult> _results = [];

    /// <summary>What is measured so far: of an interrupted workload the whole rounds.</summary>
    public IReadOnlyList<WorkloadResult> Results => _results;

    /// <summary>Measures.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted; <see cref="Results"/> holds what was done.</exception>
    public async Task RunAsync(IReadOnlyList<Workload> workloads, CancellationToken cancellation)
    {
        Workload[] chosen = [.. workloads.Where(w => settings.Includes(w.Name))];
        long start = Stopwatch.GetTimestamp();
        int done = 0;
        foreach (Workload workload in chosen)
        {
            var result = new WorkloadResult(workload.Name);
            _results.Add(result);
            if (workload.Skip.Length > 0)
            {
                result.Failures[All] = workload.Skip;
            }
            else
            {
                await RunAsync(workload, result, Left, cancellation).ConfigureAwait(false);
            }
            done++;

            string Left(int round)
            {
                double share = (done + ((double)round / settings.Rounds)) / chosen.Length;
                TimeSpan left = Stopwatch.GetElapsedTime(start) * ((1 - share) / share);
                return $"[{done + 1}/{chosen.Length}] about {left:h\\:mm\\:ss} left";
            }
        }
    }

    private async Task RunAsync(
        Workload workload,
        WorkloadResult result,
        Func<int, string> left,
        CancellationToken cancellation
    )
    {
        List<IContender> ready = [];
        try
        {
            if (!TryPrepare(workload, result))
            {
                return;
            }
            foreach (IContender contender in workload.Contenders)
            {
                if (
                    await TryAsync(contender.Name, result, () => contender.StartAsync(cancellation))
                        .ConfigureAwait(false)
                )
                {
                    ready.Add(contender);
                }
            }
            if (workload.Check is { } check)
            {
                await TryAsync(All, result, () => check(ready, result, cancellation)).ConfigureAwait(false);
                ready.RemoveAll(c => result.Failures.ContainsKey(c.Name));
            }
            if (result.Failures.ContainsKey(All))
            {
                return;
            }
            for (int round = 1; round <= settings.Rounds && ready.Count > 0; round++)
            {
                Dictionary<string, PeerReply> replies = await RoundAsync(workload, ready, result, cancellation)
                    .ConfigureAwait(false);
                result.Add(replies);
                string rates = string.Join(
                    ", ",
                    replies.Select(r => $"{r.Key} {Short(WorkloadResult.RateOf(r.Value))}")
                );
                progress.WriteLine(
                    $"{left(round)}  {workload.Name}, round {round}/{settings.Rounds}: {rates} a second"
                );
            }
        }
        finally
        {
            foreach (IContender contender in workload.Contenders)
            {
                await contender.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<Dictionary<string, PeerReply>> RoundAsync(
        Workload workload,
        List<IContender> ready,
        WorkloadResult result,
        CancellationToken cancellation
    )
    {
        Dictionary<string, List<PeerReply>> turns = [];
        foreach (string name in workload.Turns)
        {
            if (ready.FirstOrDefault(c => c.Name == name) is not { } contender)
            {
                continue;
            }
            await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
            bool measured = await TryAsync(
                    contender.Name,
                    result,
                    async () =>
                    {
                        PeerReply reply = await contender
                            .MeasureAsync(settings.Seconds, cancellation)
                            .ConfigureAwait(false);
                        if (!turns.TryGetValue(name, out List<PeerReply>? own))
                        {
                            turns[name] = own = [];
                        }
                        own.Add(reply);
                    }
                )
                .ConfigureAwait(false);
            if (!measured)
            {
                ready.Remove(contender);
                turns.Remove(name);
            }
        }
        return turns.ToDictionary(t => t.Key, t => Joined(t.Value));
    }

    private bool TryPrepare(Workload workload, WorkloadResult result)
    {
        try
        {
            workload.Prepare();
            return true;
        }
        catch (LaminaException e)
        {
            result.Failures[All] = e.Message;
            progress.WriteLine($"{workload.Name}: {e.Message}");
            return false;
        }
    }

    private async Task<bool> TryAsync(string contender, WorkloadResult result, Func<Task> action)
    {
        try
        {
            await action().ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is LaminaException or System.ComponentModel.Win32Exception)
        {
            result.Failures[contender] = e.Message;
            progress.WriteLine($"{result.Name}: {e.Message}");
            return false;
        }
    }

    private static string Short(double rate) =>
        rate >= 1e9
            ? string.Create(CultureInfo.InvariantCulture, $"{rate / 1e9:0.0} G")
            : rate.ToString("0.0##", CultureInfo.InvariantCulture);

    private static PeerReply Joined(List<PeerReply> turns) =>
        turns[^1] with
        {
            Runs = turns.Sum(t => t.Runs),
            Seconds = turns.Sum(t => t.Seconds),
            PageFaults = turns.Sum(t => t.PageFaults),
            AllocatedBytes = turns.Sum(t => t.AllocatedBytes),
            ProcessorSeconds = turns.Sum(t => t.ProcessorSeconds),
        };
}
