using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>Something that takes its turn in every round.</summary>
internal interface IContender : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Makes it ready to be measured.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>Measures for about so many seconds.</summary>
    Task<PeerReply> MeasureAsync(double seconds, CancellationToken cancellation);
}
