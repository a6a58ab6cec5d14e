using System.Diagnostics;
using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>A program that is started, and waited for: its time is from the start to the end, its value to the first line.</summary>
internal sealed class LaunchContender(string name, Func<string> program, IReadOnlyList<string> arguments) : IContender
{
    public string Name => name;

    /// <summary>Runs it once, so that its files are in memory.</summary>
    public Task StartAsync(CancellationToken cancellation) => MeasureAsync(0, cancellation);

    public async Task<PeerReply> MeasureAsync(double seconds, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program(), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        long begin = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false);
            double first = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            await process.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            double all = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            if (process.ExitCode != 0)
            {
                string error = await errors.ConfigureAwait(false);
                throw new LaminaException($"{name}: ended with {process.ExitCode}: {error.Trim()}");
            }
            return new PeerReply
            {
                Runs = 1,
                Work = 1,
                Seconds = all,
                Value = first,
            };
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A worker that is started anew for each turn, for what a process can do once; its time is the work's value.</summary>
internal sealed class OnceContender(string name, PeerRequest request) : IContender
{
    public string Name => name;

    public Task StartAsync(CancellationToken cancellation) => MeasureAsync(0, cancellation);

    public async Task<PeerReply> MeasureAsync(double seconds, CancellationToken cancellation)
    {
        var worker = new WorkerContender(name, () => PeerCommand.Own, request);
        await using (worker.ConfigureAwait(false))
        {
            await worker.StartAsync(cancellation).ConfigureAwait(false);
            PeerReply reply = await worker.MeasureAsync(0, cancellation).ConfigureAwait(false);
            return reply with { Seconds = reply.Value };
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
