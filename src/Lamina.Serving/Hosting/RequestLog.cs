using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lamina.Serving;

/// <summary>Logs requests when they end.</summary>
internal sealed partial class RequestLog(ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            LogRequest(
                context.Request.Method,
                context.Request.Path,
                context.Response.StatusCode,
                Stopwatch.GetElapsedTime(started).TotalMilliseconds
            );
        }
    }

    [LoggerMessage(2, LogLevel.Information, "{Method} {Path} {Status} {Milliseconds:0.00} ms")]
    private partial void LogRequest(string method, string path, int status, double milliseconds);
}
