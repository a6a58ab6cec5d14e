using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Lamina.Serving;

/// <summary>
/// Lets requests pass that carry an API key, as a bearer token or in the header <c>X-API-Key</c>, or a JSON Web Token.
/// </summary>
internal sealed class AccessControl(IEnumerable<string> keys, bool acceptsTokens)
{
    private const string Bearer = "Bearer ";

    // Of hashes, a comparison's time tells nothing.
    private readonly byte[][] _hashes = [.. keys.Select(k => SHA256.HashData(Encoding.UTF8.GetBytes(k)))];

    /// <summary>Calls the next handler, or answers 401.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (
            HealthPaths.Contains(context.Request.Path)
            || PageFiles.AreAt(context.Request.Path)
            || IsKnown(context.Request)
            || (acceptsTokens && await HasTokenAsync(context).ConfigureAwait(false))
        )
        {
            await next(context).ConfigureAwait(false);
            return;
        }
        context.Response.Headers.WWWAuthenticate = "Bearer";
        await JsonObjects
            .WriteErrorAsync(context.Response, StatusCodes.Status401Unauthorized, Needed)
            .ConfigureAwait(false);
    }

    private string Needed =>
        (_hashes.Length > 0, acceptsTokens) switch
        {
            (true, false) => "this server needs an API key: Authorization: Bearer KEY, or X-API-Key: KEY.",
            (false, true) => "this server needs a valid token: Authorization: Bearer TOKEN.",
            _ => "this server needs an API key or a valid token: Authorization: Bearer KEY, or X-API-Key: KEY.",
        };

    private static async Task<bool> HasTokenAsync(HttpContext context)
    {
        AuthenticateResult result = await context.AuthenticateAsync().ConfigureAwait(false);
        if (result.Succeeded)
        {
            context.User = result.Principal;
        }
        return result.Succeeded;
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
