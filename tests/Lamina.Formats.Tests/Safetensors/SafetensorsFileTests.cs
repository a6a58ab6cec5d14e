using System.Text;
using System.Text.Json.Nodes;

namespace Lamina.Formats.Tests;

public class SafetensorsFileTests
{
    private static Dictionary<string, NDArray> Tensors() =>
        new()
        {
            ["a"] = new NDArray(Shape.Of(2, 3), new[] { 1f, -2.5f, 0.1f, 4, 5, 6 }),
            ["b/é"] = new NDArray(Shape.Of(), new[] { 7f }),
        };

    private static readonly Dictionary<string, string> s_metadata = new() { ["format"] = "np", ["note"] = "ü" };

    [Fact]
    public void What_is_saved_is_loaded_mapped_and_described()
    {
        using var folder = new TempFolder();
        SafetensorsFile.Save(Tensors(), folder["f"], s_metadata);
        IReadOnlyDictionary<string, NDArray> loaded = SafetensorsFile.Load(folder["f"]);
        using SafetensorsMap map = SafetensorsFile.Map(folder["f"]);
        Assert.Equal(s_metadata, map.Metadata);
        foreach ((string name, NDArray expected) in Tensors())
        {
            foreach (NDArray actual in (NDArray[])[loaded[name], map[name]])
            {
                Assert.Equal(expected.Shape, actual.Shape);
                Assert.Equal(expected.Values.ToArray(), actual.Values.ToArray());
            }
        }
        FileDescription description = SafetensorsFile.Describe(folder["f"]);
        Assert.Equal("safetensors", description.Format);
        Assert.Equal(
            [("a", "F32", 24L), ("b/é", "F32", 4L)],
            description.Tensors.Select(t => (t.Name, t.Dtype, t.Bytes))
        );
        Assert.Equal([2L, 3L], description.Tensors[0].Shape);
        Assert.True(JsonNode.DeepEquals(new JsonObject { ["format"] = "np", ["note"] = "ü" }, description.Metadata));
    }

