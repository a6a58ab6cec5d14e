using System.Text;
using System.Text.Json.Nodes;
using Lamina.Quantization.Steps;

namespace Lamina.Quantization.Tests;

/// <summary>The file of a quantized model: whole, or refused with one line.</summary>
public class QuantizedFileTests
{
    [Fact]
    public void A_loaded_model_predicts_the_same_bits()
    {
        using var temp = new TempFolder();
        using QuantizedModel model = Make();
        model.Save(temp["m"], new JsonObject { ["note"] = "a\u2028b" });
        using QuantizedModel loaded = QuantizedModel.Load(temp["m"]);
        NDArray images = QuantizedNetworkTests.Images(2, 5);
        Assert.Equal(model.Predict(images).Values.ToArray(), loaded.Predict(images).Values.ToArray());
        Assert.Equal(model.QuantizedLayers, loaded.QuantizedLayers);
        Assert.Equal(
            (model.Method, 12, model.WeightBytes),
            (loaded.Method, loaded.CalibrationSamples, loaded.WeightBytes)
        );
        Assert.Equal("a\u2028b", (string?)loaded.Metadata["note"]);
        Assert.Equal(model.Model.GetConfig().ToJsonString(), loaded.Model.GetConfig().ToJsonString());
        using (SafetensorsReader reader = SafetensorsReader.Open(temp["m"]))
        {
            // Other programs read float32 in place, at multiples of 4 bytes.
            Assert.All(reader.Tensors.Where(t => t.Dtype is SafetensorsDtype.F32), t => Assert.Equal(0, t.Offset % 4));
        }
        // Saved again, it is the same file.
        loaded.Save(temp["again"]);
        Assert.Equal(File.ReadAllBytes(temp["m"]), File.ReadAllBytes(temp["again"]));
        Assert.Equal(2, Directory.GetFiles(temp.Root).Length);
    }

    [Fact]
    public void The_file_is_a_quarter_as_large()
    {
        using var temp = new TempFolder();
        Session.Clear();
        Symbol input = Layers.Input(200);
        Model model = Layers.Model(input, Layers.Dense(300)(Layers.Dense(400, activation: "relu")(input)));
        using QuantizedModel quantized = Draw.Quantized(model, new NDArray([4, 200], Draw.Floats(1, 800, -1, 1)));
        quantized.Save(temp["m"]);
        double floats = model.CountParams() * 4;
        Assert.InRange(new FileInfo(temp["m"]).Length / floats, .25, .29);
        Assert.InRange(quantized.WeightBytes / floats, .25, .28);
    }

    [Fact]
    public void Truncations_and_changed_bytes_are_refused()
    {
        using var temp = new TempFolder();
        using QuantizedModel model = Make();
        model.Save(temp["m"]);
        byte[] bytes = File.ReadAllBytes(temp["m"]);
        int header = (int)BitConverter.ToInt64(bytes);
        // All of the header's places, and some of each stretch of the numbers.
        int[] places =
        [
            .. Enumerable.Range(0, bytes.Length).Where(i => i < 8 || i % (i < header ? 31 : 997) == 0),
            bytes.Length - 1,
        ];
        foreach (int place in places)
        {
            File.WriteAllBytes(temp["d"], bytes[..place]);
            AssertRefused(temp["d"]);
            byte[] damaged = [.. bytes];
            damaged[place] ^= 0x01;
            File.WriteAllBytes(temp["d"], damaged);
            AssertRefused(temp["d"]);
        }
        File.WriteAllBytes(temp["d"], [.. bytes, 0]);
        AssertRefused(temp["d"]);
        QuantizedModel.Load(temp["m"]).Dispose();
    }

    [Fact]
    public void What_is_no_quantized_model_is_named()
    {
        using var temp = new TempFolder();
        AssertRefused(temp["none"], "no such file");
        File.WriteAllText(temp["text"], "some words, more than eight");
        AssertRefused(temp["text"], "not a safetensors file");
        SafetensorsWriter.Save(temp["weights"], [new SafetensorsEntry("a", new NDArray([2]))]);
        AssertRefused(temp["weights"], "not a quantized model");
        Assert.Throws<LaminaException>(() => Make().Save(Path.Combine(temp["no"], "where")));
    }

    [Theory]
    [InlineData("format_version", "2", "Update Lamina")]
    [InlineData("method", "MinMax, Entropy", "method")]
    [InlineData("method", "7", "method")]
    [InlineData("samples", "-1", "samples")]
    [InlineData("float_layers", "{}", "names")]
    [InlineData("float_layers", "{\"names\": [1]}", "names")]
    [InlineData("metadata", "[]", "not a JSON object")]
    [InlineData("model", "{}", "model")]
    [InlineData("model", "{\"name\": \"m\", \"layers\": 3}", "model")]
    [InlineData("sha256", "00", "SHA-256")]
    public void Metadata_of_other_hands_is_refused(string key, string value, string expected)
    {
        using var temp = new TempFolder();
        using QuantizedModel model = Make();
        model.Save(temp["m"]);
        using (SafetensorsReader reader = SafetensorsReader.Open(temp["m"]))
        {
            Dictionary<string, string> metadata = new(reader.Metadata) { [key] = value };
            SafetensorsWriter.Save(
                temp["d"],
                [
                    .. model.Parameters.Select(p =>
                        p.IsBytes
                            ? new SafetensorsEntry(p.Key, p.Shape, p.Bytes)
                            : new SafetensorsEntry(p.Key, p.Shape, () => p.Floats)
                    ),
                ],
                metadata
            );
        }
        AssertRefused(temp["d"], expected);
    }

    [Theory]
    [InlineData("Positive", 0f)]
    [InlineData("Positive", float.PositiveInfinity)]
    [InlineData("Finite", float.NaN)]
    [InlineData("Byte", 256f)]
    [InlineData("Byte", .5f)]
    public void Numbers_that_cannot_be_are_refused(string kind, float value)
    {
        using var temp = new TempFolder();
        using QuantizedModel model = Make();
        model.Parameters.First(p => p.Kind.ToString() == kind).Floats[0] = value;
        model.Save(temp["m"]);
        AssertRefused(temp["m"], "is not");
    }

    [Fact]
    public void Bytes_that_cannot_be_are_refused()
    {
        using var temp = new TempFolder();
        foreach (ParameterKind kind in (ParameterKind[])[ParameterKind.Weights, ParameterKind.Mask])
        {
            using QuantizedModel model = Make();
            model.Parameters.First(p => p.Kind == kind).Bytes[0] = kind is ParameterKind.Mask ? (sbyte)1 : (sbyte)-128;
            model.Save(temp["m"]);
            AssertRefused(temp["m"], kind is ParameterKind.Mask ? "only 0 and -1" : "not a valid weight");
        }
    }

    private static QuantizedModel Make() =>
        Draw.Quantized(
            QuantizedNetworkTests.Make("BN before pooling and padding"),
            QuantizedNetworkTests.Images(1, 12)
        );

    private static void AssertRefused(string path, string expected = "")
    {
        ModelFileException error = Assert.Throws<ModelFileException>(() => QuantizedModel.Load(path));
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.True(Encoding.UTF8.GetByteCount(error.Message) < 2000, error.Message);
    }
}
