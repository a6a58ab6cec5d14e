using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// What a training must have in common with the one that wrote a checkpoint, for going on to be the same run: a line of
/// text for each.
/// </summary>
internal static class FitFingerprint
{
    public static JsonObject Of(CompiledModel compiled, IBatchSource train) =>
        new()
        {
            ["model"] = ModelHash(compiled.Model),
            ["optimizer"] = Describe(compiled.Optimizer, nameof(Optimizer.LearningRate)),
            ["loss"] = Describe(compiled.Loss),
            ["metrics"] = string.Join(", ", compiled.Metrics.Select(m => Describe(m))),
            ["seed"] = compiled.Seed.ToString(CultureInfo.InvariantCulture),
            ["data"] = FormattableString.Invariant($"{train.Count} samples in batches of {train.BatchSize}"),
        };

    /// <summary>What the two differ in, in words; null if in nothing.</summary>
    public static string? Difference(JsonObject saved, JsonObject current)
    {
        foreach ((string key, JsonNode? value) in current)
        {
            string now = value!.GetValue<string>();
            string then = saved[key]!.GetValue<string>();
            if (now != then)
            {
                return key == "model" ? "of another model" : $"of another {key} ({then}, now {now})";
            }
        }
        return null;
    }

    // Names are left out: they count on in a process, so that the same code builds the same model under others.
    private static string ModelHash(Model model)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { [model.Name] = "#" };
        Number(model, "#");
        string text = Renamed(model.GetConfig())!.ToJsonString();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

        void Number(Model parent, string prefix)
        {
            for (int i = 0; i < parent.Layers.Count; i++)
            {
                string number = $"{prefix}{i}#";
                names.TryAdd(parent.Layers[i].Name, number);
                if (parent.Layers[i] is Model nested)
                {
                    Number(nested, number);
                }
            }
        }

        JsonNode? Renamed(JsonNode? node) =>
            node switch
            {
                JsonObject members => new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, Renamed(m.Value)))),
                JsonArray items => new JsonArray([.. items.Select(Renamed)]),
                JsonValue value
                    when value.TryGetValue(out string? text) && names.TryGetValue(text, out string? number) => number,
                _ => node?.DeepClone(),
            };
    }

    /// <summary>An object's class and simple properties: <c>Sgd(Momentum 0.9, Nesterov False…)</c>.</summary>
    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2075",
        Justification = "A property that trimming removed is one that nothing reads: it cannot change a run."
    )]
    private static string Describe(object part, string? except = null)
    {
        IEnumerable<string> properties =
            from property in part.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            where property.CanRead && property.GetIndexParameters().Length == 0 && property.Name != except
            where
                property.PropertyType.IsPrimitive
                || property.PropertyType.IsEnum
                || property.PropertyType == typeof(string)
            where property.GetMethod!.IsPublic && property.Name != nameof(Metric.Result)
            orderby property.Name
            select string.Create(CultureInfo.InvariantCulture, $"{property.Name} {property.GetValue(part)}");
        return $"{part.GetType().Name}({string.Join(", ", properties)})";
    }
}