    // Bytes written out from the formats' definitions: IEEE half 1.5, bfloat16 −2, double 0.25, and whole numbers.
    [Fact]
    public void Other_types_become_float32()
    {
        const string Header =
            """{"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"bf":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]},"d":{"dtype":"F64","shape":[1],"data_offsets":[4,12]},"i":{"dtype":"I8","shape":[2],"data_offsets":[12,14]},"u":{"dtype":"U16","shape":[1],"data_offsets":[14,16]},"l":{"dtype":"I64","shape":[1],"data_offsets":[16,24]},"o":{"dtype":"BOOL","shape":[2],"data_offsets":[24,26]}}""";
        byte[] data =
        [
            0x00,
            0x3e,
            0x00,
            0xc0,
            .. BitConverter.GetBytes(0.25),
            0x80,
            0x7f,
            0xff,
            0xff,
            .. BitConverter.GetBytes(-5L),
            0,
            1,
        ];
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["f"], SafetensorsBytes.File(Header, data));
        var expected = new Dictionary<string, float[]>
        {
            ["h"] = [1.5f],
            ["bf"] = [-2],
            ["d"] = [0.25f],
            ["i"] = [-128, 127],
            ["u"] = [65535],
            ["l"] = [-5],
            ["o"] = [0, 1],
        };
        using SafetensorsMap map = SafetensorsFile.Map(folder["f"]);
        Assert.Equal(
            expected,
            SafetensorsFile.Load(folder["f"]).ToDictionary(t => t.Key, t => t.Value.Values.ToArray())
        );
        Assert.Equal(expected, map.Tensors.ToDictionary(t => t.Name, t => map[t.Name].Values.ToArray()));
    }

    [Fact]
    public void A_map_reads_nothing_before_it_is_used_and_never_writes_the_file()
    {
        using var folder = new TempFolder();
        var big = new NDArray(Shape.Of(4, 1 << 20));
        big.Values.Fill(3);
        SafetensorsFile.Save(new Dictionary<string, NDArray> { ["big"] = big }, folder["f"]);
        byte[] before = File.ReadAllBytes(folder["f"]);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        NDArray array;
        using (SafetensorsMap map = SafetensorsFile.Map(folder["f"]))
        {
            array = map["big"];
            Assert.Same(array, map["big"]);
            Assert.Equal(3, array[3, (1 << 20) - 1]);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 1 << 20);
            array.Values[5] = 8;
            Assert.Equal(8, array[0, 5]);
            OneLine.Error(() => _ = map["small"], folder["f"], "no tensor 'small'");
        }
        Assert.Throws<ObjectDisposedException>(() => array.Values[0]);
        Assert.Equal(before, File.ReadAllBytes(folder["f"]));
    }

    [Fact]
    public void Tensors_at_odd_places_are_copied()
    {
        const string Header =
            """{"o":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},"f":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}""";
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["f"], SafetensorsBytes.File(Header, 1, 0, 0, 0x20, 0xc0));
        using SafetensorsMap map = SafetensorsFile.Map(folder["f"]);
        Assert.Equal(-2.5f, map["f"].Values[0]);
    }

    [Fact]
    public void Weights_go_and_come_by_Lamina_s_names()
    {
        using var folder = new TempFolder();
        Model saved = SmallModel.Create();
        SafetensorsFile.SaveWeights(saved, folder["w"], s_metadata);
        Assert.Equal(
            s_metadata.Keys.Order(),
            SafetensorsFile.Describe(folder["w"]).Metadata!.Select(m => m.Key).Order()
        );
        Model model = SmallModel.Create();
        SafetensorsFile.LoadWeights(model, folder["w"]);
        Assert.Equal(saved.Weights.Select(w => w.GetValues()), model.Weights.Select(w => w.GetValues()));

        model = SmallModel.Create();
        float[] dense = model.GetLayer("dense").Weights[0].GetValues();
        var tensors = SafetensorsFile.Load(folder["w"]).ToDictionary();
        tensors["dense/kernel"] = new NDArray(Shape.Of(32, 7));
        SafetensorsFile.Save(tensors, folder["other"]);
        float[][] before = [.. model.Weights.Select(w => w.GetValues())];
        OneLine.Error(
            () => SafetensorsFile.LoadWeights(model, folder["other"]),
            folder["other"],
            "'dense/kernel' F32 (32, 7)",
            "dense (Dense)",
            "(32, 3)",
            "skip dense"
        );
        Assert.Equal(before, model.Weights.Select(w => w.GetValues()));
        SafetensorsFile.LoadWeights(model, folder["other"], new PyTorchOptions { Skip = ["dense"] });
        Assert.Equal(dense, model.GetLayer("dense").Weights[0].GetValues());
        Assert.Equal(saved.Weights[0].GetValues(), model.Weights[0].GetValues());
        OneLine.Error(
            () => SafetensorsFile.LoadWeights(model, folder["w"], new PyTorchOptions { Skip = ["nested/conv"] }),
            "no layer 'nested/conv'",
            "nested.conv"
        );
    }

    [Fact]
    public void Weights_come_from_PyTorch_s_state_dicts_too()
    {
        using var folder = new TempFolder();
        Model saved = SmallModel.Create();
        PyTorchFile.SaveWeights(saved, folder["w.pth"]);
        SafetensorsFile.Save(PyTorchFile.Load(folder["w.pth"]), folder["w"]);
        Model model = SmallModel.Create();
        SafetensorsFile.LoadWeights(model, folder["w"]);
        Assert.Equal(saved.Weights.Select(w => w.GetValues()), model.Weights.Select(w => w.GetValues()));
    }

    [Theory]
    [InlineData("tensors")]
    [InlineData("metadata")]
    [InlineData("metadata text")]
    [InlineData("shape")]
    [InlineData("unknown key")]
    [InlineData("dtype")]
    public void Headers_that_would_become_a_large_heap_are_refused(string kind)
    {
        var header = new StringBuilder("{");
        switch (kind)
        {
            case "tensors":
                for (int i = 0; i < 400_000; i++)
                {
                    header.Append('"').Append(i).Append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},");
                }
                break;
            case "metadata":
                header.Append("\"__metadata__\":{");
                for (int i = 0; i < 1_000_000; i++)
                {
                    header.Append('"').Append(i).Append("\":\"\",");
                }
                break;
            case "metadata text":
                header.Append("\"__metadata__\":{\"a\":\"").Append('x', 50_000_000).Append("\"},");
                break;
            case "shape":
                header.Append("\"a\":{\"shape\":[").Insert(header.Length, "1,", 10_000_000).Append("1]},");
                break;
            case "unknown key":
                header.Append("\"a\":{\"").Append('x', 50_000_000).Append("\":1},");
                break;
            default:
                header.Append("\"a\":{\"dtype\":\"").Append('x', 50_000_000).Append("\"},");
                break;
        }
        byte[] file = SafetensorsBytes.File(header.ToString());
        long before = GC.GetAllocatedBytesForCurrentThread();
        OneLine.Error(() => SafetensorsBytes.Open(file), "f: ", "48 MB");
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(taken <= file.Length + (64 << 20), $"took {taken}");
    }

    [Fact]
    public void A_path_that_is_no_file_is_an_error_of_one_line()
    {
        using var folder = new TempFolder();
        foreach (string path in (string[])[folder["none"], folder.Root])
        {
            OneLine.Error(() => SafetensorsFile.Map(path), path);
            OneLine.Error(() => SafetensorsFile.Load(path), path);
            OneLine.Error(() => SafetensorsFile.Describe(path), path);
        }
        File.WriteAllText(folder["text"], "no tensors here");
        OneLine.Error(() => SafetensorsFile.Map(folder["text"]), folder["text"]);
    }
}
