using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The registry of augmentations by their JSON names.</summary>
internal static class AugmentationJson
{
    private static readonly Dictionary<string, Entry> s_entries = new(StringComparer.Ordinal)
    {
        ["random_crop"] = new(["whole_image"], v => new RandomCrop(v.Get("whole_image", false))),
        ["random_flip"] = new(["probability"], v => new RandomFlip(v.Get("probability", 0.5))),
        ["random_resized_crop"] = new(
            ["scale", "ratio"],
            v => new RandomResizedCrop { Scale = v.Range("scale", 0.08, 1), Ratio = v.Range("ratio", 3 / 4.0, 4 / 3.0) }
        ),
        ["pca_lighting"] = new(
            ["std", "components"],
            v => new PcaLighting(v.Get("std", 0.1), v.Node("components") is { } c ? ColorComponents.FromJson(c) : null)
        ),
        ["color_jitter"] = new(
            ["brightness", "contrast", "saturation", "hue"],
            v => new ColorJitter(
                v.Get("brightness", 0.0),
                v.Get("contrast", 0.0),
                v.Get("saturation", 0.0),
                v.Get("hue", 0.0)
            )
        ),
        ["random_shift"] = new(["share"], v => new RandomShift(v.Get("share", 0.1))),
        ["random_rotation"] = new(
            ["degrees", "fill"],
            v => new RandomRotation(v.Get("degrees", 10.0), v.Choice("fill", RotationFill.Reflect))
        ),
        ["random_erasing"] = new(
            ["probability", "scale", "ratio", "fill", "mean"],
            v => new RandomErasing(v.Get("probability", 0.5), v.Choice("fill", ErasingFill.Noise))
            {
                Scale = v.Range("scale", 0.02, 0.33),
                Ratio = v.Range("ratio", 0.3, 3.3),
                Mean = v.Numbers("mean") ?? [],
            }
        ),
    };

    private static readonly ConcurrentDictionary<string, Func<JsonObject, Augmentation>> s_registered = new(
        StringComparer.Ordinal
    );

    /// <summary>The names, for messages.</summary>
    public static string Known => string.Join(", ", s_entries.Keys);

    /// <summary>Adds or replaces a custom augmentation.</summary>
    public static void Register(string name, Func<JsonObject, Augmentation> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        if (s_entries.ContainsKey(name))
        {
            throw new ArgumentException($"'{name}' is a built-in augmentation. Choose another name.", nameof(name));
        }
        s_registered[name] = create;
    }

    public static Augmentation Read(JsonNode? json)
    {
        if (json is not JsonObject map || map["name"] is not JsonValue value || !value.TryGetValue(out string? name))
        {
            throw new ConfigException($"Augmentation: must be an object with a \"name\", one of {Known}.");
        }
        if (name is "mixup" or "cutmix")
        {
            throw new ConfigException(
                $"Augmentation: '{name}' changes batches, not single images. Use the recipe key \"mixing\": {{ \"{name}\": alpha }}."
            );
        }
        if (s_registered.TryGetValue(name, out Func<JsonObject, Augmentation>? create))
        {
            Augmentation created = create(map);
            created.Validate();
            return created;
        }
        if (!s_entries.TryGetValue(name, out Entry? entry))
        {
            throw new ConfigException($"Augmentation: '{JsonValues.OneLine(name)}' is unknown. Known are {Known}.");
        }
        Augmentation result = entry.Create(JsonValues.Of(map, $"Augmentation {name}", entry.Keys, named: true));
        result.Validate();
        return result;
    }

    private sealed record Entry(string[] Keys, Func<JsonValues, Augmentation> Create);
}
