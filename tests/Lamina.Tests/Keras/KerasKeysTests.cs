using System.Text.Json.Nodes;

namespace Lamina.Tests.Keras;

/// <summary>The table of what each version of Keras writes into layers' configs, and what Lamina makes of it.</summary>
public class KerasKeysTests
{
    private static readonly string[] s_versions =
    [
        .. Enumerable.Range(7, 9).Select(minor => $"2.{minor}"),
        .. Enumerable.Range(0, 17).Select(minor => $"3.{minor}"),
    ];

    // Values for what has no default.
    private static readonly Dictionary<string, string> s_required = new(StringComparer.Ordinal)
    {
        ["activation"] = "\"relu\"",
        ["filters"] = "2",
        ["kernel_size"] = "[1, 1]",
        ["pool_size"] = "[2, 2]",
        ["units"] = "2",
        ["rate"] = "0.5",
        ["dims"] = "[1]",
        ["scale"] = "1.0",
        ["target_shape"] = "[-1]",
        ["axes"] = "1",
        ["n"] = "2",
        ["stddev"] = "0.1",
        ["factor"] = "0.1",
        ["height_factor"] = "0.1",
        ["width_factor"] = "0.1",
        ["height"] = "4",
        ["width"] = "4",
        ["mode"] = "\"horizontal\"",
        ["alpha_initializer"] = "\"zeros\"",
    };

    public static TheoryData<string> Versions => [.. s_versions];

    public static TheoryData<string> Classes => [.. KerasKeys.All.Select(k => k.ClassName).Distinct()];

    // What would make another function of a layer; where data lies and what it is, is checked apart.
    public static TheoryData<string, string, string> Changing =>
        new()
        {
            { "BatchNormalization", "renorm", "true" },
            { "BatchNormalization", "virtual_batch_size", "8" },
            { "InputLayer", "sparse", "true" },
            { "InputLayer", "ragged", "true" },
            { "InputLayer", "optional", "true" },
            { "Dropout", "noise_shape", "[1, 2]" },
            { "Dense", "quantization_config", """{"class_name": "Int8QuantizationConfig", "config": {}}""" },
            { "Dense", "dtype", """{"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}}""" },
            { "Dense", "dtype", "\"int8_from_float32\"" },
            { "Dense", "activation", """{"class_name": "LeakyReLU", "config": {"negative_slope": 0.1}}""" },
            { "Dense", "activation", """{"class_name": "ReLU", "config": {"max_value": 6, "negative_slope": 0.1}}""" },
            { "Activation", "activation", "\"square_root\"" },
            { "SpatialDropout2D", "noise_shape", "[1, 2]" },
            { "LayerNormalization", "rms_scaling", "true" },
            { "Resizing", "fill_mode", "\"reflect\"" },
            { "CenterCrop", "data_format", "\"channels_first\"" },
            { "Conv2D", "data_format", "\"channels_first\"" },
            { "MaxPooling2D", "data_format", "\"channels_first\"" },
            { "Flatten", "data_format", "\"channels_first\"" },
            { "Conv2D", "new_in_keras_4", "1" },
        };

    public static TheoryData<string, string, string> Harmless =>
        new()
        {
            { "BatchNormalization", "renorm_momentum", "0.5" },
            { "BatchNormalization", "synchronized", "true" },
            { "Conv2D", "kernel_regularizer", """{"class_name": "L2", "config": {"l2": 0.1}}""" },
            { "Conv2D", "lora_rank", "4" },
            { "Dense", "dtype", """{"class_name": "DTypePolicy", "config": {"name": "bfloat16"}}""" },
            { "InputLayer", "dtype", "\"uint8\"" },
            { "Dense", "activation", """{"module": "builtins", "class_name": "function", "config": "relu"}""" },
            { "Dense", "activation", """{"class_name": "ReLU", "config": {"max_value": 6.0}}""" },
            { "Dense", "activation", """{"class_name": "LeakyReLU", "config": {"alpha": 0.20000000298023224}}""" },
            { "LeakyReLU", "alpha", "0.5" },
        };

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_layer_of_every_version_is_read(string version)
    {
        IEnumerable<string> classes = KerasKeys
            .All.Where(k => Covers(k.Versions, version))
            .Select(k => k.ClassName)
            .Distinct();
        foreach (string className in classes)
        {
            Assert.Equal(className, Read(className, Config(className, version), version).ClassName);
        }
    }

    [Theory]
    [MemberData(nameof(Changing))]
    public void What_changes_the_result_is_refused(string className, string key, string value)
    {
        JsonObject config = Config(className, "3.16");
        config[key] = JsonNode.Parse(value);
        ConfigException error = Assert.Throws<ConfigException>(() => Read(className, config, "3.16"));
        Assert.StartsWith($"layer_1 ({className}): ", error.Message, StringComparison.Ordinal);
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void What_does_not_is_read(string className, string key, string value)
    {
        JsonObject config = Config(className, "3.16");
        config[key] = JsonNode.Parse(value);
        Assert.Equal(className, Read(className, config, "3.16").ClassName);
    }

    // A key that Lamina ignores has one meaning in all versions, so the table need not be asked for one of them.
    [Theory]
    [MemberData(nameof(Classes))]
    public void A_key_has_one_default_in_all_versions(string className)
    {
        var several = KerasKeys
            .All.Where(k => k.ClassName == className && k.Default is not null)
            .GroupBy(k => k.Key)
            .Where(g => g.Count() > 1)
            .Select(g => g.Key);
        Assert.Empty(several);
    }

    [Fact]
    public void Keys_come_and_go_with_versions()
    {
        Assert.DoesNotContain("renorm_momentum", Config("BatchNormalization", "3.13").Select(p => p.Key));
        Assert.Contains("renorm_momentum", Config("BatchNormalization", "3.14").Select(p => p.Key));
        Assert.Contains("renorm_momentum", Config("BatchNormalization", "2.15").Select(p => p.Key));
        Assert.Contains("optional", Config("InputLayer", "3.16").Select(p => p.Key));
    }

    private static Layer Read(string className, JsonObject config, string version)
    {
        (string known, JsonObject read) = new KerasLayerConfig(version).Read(className, config);
        return LayerRegistry.FromConfig(known, read);
    }

    private static JsonObject Config(string className, string version)
    {
        var config = new JsonObject { ["name"] = "layer_1" };
        foreach (KerasKey key in KerasKeys.All.Where(k => k.ClassName == className && Covers(k.Versions, version)))
        {
            config[key.Key] = key.Key is "batch_shape" or "batch_input_shape"
                ? className == "InputLayer"
                    ? new JsonArray(null, 4)
                    : null
                : JsonNode.Parse(
                    key.Default ?? (className == "Conv1D" && key.Key == "kernel_size" ? "[1]" : s_required[key.Key])
                );
        }
        return config;
    }

    private static bool Covers(string spans, string version)
    {
        int at = Array.IndexOf(s_versions, version);
        return spans
            .Split(' ')
            .Select(s => s.Split('-'))
            .Any(s => Array.IndexOf(s_versions, s[0]) <= at && at <= Array.IndexOf(s_versions, s[^1]));
    }
}
