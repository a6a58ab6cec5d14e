using System.Globalization;
using System.Text.Json;

namespace Lamina.Serving;

/// <summary>The value of a request parameter: a string, a number, or a boolean.</summary>
internal readonly record struct ParameterValue(string? Text, ulong? Number, bool? Boolean)
{
    public static ParameterValue Of(ref Utf8JsonReader reader) =>
        reader.TokenType switch
        {
            JsonTokenType.True => new(null, null, true),
            JsonTokenType.False => new(null, null, false),
            JsonTokenType.Number => new(null, reader.TryGetUInt64(out ulong number) ? number : null, null),
            JsonTokenType.String => new(reader.GetString(), null, null),
            _ => default,
        };

    public bool AsBoolean(string key) =>
        Boolean ?? throw ServingException.Invalid($"parameter '{key}' must be true or false.");

    public ulong AsUnsigned(string key) =>
        Number
        ?? (
            // Clients of other servers send numbers as strings too.
            ulong.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong parsed)
                ? parsed
                : throw ServingException.Invalid($"parameter '{key}' must be a whole number, at least 0.")
        );
}

/// <summary>Rules for parameters that both protocols have.</summary>
internal static class RequestParameters
{
    /// <summary>Throws if a parameter wants data in shared memory.</summary>
    public static void RequireNoSharedMemory(string key)
    {
        if (key.StartsWith("shared_memory_", StringComparison.Ordinal))
        {
            throw new ServingException(
                ServingError.Unimplemented,
                "this server has no shared memory regions. Send the data in the request."
            );
        }
    }
}
