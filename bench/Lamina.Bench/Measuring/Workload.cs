using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>One thing to do, and who does it.</summary>
/// <param name="Name">What progress lines and <c>--only</c> call it: <c>train walkthrough 32</c>.</param>
/// <param name="Turns">
/// Who is measured in each round, in this order. A name may come twice: its turns of a round count as one.
/// </param>
/// <param name="Contenders">Those that the turns name.</param>
internal sealed record Workload(string Name, IReadOnlyList<string> Turns, IReadOnlyList<IContender> Contenders)
{
    /// <summary>Run first: writes what the contenders read.</summary>
    public Action Prepare { get; init; } = () => { };

    /// <summary>Run once when all are ready, before anything is timed: names as failed whose results disagree.</summary>
    public Func<IReadOnlyList<IContender>, WorkloadResult, CancellationToken, Task>? Check { get; init; }

    /// <summary>Why it cannot be measured here; empty if it can.</summary>
    public string Skip { get; init; } = "";
}

/// <summary>What a workload's rounds gave.</summary>
internal sealed class WorkloadResult(string name)
{
    private readonly Dictionary<string, List<PeerReply>> _rounds = [];

    public string Name => name;

    /// <summary>What went wrong, by contender; under <c>*</c> for the workload as a whole.</summary>
    public Dictionary<string, string> Failures { get; } = [];

    /// <summary>How far a contender's results lie from the first's, relative.</summary>
    public Dictionary<string, double> Errors { get; } = [];

    public IReadOnlyDictionary<string, List<PeerReply>> Rounds => _rounds;

    /// <summary>Adds a whole round.</summary>
    public void Add(IReadOnlyDictionary<string, PeerReply> round)
    {
        foreach ((string contender, PeerReply reply) in round)
        {
            if (!_rounds.TryGetValue(contender, out List<PeerReply>? replies))
            {
                _rounds[contender] = replies = [];
            }
            replies.Add(reply);
        }
    }

    /// <summary>Whether a contender was measured.</summary>
    public bool Has(string contender) => _rounds.ContainsKey(contender);

    /// <summary>A figure of each round.</summary>
    public IEnumerable<double> Of(string contender, Func<PeerReply, double> figure) =>
        _rounds[contender].Select(figure);

    /// <summary>The workload's unit a second.</summary>
    public Spread Rate(string contender) => Spread.Of(Of(contender, RateOf));

    /// <summary>How many times as fast as another, by the rounds in which both were measured.</summary>
    public Spread Speedup(string contender, string other) => Spread.OfRatios(Of(contender, RateOf), Of(other, RateOf));

    /// <summary>The most memory that it held, in bytes.</summary>
    public long PeakBytes(string contender) => _rounds[contender].Max(r => r.PeakBytes);

    public static double RateOf(PeerReply reply) => reply.Runs * reply.Work / reply.Seconds;
}
