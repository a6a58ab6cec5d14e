using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>Someone who can do the work of a workload.</summary>
/// <param name="Name">What <c>--peers</c> calls it.</param>
/// <param name="Title">What tables call it.</param>
internal sealed record Peer(string Name, string Title)
{
    /// <summary>The request's variant.</summary>
    public string Variant { get; init; } = "";

    public bool Trains { get; init; } = true;

    public bool Infers { get; init; } = true;

    /// <summary>Whether it computes what Lamina does in float32, so that results must agree.</summary>
    public bool IsExact { get; init; } = true;

    /// <summary>The peer that its speed is held against: one of Lamina's ways to do the same.</summary>
    public string Rival { get; init; } = "lamina";

    public bool Does(string kind) => kind == PeerRequest.Train ? Trains : Infers;
}
