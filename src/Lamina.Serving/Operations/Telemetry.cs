using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Lamina.Serving;

/// <summary>Traces and metrics for OpenTelemetry: an activity and a duration for each inference request.</summary>
internal static class Telemetry
{
    private static readonly ActivitySource s_source = new(ServingTelemetry.ActivitySourceName);
    private static readonly Meter s_meter = new(ServingTelemetry.MeterName);
    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram<double>(
        "lamina.inference.duration",
        "s",
        "Duration of inference requests, the time in the queue included."
    );
    private static readonly Histogram<int> s_batch = s_meter.CreateHistogram<int>(
        "lamina.inference.batch.size",
        "{sample}",
        "Samples of the batches that were computed."
    );

    /// <summary>Starts the activity of a request; null if nobody listens.</summary>
    public static Activity? StartInference(ServedVersion version, InferenceRequest request)
    {
        Activity? activity = s_source.StartActivity("inference", ActivityKind.Internal);
        if (activity is not null)
        {
            activity.SetTag("lamina.model.name", version.ModelName);
            activity.SetTag("lamina.model.version", version.Version);
            activity.SetTag("lamina.request.id", request.Id);
        }
        return activity;
    }

    /// <summary>Records a request.</summary>
    public static void Ended(ServedVersion version, long arrived, Exception? error)
    {
        if (s_duration.Enabled)
        {
            TagList tags = TagsOf(version.ModelName, version.Version);
            if (error is not null)
            {
                tags.Add("error.type", error is ServingException e ? e.Error.ToString() : error.GetType().Name);
            }
            s_duration.Record(Stopwatch.GetElapsedTime(arrived).TotalSeconds, tags);
        }
    }

    /// <summary>Records a batch.</summary>
    public static void Computed(string model, string version, int rows)
    {
        if (s_batch.Enabled)
        {
            s_batch.Record(rows, TagsOf(model, version));
        }
    }

    private static TagList TagsOf(string model, string version) =>
        new() { { "lamina.model.name", model }, { "lamina.model.version", version } };
}
