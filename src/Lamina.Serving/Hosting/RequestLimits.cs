using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace Lamina.Serving;

/// <summary>Limits the rate of each client's requests, a client being an address.</summary>
internal static class RequestLimits
{
    /// <summary>Sets the limit: the rate on average, and twice as many at once.</summary>
    public static void Configure(RateLimiterOptions limiter, int perSecond)
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            HealthPaths.Contains(context.Request.Path) || PageFiles.AreAt(context.Request.Path)
                ? RateLimitPartition.GetNoLimiter("free")
                : RateLimitPartition.GetTokenBucketLimiter(
                    ClientOf(context),
                    _ => new TokenBucketRateLimiterOptions
                    {
                        TokenLimit = perSecond * 2,
                        TokensPerPeriod = perSecond,
                        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                        QueueLimit = 0,
                    }
                )
        );
        limiter.OnRejected = (rejected, _) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = "1";
            return new ValueTask(
                JsonObjects.WriteErrorAsync(
                    rejected.HttpContext.Response,
                    StatusCodes.Status429TooManyRequests,
                    $"more than {perSecond} requests per second. Try again later."
                )
            );
        };
    }

    private static string ClientOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
