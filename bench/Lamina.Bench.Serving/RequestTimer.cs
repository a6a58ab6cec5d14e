using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Lamina.Bench.Serving;

/// <summary>
/// Listens to ASP.NET Core's own measurement of requests: from the end of their head to the end of their answer, so reading the
/// body and writing are included.
/// </summary>
internal sealed class RequestTimer : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<double> _times = new();

    public RequestTimer()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "http.server.request.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => _times.Enqueue(seconds * 1000));
        _listener.Start();
    }

    /// <summary>Takes the milliseconds of all requests since the last time.</summary>
    public double[] TakeTimes()
    {
        double[] times = [.. _times];
        _times.Clear();
        return times;
    }

    public void Dispose() => _listener.Dispose();
}
