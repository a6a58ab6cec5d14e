using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Lamina.Serving;

/// <summary>Lets requests pass that carry a key, as a bearer token or in the header <c>X-API-Key</c>.</summary>
internal sealed class ApiKeys
{
    private const string Bearer = "Bearer ";

    // Of hashes, a comparison's time tells nothing.
    private readonly byte[][] _hashes;

    public ApiKeys(IEnumerable<string> keys)
    {
        _hashes = [.. keys.Select(k => SHA256.HashData(Encoding.UTF8.GetBytes(k)))];
    }

    /// <summary>Calls the next handler, or answers 401.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (
            HealthPaths.Contains(context.Request.Path)
            || PageFiles.AreAt(context.Request.Path)
            || IsKnown(context.Request)
        )
        {
            return next(context);
        }
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return JsonObjects.WriteErrorAsync(
            context.Response,
            StatusCodes.Status401Unauthorized,
            "this server needs an API key: Authorization: Bearer KEY, or X-API-Key: KEY."
        );
    }

    private bool IsKnown(HttpRequest request)
    {
        string given = request.Headers.Authorization.ToString();
        given = given.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? given[Bearer.Length..].Trim()
            : request.Headers["X-API-Key"].ToString();
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(given));
        bool known = false;
        foreach (byte[] key in _hashes)
        {
            known |= CryptographicOperations.FixedTimeEquals(key, hash);
        }
        return known;
    }
}

/// <summary>The addresses of health, which probes ask without a key and without a limit.</summary>
internal static class HealthPaths
{
    public static bool Contains(PathString path) =>
        path.StartsWithSegments("/v2/health")
        || path.StartsWithSegments("/inference.GRPCInferenceService/ServerLive")
        || path.StartsWithSegments("/inference.GRPCInferenceService/ServerReady");
}
