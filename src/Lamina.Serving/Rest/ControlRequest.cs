using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Lamina.Serving;

/// <summary>The body of a request to the model repository, which may be empty.</summary>
internal sealed record ControlRequest(bool ReadyOnly, IReadOnlyList<string> Parameters)
{
    /// <summary>Reads the body.</summary>
    /// <exception cref="ServingException">It is not an object of the protocol.</exception>
    public static async Task<ControlRequest> ReadAsync(HttpContext context, BodyReader bodies)
    {
        var memory = new RequestMemory();
        try
        {
            ReadOnlyMemory<byte> body = await bodies.ReadAsync(context, memory).ConfigureAwait(false);
            if (body.IsEmpty)
            {
                return new ControlRequest(false, []);
            }
            using var json = JsonDocument.Parse(body);
            bool ready = json.RootElement.TryGetProperty("ready", out JsonElement value) && value.GetBoolean();
            bool any = json.RootElement.TryGetProperty("parameters", out JsonElement parameters);
            return new ControlRequest(ready, any ? [.. parameters.EnumerateObject().Select(p => p.Name)] : []);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw ServingException.Invalid("the body is not the JSON object that this address expects.", e);
        }
        finally
        {
            memory.Release();
        }
    }
}
