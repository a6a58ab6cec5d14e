using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The registry of augmentations by their JSON names.</summary>
internal static class AugmentationJson
{
    private static readonly Dictionary<string, Func<ConfigReader, Augmentation>> s_builtIn = new(StringComparer.Ordinal)
    {
        ["random_crop"] = v => new RandomCrop(v.Flag("whole_image", false)),
        ["random_flip"] = v => new RandomFlip(v.AnyNumber("probability", 0.5)),
        ["random_resized_crop"] = v => new RandomResizedCrop
        {
            Scale = v.Range("scale", 0.08, 1),
            Ratio = v.Range("ratio", 3 / 4.0, 4 / 3.0),
        },
        ["pca_lighting"] = v => new PcaLighting(
            v.AnyNumber("std", 0.1),
            v.Node("components") is { } c ? ColorComponents.FromJson(c) : null
        ),
        ["color_jitter"] = v => new ColorJitter(
            v.AnyNumber("brightness", 0),
            v.AnyNumber("contrast", 0),
            v.AnyNumber("saturation", 0),
            v.AnyNumber("hue", 0)
        ),
        ["random_shift"] = v => new RandomShift(v.AnyNumber("share", 0.1)),
        ["random_rotation"] = v => new RandomRotation(
            v.AnyNumber("degrees", 10),
            v.Choice("fill", RotationFill.Reflect)
        ),
        ["random_erasing"] = v => new RandomErasing(
            v.AnyNumber("probability", 0.5),
            v.Choice("fill", ErasingFill.Noise)
        )
        {
            Scale = v.Range("scale", 0.02, 0.33),
            Ratio = v.Range("ratio", 0.3, 3.3),
            Mean = v.Has("mean") ? v.Numbers("mean") : [],
        },
    };

    private static readonly ConcurrentDictionary<string, Func<JsonObject, Augmentation>> s_registered = new(
        StringComparer.Ordinal
    );

    /// <summary>The names, for messages.</summary>
    public static string Known => string.Join(", ", s_builtIn.Keys);

    /// <summary>Adds or replaces a custom augmentation.</summary>
    public static void Register(string name, Func<JsonObject, Augmentation> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        if (s_builtIn.ContainsKey(name))
        {
            throw new ArgumentException($"'{name}' is a built-in augmentation. Choose another name.", nameof(name));
        }
        s_registered[name] = create;
    }

    public static Augmentation Read(JsonNode? json)
    {
        if (json is not JsonObject map || JsonValues.Text(map["name"]) is not { } name)
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
        if (!s_builtIn.TryGetValue(name, out Func<ConfigReader, Augmentation>? read))
        {
            throw new ConfigException($"Augmentation: '{JsonValues.Short(name)}' is unknown. Known are {Known}.");
        }
        var reader = new ConfigReader(map, "Augmentation");
        reader.Name(name);
        Augmentation result = read(reader);
        reader.Done();
        result.Validate();
        return result;
    }
}
