using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Lamina.Serving;

/// <summary>The headers that the protocol adds to HTTP's.</summary>
internal static class RestHeaders
{
    /// <summary>The length of the JSON object in a body with binary data.</summary>
    public const string JsonLength = "Inference-Header-Content-Length";

    /// <summary>The standard header that tells browsers what took how long.</summary>
    public const string Timing = "Server-Timing";

    public const string Json = "application/json";
    public const string Binary = "application/octet-stream";

    /// <summary>Returns the value of <see cref="Timing"/>, in milliseconds.</summary>
    public static string TimingOf(RequestTimes times) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"prepare;dur={times.Prepare.TotalMilliseconds:0.###}, queue;dur={times.Queue.TotalMilliseconds:0.###}, compute;dur={times.Compute.TotalMilliseconds:0.###}"
        );

    /// <summary>Returns the length of the JSON object; null if the body is JSON alone.</summary>
    /// <exception cref="ServingException">The header is not a length.</exception>
    public static int? ReadJsonLength(HttpRequest request)
    {
        string value = request.Headers[JsonLength].ToString();
        return value.Length == 0 ? null
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int length) ? length
            : throw ServingException.Invalid($"{JsonLength}: '{value}' is not a length.");
    }
}
