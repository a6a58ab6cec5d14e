using System.Diagnostics;

namespace Lamina.Bench.Serving;

/// <summary>What a process of clients does.</summary>
/// <param name="Clients">The clients at a time, each with a connection of its own.</param>
/// <param name="Seconds">The time; endless if 0.</param>
/// <param name="Requests">The number of requests; as many as the time allows if 0.</param>
/// <param name="Rate">The requests per second of all clients; as many as are answered if 0.</param>
internal sealed record LoadPlan(int Clients, double Seconds, int Requests, double Rate);

/// <summary>What clients saw: milliseconds of each request, in the order of the answers.</summary>
/// <param name="Seconds">The time of all requests.</param>
/// <param name="CpuSeconds">The processor time that the clients needed for them.</param>
/// <param name="Done">The requests that were answered.</param>
/// <param name="Refused">The requests that were refused because the server was busy.</param>
/// <param name="Failed">The number of requests that failed.</param>
internal sealed record LoadResult(double Seconds, double CpuSeconds, double[] Done, double[] Refused, int Failed);

/// <summary>Runs clients, each on a thread.</summary>
internal sealed class LoadRun(LoadPlan plan, Func<LoadClient> create)
{
    // Until code and connections are warm.
    private const int WarmUp = 10;

    private readonly List<double> _done = [];
    private readonly List<double> _refused = [];
    private readonly Lock _lock = new();
    private int _failed;
    private int _tickets;
    private long _started;

    /// <summary>Runs the plan.</summary>
    public LoadResult Run()
    {
        LoadClient[] clients = [.. Enumerable.Range(0, plan.Clients).Select(_ => create())];
        foreach (LoadClient client in clients)
        {
            for (int i = 0; i < Math.Max(1, WarmUp / plan.Clients); i++)
            {
                client.SendAsync().AsTask().GetAwaiter().GetResult();
            }
        }
        TimeSpan used = Environment.CpuUsage.TotalTime;
        _started = Stopwatch.GetTimestamp();
        Thread[] threads = [.. clients.Select(c => new Thread(() => Loop(c), 256 << 10))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        double cpu = (Environment.CpuUsage.TotalTime - used).TotalSeconds;
        Array.ForEach(clients, c => c.Dispose());
        return new LoadResult(seconds, cpu, [.. _done], [.. _refused], _failed);
    }

    private void Loop(LoadClient client)
    {
        while (Next())
        {
            long sent = Stopwatch.GetTimestamp();
            int status = 0;
            try
            {
                status = client.SendAsync().AsTask().GetAwaiter().GetResult();
            }
            catch (Exception e) when (e is System.Net.Sockets.SocketException or Grpc.Core.RpcException)
            {
                Interlocked.Increment(ref _failed);
                continue;
            }
            double took = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
            lock (_lock)
            {
                (status == LoadClient.Ok ? _done : _refused).Add(took);
            }
        }
    }

    private bool Next()
    {
        int ticket = Interlocked.Increment(ref _tickets);
        if (plan.Requests > 0 && ticket > plan.Requests)
        {
            return false;
        }
        if (plan.Rate > 0)
        {
            double wait = (ticket / plan.Rate) - Stopwatch.GetElapsedTime(_started).TotalSeconds;
            if (wait > 0)
            {
                Thread.Sleep(TimeSpan.FromSeconds(wait));
            }
        }
        return plan.Seconds == 0 || Stopwatch.GetElapsedTime(_started).TotalSeconds < plan.Seconds;
    }
}
