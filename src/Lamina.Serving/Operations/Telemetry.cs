using System.Diagnostics;

namespace Lamina.Serving;

/// <summary>The traces of the server, for OpenTelemetry: an activity for each inference request.</summary>
internal static class Telemetry
{
    private static readonly ActivitySource s_source = new(ServingTelemetry.ActivitySourceName);

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
}
