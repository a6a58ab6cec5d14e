using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A key of a layer's config in some versions of Keras.</summary>
/// <param name="ClassName">The layer's class.</param>
/// <param name="Key">The key.</param>
/// <param name="Default">The constructor's default, as JSON; <see langword="null"/> if it has none.</param>
/// <param name="Versions">The versions, such as <c>2.7-2.15 3.14-3.16</c>.</param>
internal sealed record KerasKey(string ClassName, string Key, string? Default, string Versions);

/// <summary>
/// The keys that Keras 2.7 to 3.16 write into the configs of supported layers, with their defaults. The table comes
/// from Keras's source, by tests/interop/keras/make_key_table.py. A key that Lamina does not read is harmless while it
/// holds its default.
/// </summary>
internal static class KerasKeys
{
    private const string Required = "required";

    private static readonly Dictionary<string, string> s_aliases = new(StringComparer.Ordinal)
    {
        ["Convolution2D"] = "Conv2D",
        ["BatchNormalizationV1"] = "BatchNormalization",
        ["MaxPool2D"] = "MaxPooling2D",
        ["AvgPool2D"] = "AveragePooling2D",
        ["GlobalAvgPool2D"] = "GlobalAveragePooling2D",
        // Lamina's own classes, with the keys of similar Keras classes.
        ["AdaptiveAveragePooling2D"] = "AveragePooling2D",
    };

    private static readonly Lazy<IReadOnlyList<KerasKey>> s_all = new(Read);

    private static readonly Lazy<ILookup<(string, string), KerasKey>> s_byName = new(() =>
        All.ToLookup(k => (k.ClassName, k.Key))
    );

    /// <summary>The whole table.</summary>
    public static IReadOnlyList<KerasKey> All => s_all.Value;

    /// <summary>
    /// Returns the default of a class's key as JSON text; <see langword="null"/> if no version has such a default.
    /// </summary>
    public static string? DefaultOf(string className, string key) => Find(className, key).FirstOrDefault()?.Default;

    /// <summary>Returns <see langword="true"/> if the value is the key's default in some version.</summary>
    public static bool IsDefault(string className, string key, JsonNode value) =>
        Find(className, key).Any(k => k.Default is { } text && Same(JsonNode.Parse(text), value));

    /// <summary>Returns <see langword="true"/> if Keras 2 has the class, but not the key.</summary>
    public static bool IsLater(string className, string key)
    {
        KerasKey[] keys = [.. Find(className, key)];
        return keys.Length > 0 && keys.All(k => k.Versions.StartsWith('3')) && HasKeras2(className);
    }

    private static bool HasKeras2(string className) =>
        All.Any(k => k.ClassName == s_aliases.GetValueOrDefault(className, className) && k.Versions.StartsWith('2'));

    private static IEnumerable<KerasKey> Find(string className, string key) =>
        s_byName.Value[(s_aliases.GetValueOrDefault(className, className), key)];

    // Python writes 0 as well as 0.0.
    private static bool Same(JsonNode? a, JsonNode? b) =>
        (a, b) switch
        {
            (null, null) => true,
            (JsonArray x, JsonArray y) => x.Count == y.Count && x.Zip(y).All(p => Same(p.First, p.Second)),
            (JsonValue x, JsonValue y)
                when x.GetValueKind() == JsonValueKind.Number && y.GetValueKind() == JsonValueKind.Number => Number(x)
                == Number(y),
            _ => a?.ToJsonString() == b?.ToJsonString(),
        };

    private static double Number(JsonValue value) =>
        double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number
            : double.NaN;

    private static KerasKey[] Read()
    {
        using Stream stream = typeof(KerasKeys).Assembly.GetManifestResourceStream("keras-keys.tsv")!;
        using var reader = new StreamReader(stream);
        return
        [
            .. reader
                .ReadToEnd()
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => line[0] != '#')
                .Select(line => line.Split('\t'))
                .Select(c => new KerasKey(c[0], c[1], c[2] == Required ? null : c[2], c[3])),
        ];
    }
}
