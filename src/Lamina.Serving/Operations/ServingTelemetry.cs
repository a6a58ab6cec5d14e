namespace Lamina.Serving;

/// <summary>The names by which OpenTelemetry finds the server's traces and metrics.</summary>
public static class ServingTelemetry
{
    /// <summary>The name of the activity source, for <c>AddSource</c>.</summary>
    public const string ActivitySourceName = "Lamina.Serving";

    /// <summary>The name of the meter, for <c>AddMeter</c>.</summary>
    public const string MeterName = "Lamina.Serving";
}
