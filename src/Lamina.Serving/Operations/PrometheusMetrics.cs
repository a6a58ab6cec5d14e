using Microsoft.AspNetCore.Http;
using Prometheus;

namespace Lamina.Serving;

/// <summary>Metrics for Prometheus under the names of Triton's, so that its dashboards and alerts work.</summary>
internal sealed class PrometheusMetrics
{
    private static readonly string[] s_labels = ["model", "version"];

    private readonly ModelRegistry _models;
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly List<(Collector Collector, Action<ServedVersion> Update)> _metrics = [];
    private readonly Lock _lock = new();
    private Dictionary<(string Model, string Version), ServedVersion> _known = [];

    public PrometheusMetrics(ModelRegistry models, BufferedBytes bytes)
    {
        _models = models;
        MetricFactory factory = Metrics.WithCustomRegistry(_registry);
        Count(factory, "request_success", "Number of successful inference requests", s => s.Success.Count);
        Count(factory, "request_failure", "Number of failed inference requests", s => s.Failure.Count);
        Count(factory, "count", "Number of inferences performed (a batch of n counts n)", s => s.Inferences);
        Count(factory, "exec_count", "Number of model executions performed", s => s.Executions);
        Time(factory, "request_duration_us", "Cumulative inference request duration", s => s.Success);
        Time(factory, "queue_duration_us", "Cumulative duration in the queue", s => s.Queue);
        Time(factory, "compute_input_duration_us", "Cumulative compute input duration", s => s.ComputeInput);
        Time(factory, "compute_infer_duration_us", "Cumulative compute inference duration", s => s.ComputeInfer);
        Time(factory, "compute_output_duration_us", "Cumulative compute output duration", s => s.ComputeOutput);
        Gauge pending = factory.CreateGauge(
            "nv_inference_pending_request_count",
            "Number of requests that wait for execution",
            s_labels
        );
        _metrics.Add((pending, v => pending.WithLabels(v.ModelName, v.Version).Set(v.Queue.Count)));
        Gauge buffered = factory.CreateGauge("lamina_request_bytes_buffered", "Bytes of request bodies in memory");
        _registry.AddBeforeCollectCallback(() => buffered.Set(bytes.Count));
        _registry.AddBeforeCollectCallback(Update);
    }

    /// <summary>Writes the metrics in Prometheus's text format.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await _registry
            .CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted)
            .ConfigureAwait(false);
    }

    private void Count(MetricFactory factory, string name, string help, Func<ModelStatistics, long> value)
    {
        Counter counter = factory.CreateCounter($"nv_inference_{name}", help, s_labels);
        _metrics.Add((counter, v => counter.WithLabels(v.ModelName, v.Version).IncTo(value(v.Statistics))));
    }

    private void Time(MetricFactory factory, string name, string help, Func<ModelStatistics, Duration> value) =>
        Count(factory, name, $"{help} in microseconds", s => value(s).Nanoseconds / 1000);

    private void Update()
    {
        lock (_lock)
        {
            ServedVersion[] versions = [.. _models.Loaded(null, null)];
            Dictionary<(string, string), ServedVersion> now = versions.ToDictionary(v => (v.ModelName, v.Version));
            foreach (((string model, string version), ServedVersion before) in _known)
            {
                // A version that was loaded again counts from 0, which Prometheus takes for a restart.
                if (now.GetValueOrDefault((model, version)) != before)
                {
                    _metrics.ForEach(m => Remove(m.Collector, model, version));
                }
            }
            _known = now;
            foreach (ServedVersion version in versions)
            {
                _metrics.ForEach(m => m.Update(version));
            }
        }
    }

    private static void Remove(Collector collector, string model, string version)
    {
        switch (collector)
        {
            case Counter counter:
                counter.RemoveLabelled(model, version);
                break;
            case Gauge gauge:
                gauge.RemoveLabelled(model, version);
                break;
        }
    }
}
