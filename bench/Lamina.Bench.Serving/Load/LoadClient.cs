namespace Lamina.Bench.Serving;

/// <summary>A client that sends the same request again and again, one at a time.</summary>
internal abstract class LoadClient : IDisposable
{
    /// <summary>The status of a request that was answered with a result.</summary>
    public const int Ok = 200;

    /// <summary>The status of a request that was refused because the server is busy.</summary>
    public const int Refused = 503;

    /// <summary>Sends a request and reads the answer to its end.</summary>
    /// <returns>The HTTP status; <see cref="Refused"/> for gRPC's UNAVAILABLE.</returns>
    public abstract ValueTask<int> SendAsync();

    public abstract void Dispose();
}
