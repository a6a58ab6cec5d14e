using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// The settings that a training must share with the one that wrote a checkpoint, so that resuming continues the same
/// run.
/// </summary>
internal static class FitFingerprint
{
    private const string ModelKey = "model";

    public static JsonObject Of(CompiledModel compiled, IBatchSource train)
    {
        JsonObject optimizer = compiled.Optimizer.GetConfig();
        if (compiled.Optimizer.Schedule is null)
        {
            // Callbacks change it; the optimizer's state contains it.
            optimizer.Remove("learning_rate");
        }
        var fingerprint = new JsonObject
        {
            [ModelKey] = ModelHash(compiled.Model),
            ["optimizer"] = optimizer,
            ["loss"] = compiled.Objective.Parts is [var first, ..] ? first.Loss.GetConfig() : null,
            ["metrics"] = new JsonArray([.. compiled.Metrics.Select(m => JsonValue.Create(m.Fingerprint))]),
            ["seed"] = compiled.Seed,
            ["data"] = new JsonObject { ["samples"] = train.Count, ["batch_size"] = train.BatchSize },
        };
        if (compiled.Custom is { } custom)
        {
            fingerprint["train_step"] = custom.Fingerprint();
        }
        if (compiled.Objective.Parts is [{ Name.Length: > 0 }, ..])
        {
            fingerprint["losses"] = new JsonArray([
                .. compiled.Objective.Parts.Select(p => new JsonObject
                {
                    ["output"] = p.Output,
                    ["weight"] = p.Weight,
                    ["loss"] = p.Loss.GetConfig(),
                }),
            ]);
        }
        if (train is ClassWeightedSource weighted)
        {
            fingerprint["class_weight"] = weighted.Weights.ToJson();
        }
        if (compiled.StatisticsSamples > 0)
        {
            // Omitted otherwise, as in checkpoints written before the option existed.
            fingerprint["statistics_samples"] = compiled.StatisticsSamples;
        }
        if (compiled.Precision == ComputePrecision.BFloat16)
        {
            fingerprint["precision"] = "bfloat16";
        }
        return fingerprint;
    }

    /// <summary>Returns the first difference, with both values; <see langword="null"/> if there is none.</summary>
    public static string? Difference(JsonObject saved, JsonObject current) => Difference(saved, current, "");

    private static string? Difference(JsonNode? saved, JsonNode? current, string path)
    {
        if (JsonNode.DeepEquals(saved, current))
        {
            return null;
        }
        if (saved is JsonObject then && current is JsonObject now)
        {
            return now.Select(m => m.Key)
                .Union(then.Select(m => m.Key))
                .Select(k => Difference(then[k], now[k], path.Length == 0 ? k : $"{path}'s {k}"))
                .First(d => d is not null);
        }
        return path == ModelKey ? path : $"{path} ({Text(saved)}, now {Text(current)})";
    }

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "none";

    // Names are left out: counters continue within a process, so the same code creates the same model under other
    // names.
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
}
