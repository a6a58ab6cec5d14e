using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The states of callbacks, keyed by name and index among those with the same name.</summary>
internal static class CallbackStates
{
    public static JsonObject Get(IReadOnlyList<Callback> callbacks)
    {
        var states = new JsonObject();
        foreach ((string key, Callback callback) in Keys(callbacks))
        {
            if (callback.GetState() is { } state)
            {
                states[key] = state.DeepClone();
            }
        }
        return states;
    }

    /// <summary>Restores the states.</summary>
    /// <exception cref="LaminaException">A state has no matching callback.</exception>
    public static void Set(IReadOnlyList<Callback> callbacks, JsonObject states, string file)
    {
        var byKey = Keys(callbacks).ToDictionary(k => k.Key, k => k.Callback, StringComparer.Ordinal);
        foreach ((string key, JsonNode? state) in states)
        {
            if (!byKey.TryGetValue(key, out Callback? callback))
            {
                throw new LaminaException(
                    $"{file}: was saved with the callback {key.Split('#')[0]}, which is not among those of this run. Pass the same callbacks to Fit."
                );
            }
            callback.SetState(state!.DeepClone().AsObject());
        }
    }

    /// <summary>Restores the states of the callbacks that are there, and leaves out the others.</summary>
    public static void SetKnown(IReadOnlyList<Callback> callbacks, JsonObject states)
    {
        foreach ((string key, Callback callback) in Keys(callbacks))
        {
            if (states[key] is JsonObject state)
            {
                callback.SetState(state.DeepClone().AsObject());
            }
        }
    }

    private static IEnumerable<(string Key, Callback Callback)> Keys(IReadOnlyList<Callback> callbacks)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Callback callback in callbacks)
        {
            string type = callback.StateName;
            int number = counts[type] = counts.GetValueOrDefault(type) + 1;
            yield return ($"{type}#{number}", callback);
        }
    }
}
