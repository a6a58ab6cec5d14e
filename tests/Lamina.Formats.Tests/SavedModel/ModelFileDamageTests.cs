using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Lamina.Formats.Tests;

/// <summary>
/// What is malformed is refused, even where the checksums are right: files by other hands have right checksums too.
/// </summary>
public class ModelFileDamageTests
{
    [Fact]
    public void Every_truncation_of_every_file_is_refused()
    {
        using var temp = new TempFolder();
        SaveSmall(temp);
        foreach (string name in temp.Names())
        {
            byte[] bytes = File.ReadAllBytes(temp[name]);
            for (int length = 0; length < bytes.Length; length++)
            {
                File.WriteAllBytes(temp[name], bytes[..length]);
                // The manifest's last byte is a line feed, which says nothing.
                if (name == ModelPart.Manifest && length == bytes.Length - 1)
                {
                    continue;
                }
                OneLine.Error(() => ModelFile.Load(temp.Root), temp[name]);
            }
            File.WriteAllBytes(temp[name], bytes);
        }
        ModelFile.Load(temp.Root);
    }

    [Fact]
    public void Every_changed_byte_of_every_file_is_refused_or_says_nothing()
    {
        using var temp = new TempFolder();
        SaveSmall(temp);
        SavedModel whole = ModelFile.Load(temp.Root);
        foreach (string name in temp.Names())
        {
            byte[] bytes = File.ReadAllBytes(temp[name]);
            for (int i = 0; i < bytes.Length; i++)
            {
                byte[] damaged = [.. bytes];
                damaged[i] ^= 0x11;
                File.WriteAllBytes(temp[name], damaged);
                try
                {
                    SavedModel saved = ModelFile.Load(temp.Root);
                    Assert.Equal(ModelPart.Manifest, name);
                    Assert.Equal(whole.Metadata.ToJsonString(), saved.Metadata.ToJsonString());
                    Assert.Equal(
                        whole.Model.Weights.Select(w => w.GetValues()),
                        saved.Model.Weights.Select(w => w.GetValues())
                    );
                }
                catch (LaminaException e)
                {
                    OneLine.IsOneLine(e);
                }
            }
            File.WriteAllBytes(temp[name], bytes);
        }
    }

    [Fact]
    public void Every_truncation_of_a_one_file_model_is_refused()
    {
        using var temp = new TempFolder();
        string path = temp["m.lamina"];
        ModelFile.Save(SmallModel.Create(), path);
        byte[] bytes = File.ReadAllBytes(path);
        for (int length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(path, bytes[..length]);
            OneLine.Error(() => ModelFile.Load(path), path);
        }
    }

