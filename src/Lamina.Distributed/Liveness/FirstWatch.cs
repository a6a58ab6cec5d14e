using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Lamina.Distributed.Liveness;

/// <summary>Rank 0's side of the heartbeat: the others connect to it.</summary>
internal sealed class FirstWatch : Watch
{
    private readonly TcpListener _listener;
    private readonly ConcurrentDictionary<int, Peer> _peers = [];
    private readonly RankProcess _own = RankProcess.Own(0);
    private readonly string _token;

    public FirstWatch(LivenessOptions options, string token)
        : base(options)
    {
        _token = token;
        _listener = new TcpListener(IPAddress.Any, options.Port);
        try
        {
            _listener.Start();
        }
        catch (SocketException e)
        {
            throw new LaminaException(
                $"rank 0 cannot listen on port {options.Port} ({e.Message.TrimEnd('.')}). Set {LivenessOptions.PortVariable} to a free port.",
                e
            );
        }
        _ = AcceptAll();
        Start();
    }

    /// <summary>The port that the others connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <inheritdoc/>
    public override bool Fail(string message)
    {
        if (!TryEnd())
        {
            return false;
        }
        Tell(EndWith(JobExit.Failed));
        return true;
    }

    /// <inheritdoc/>
    protected override void Beat() => Tell("beat");

    /// <inheritdoc/>
    protected override void Check()
    {
        foreach (Peer peer in _peers.Values)
        {
            if (!peer.IsDone && peer.Line.Silence > Options.Timeout)
            {
                Lose(
                    peer,
                    FormattableString.Invariant($"does not respond for {Options.Timeout.TotalSeconds:0.#} s"),
                    isSilent: true
                );
                return;
            }
        }
    }

    /// <inheritdoc/>
    protected override void Forgive()
    {
        foreach (Peer peer in _peers.Values)
        {
            peer.Line.Forgive();
        }
    }

    private void Lose(Peer peer, string what, bool isSilent)
    {
        if (!TryEnd())
        {
            return;
        }
        RankProcess lost = peer.Process;
        Tell($"kill {lost}");
        Tell(EndWith(JobExit.Lost));
        lost.KillIfHere();
        OnEnd(new JobEnd(LostRank.Text(lost, what), JobExit.Lost) { IsUnreachable = isSilent && !lost.IsHere });
    }

    private static string EndWith(int exitCode) => FormattableString.Invariant($"end {exitCode}");

    private void Tell(string line)
    {
        foreach (Peer peer in _peers.Values)
        {
            _ = peer.Line.Send(line);
        }
    }

    private async Task AcceptAll()
    {
        while (true)
        {
            try
            {
                TcpClient client = await _listener.AcceptTcpClientAsync().ConfigureAwait(false);
                _ = Serve(new Line(client));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Serve(Line line)
    {
        // Anyone may connect; only the ranks know the token.
        if (
            await line.Receive().ConfigureAwait(false) is not ("hello", var hello)
            || hello.Split(' ', 2) is not [var token, var process]
            || token != _token
            || RankProcess.Parse(process) is not { } rank
        )
        {
            line.Dispose();
            return;
        }
        var peer = new Peer(line, rank);
        _peers[rank.Rank] = peer;
        line.Send($"hello {_own}");
        while (await line.Receive().ConfigureAwait(false) is var (word, rest))
        {
            if (word == "bye")
            {
                peer.IsDone = true;
            }
            else if (word == "failed")
            {
                await Task.Delay(Courtesy).ConfigureAwait(false);
                // Usually this rank meets the same error, and reports it itself.
                if (TryEnd())
                {
                    Tell(EndWith(JobExit.Failed));
                    OnEnd(new JobEnd($"rank {rank.Rank} ({rank.Host}): {rest}", JobExit.Failed));
                }
            }
        }
        if (!peer.IsDone && !IsOver)
        {
            Lose(peer, "ended unexpectedly", isSilent: false);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _ = TryEnd();
        Tell("bye");
        _ = SpinWait.SpinUntil(() => _peers.Values.All(p => p.IsDone), Courtesy * 5);
        base.Dispose();
        _listener.Stop();
        foreach (Peer peer in _peers.Values)
        {
            peer.Line.Dispose();
        }
    }

    private sealed class Peer(Line line, RankProcess process)
    {
        private volatile bool _isDone;

        public Line Line => line;

        public RankProcess Process => process;

        /// <summary><see langword="true"/> once the rank has said that it ends in order.</summary>
        public bool IsDone
        {
            get => _isDone;
            set => _isDone = value;
        }
    }
}
