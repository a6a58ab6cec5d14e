using System.Net.Sockets;

namespace Lamina.Distributed.Liveness;

/// <summary>The side of the heartbeat of a rank other than 0.</summary>
internal sealed class OtherWatch : Watch
{
    private readonly Line _line;
    private readonly int _rank;
    private readonly RankProcess _first;
    private Task _listening = Task.CompletedTask;

    private OtherWatch(LivenessOptions options, Line line, int rank, RankProcess first)
        : base(options) => (_line, _rank, _first) = (line, rank, first);

    /// <summary>Connects to rank 0 by the first of its addresses that leads there.</summary>
    /// <exception cref="LaminaException">None does.</exception>
    public static OtherWatch Connect(
        LivenessOptions options,
        IReadOnlyList<string> addresses,
        int port,
        string token,
        int rank,
        Action<JobEnd> onEnd
    )
    {
        foreach (string address in addresses)
        {
            var client = new TcpClient();
            try
            {
                if (client.ConnectAsync(address, port).Wait(TimeSpan.FromSeconds(3)))
                {
                    var line = new Line(client);
                    line.Send($"hello {token} {RankProcess.Own(rank)}");
                    Task<(string Word, string Text)?> answer = line.Receive();
                    if (
                        answer.Wait(TimeSpan.FromSeconds(3))
                        && answer.Result is ("hello", var process)
                        && RankProcess.Parse(process) is { } first
                    )
                    {
                        var watch = new OtherWatch(options, line, rank, first) { OnEnd = onEnd };
                        watch._listening = watch.Listen();
                        watch.Start();
                        return watch;
                    }
                }
            }
            catch (AggregateException e) when (e.InnerException is SocketException)
            {
                // The next address may lead there.
            }
            client.Dispose();
        }
        throw new LaminaException(
            $"rank {rank} ({Environment.MachineName}): cannot connect to rank 0 at {string.Join(", ", addresses)}, port {port}. Open a port between the machines, and set {LivenessOptions.PortVariable} to it."
        );
    }

    /// <inheritdoc/>
    public override bool Fail(string message)
    {
        if (!TryEnd() || !_line.Send($"failed {message}"))
        {
            return false;
        }
        // Rank 0 prints it, and ends this process with the others.
        Thread.Sleep(Courtesy * 5);
        return true;
    }

    /// <inheritdoc/>
    protected override void Beat() => _line.Send("beat");

    /// <inheritdoc/>
    protected override void Check()
    {
        if (_line.Silence > Options.Timeout)
        {
            LoseFirst(
                FormattableString.Invariant($"does not respond for {Options.Timeout.TotalSeconds:0.#} s"),
                isSilent: true
            );
        }
    }

    /// <inheritdoc/>
    protected override void Forgive() => _line.Forgive();

    private void LoseFirst(string what, bool isSilent)
    {
        if (!TryEnd())
        {
            return;
        }
        _first.KillIfHere();
        // All notice it; one prints it.
        OnEnd(
            new JobEnd(_rank == 1 ? LostRank.Text(_first, what) : null, JobExit.Lost)
            {
                IsUnreachable = isSilent && !_first.IsHere,
            }
        );
    }

    private async Task Listen()
    {
        while (await _line.Receive().ConfigureAwait(false) is var (word, rest))
        {
            if (word == "kill")
            {
                RankProcess.Parse(rest)?.KillIfHere();
            }
            else if (word == "end")
            {
                _ = TryEnd();
                int code = rest == FormattableString.Invariant($"{JobExit.Lost}") ? JobExit.Lost : JobExit.Failed;
                OnEnd(new JobEnd(null, code));
                return;
            }
            else if (word == "bye")
            {
                _ = TryEnd();
                return;
            }
        }
        if (!IsOver)
        {
            LoseFirst("ended unexpectedly", isSilent: false);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _ = TryEnd();
        _line.Send("bye");
        // Until rank 0 has left too: it takes a connection that is closed before for a lost rank.
        _ = _listening.Wait(Courtesy * 5);
        base.Dispose();
        _line.Dispose();
    }
}