    [Fact]
    public void An_unknown_layer_is_named() =>
        RefusesArchitecture(
            json => json.Replace("\"BatchNormalization\"", "\"System.Diagnostics.Process\"", StringComparison.Ordinal),
            "System.Diagnostics.Process"
        );

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"layers\": 5}")]
    [InlineData("{\"layers\": [{}]}")]
    [InlineData("{\"a\": 1, \"a\": 2}")]
    [InlineData("{\"a\": \"\\ud800\"}")]
    public void A_malformed_architecture_is_refused(string json) => RefusesArchitecture(_ => json);

    [Fact]
    public void A_deep_architecture_is_refused() =>
        RefusesArchitecture(
            _ => string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000),
            "over 64 levels deep"
        );

    [Fact]
    public void Every_value_of_the_architecture_replaced_is_refused_or_loads()
    {
        using var temp = new TempFolder();
        SaveSmall(temp);
        string json = File.ReadAllText(temp[ModelPart.Architecture]);
        int values = CountValues(JsonNode.Parse(json));
        int refused = 0;
        Assert.True(values > 100);
        foreach (string other in (string[])["null", "-1", "3.5", "9999999999", "1e300", "\"x\"", "[]", "{}", "true"])
        {
            for (int i = 0; i < values; i++)
            {
                int index = i;
                JsonNode? changed = Replaced(JsonNode.Parse(json), ref index, JsonNode.Parse(other));
                Forge(temp, ModelPart.Architecture, Encoding.UTF8.GetBytes(changed?.ToJsonString() ?? "null"));
                try
                {
                    ModelFile.Load(temp.Root);
                }
                catch (LaminaException e)
                {
                    OneLine.IsOneLine(e);
                    refused++;
                }
            }
        }
        Assert.True(refused > values, $"{refused} of {values * 9} refused");
    }

    [Fact]
    public void Missing_extra_and_misshapen_weights_are_named()
    {
        using var temp = new TempFolder();
        SaveSmall(temp);
        List<SafetensorsEntry> entries = Entries(temp);
        void Refused(IEnumerable<SafetensorsEntry> changed, params string[] contains)
        {
            using var stream = new MemoryStream();
            SafetensorsWriter.Write(stream, [.. changed]);
            Forge(temp, ModelPart.Weights, stream.ToArray());
            OneLine.Error(() => ModelFile.Load(temp.Root), [temp[ModelPart.Weights], .. contains]);
        }
        Refused(entries.Where(e => e.Name != "nested/conv/bias"), "has no tensor 'nested/conv/bias' (2,)");
        Refused(
            entries.Append(new("extra/kernel", new NDArray(Shape.Of(1)))),
            "'extra/kernel'",
            "not one of the model's"
        );
        Refused(
            entries.Select(e => e.Name == "dense/kernel" ? new(e.Name, new NDArray(Shape.Of(3, 32))) : e),
            "'dense/kernel' F32 (3, 32)",
            "(32, 3)"
        );

        // Their order says nothing.
        using var reversed = new MemoryStream();
        SafetensorsWriter.Write(reversed, [.. entries.AsEnumerable().Reverse()]);
        Forge(temp, ModelPart.Weights, reversed.ToArray());
        float[] kernel = ModelFile.Load(temp.Root).Model.Weights.Single(w => w.Path == "dense/kernel").GetValues();
        using var written = new MemoryStream();
        entries.Single(e => e.Name == "dense/kernel").Bytes(written);
        Assert.Equal(written.ToArray(), MemoryMarshal.AsBytes(kernel.AsSpan()).ToArray());
    }

    [Fact]
    public void Weights_of_another_type_are_refused()
    {
        using var temp = new TempFolder();
        SaveSmall(temp);
        byte[] bytes = File.ReadAllBytes(temp[ModelPart.Weights]);
        int at = bytes.AsSpan().IndexOf("F32"u8);
        bytes[at] = (byte)'I';
        Forge(temp, ModelPart.Weights, bytes);
        OneLine.Error(
            () => ModelFile.Load(temp.Root),
            temp[ModelPart.Weights],
            "I32",
            "does not match the model's F32"
        );
    }

    private static void SaveSmall(TempFolder temp) =>
        ModelFile.Save(
            SmallModel.Create(),
            temp.Root,
            new SaveOptions
            {
                Metadata = new JsonObject { ["epoch"] = 1 },
                OptimizerState = new Dictionary<string, NDArray> { ["m"] = new(Shape.Of(1), new[] { 2f }) },
            }
        );

    private static List<SafetensorsEntry> Entries(TempFolder temp)
    {
        using SafetensorsReader reader = SafetensorsReader.Open(temp[ModelPart.Weights]);
        return [.. reader.Tensors.Select(t => new SafetensorsEntry(t.Name, reader.Read(t.Name)))];
    }

    private static void RefusesArchitecture(Func<string, string> change, params string[] contains)
    {
        using var temp = new TempFolder();
        SaveSmall(temp);
        string json = File.ReadAllText(temp[ModelPart.Architecture]);
        Forge(temp, ModelPart.Architecture, Encoding.UTF8.GetBytes(change(json)));
        LaminaException e = OneLine.Error(() => ModelFile.Load(temp.Root), [temp[ModelPart.Architecture], .. contains]);
        Assert.IsType<ModelFileException>(e);
    }

    /// <summary>Replaces a file and its checksum, as one who means harm does.</summary>
    private static void Forge(TempFolder temp, string name, byte[] bytes)
    {
        File.WriteAllBytes(temp[name], bytes);
        using var stream = new ChecksumWriteStream(Stream.Null);
        stream.Write(bytes);
        var manifest = Manifest.Parse(File.ReadAllBytes(temp[ModelPart.Manifest]), "m");
        var files = new Dictionary<string, Checksum>(manifest.Files) { [name] = stream.Checksum };
        File.WriteAllBytes(temp[ModelPart.Manifest], (manifest with { Files = files }).ToBytes());
    }

    private static int CountValues(JsonNode? node) =>
        node switch
        {
            JsonObject members => 1 + members.Sum(m => CountValues(m.Value)),
            JsonArray items => 1 + items.Sum(CountValues),
            _ => 1,
        };

    /// <summary>The node with its index-th value, counted depth first, replaced.</summary>
    private static JsonNode? Replaced(JsonNode? node, ref int index, JsonNode? other)
    {
        if (index-- == 0)
        {
            return other;
        }
        switch (node)
        {
            case JsonObject members:
                var copy = new JsonObject();
                foreach ((string key, JsonNode? value) in members)
                {
                    copy[key] = Replaced(value, ref index, other)?.DeepClone();
                }
                return copy;
            case JsonArray items:
                var list = new JsonArray();
                foreach (JsonNode? item in items)
                {
                    list.Add(Replaced(item, ref index, other)?.DeepClone());
                }
                return list;
            default:
                return node?.DeepClone();
        }
    }
}
