using System.Text.Json.Nodes;
using Lamina.Formats.Tests.Keras;

namespace Lamina.Formats.Tests.Tfjs;

public class TfjsHostileTests
{
    private const string Shard = "group1-shard2of3.bin";

    [Fact]
    public void EveryByteOfModelJsonFlipped()
    {
        using var folder = new TempFolder();
        Copy(folder, "sequential");
        string path = folder["model.json"];
        int at = 0;
        foreach (byte[] bytes in Damage.Flips(File.ReadAllBytes(path), 0x15))
        {
            File.WriteAllBytes(path, bytes);
            Damage.Survives(path, () => TfjsFile.Load(path));
            if (at++ % 5 == 0)
            {
                Damage.Survives(path, () => TfjsFile.Describe(path));
            }
        }
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        using var folder = new TempFolder();
        Copy(folder);
        string path = folder["model.json"];
        byte[] bytes = File.ReadAllBytes(path);
        for (int n = 0; n < bytes.Length; n += 3)
        {
            File.WriteAllBytes(path, bytes[..n]);
            Assert.False(Damage.Survives(path, () => TfjsFile.Load(path)));
        }
        File.WriteAllBytes(path, bytes);
        byte[] shard = File.ReadAllBytes(folder[Shard]);
        for (int n = 0; n < shard.Length; n++)
        {
            File.WriteAllBytes(folder[Shard], shard[..n]);
            Assert.False(Damage.Survives(path, () => TfjsFile.Load(path)));
        }
    }

    [Fact]
    public void AShardMissingOrTooLongIsRefused()
    {
        using var folder = new TempFolder();
        Copy(folder);
        File.AppendAllText(folder[Shard], "x");
        OneLine.Error(() => TfjsFile.Load(folder.Root), folder["model.json"], "861 bytes", "860");
        File.Delete(folder[Shard]);
        OneLine.Error(() => TfjsFile.Load(folder.Root), folder["model.json"], Shard, "missing");
    }

    [Theory]
    [InlineData("../model/group1-shard2of3.bin")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("c:b")]
    [InlineData("a\\b")]
    [InlineData("./group1-shard2of3.bin")]
    [InlineData("")]
    public void AShardElsewhereIsRefused(string shard)
    {
        using var folder = new TempFolder();
        Copy(folder);
        Change(folder, root => root["weightsManifest"]![0]!["paths"]![1] = shard);
        OneLine.Error(() => TfjsFile.Load(folder.Root), folder["model.json"], "is not in the folder");
    }

    [Fact]
    public void AShardThatIsALinkIsRefused()
    {
        using var folder = new TempFolder();
        Copy(folder);
        File.Move(folder[Shard], folder["elsewhere.bin"]);
        File.CreateSymbolicLink(folder[Shard], folder["elsewhere.bin"]);
        OneLine.Error(() => TfjsFile.Load(folder.Root), folder["model.json"], "link");
    }

    [Fact]
    public void WeightsThatTheModelHasNotOrOfAnotherShapeAreRefused()
    {
        using var folder = new TempFolder();
        Copy(folder);
        Change(folder, root => root["weightsManifest"]![0]!["weights"]![0]!["name"] = "other/kernel");
        OneLine.Error(() => TfjsFile.Load(folder.Root), "The file has the layers other");
        Copy(folder);
        Change(folder, root => root["weightsManifest"]![0]!["weights"]![0]!["shape"] = new JsonArray(1, 1, 4, 3));
        OneLine.Error(() => TfjsFile.Load(folder.Root), "does not match");
        Copy(folder);
        Change(
            folder,
            root =>
                root["weightsManifest"]![0]!["weights"]![0]!["shape"] = new JsonArray(int.MaxValue, int.MaxValue, 4, 3)
        );
        OneLine.Error(() => TfjsFile.Load(folder.Root), "2^63");
        Copy(folder);
        Change(folder, root => root["weightsManifest"]![0]!["weights"]![0]!["shape"]![0] = 1L << 62);
        OneLine.Error(() => TfjsFile.Load(folder.Root), "2^31");
    }

    [Fact]
    public void QuantizedWeightsAreScaledBack()
    {
        using var folder = new TempFolder();
        File.WriteAllText(
            folder["model.json"],
            """
            {"format": "layers-model", "modelTopology": {"class_name": "Sequential", "config": {"name": "q", "layers": [
              {"class_name": "Dense", "config": {"name": "d", "units": 2, "batch_input_shape": [null, 2]}}]}},
             "weightsManifest": [{"paths": ["w.bin"], "weights": [
              {"name": "d/kernel", "shape": [2, 2], "dtype": "float32",
               "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.5, "original_dtype": "float32"}},
              {"name": "d/bias", "shape": [2], "dtype": "float32",
               "quantization": {"dtype": "float16", "original_dtype": "float32"}}]}]}
            """
        );
        // 0, 1, 3 and 255 times a half, less one and a half; then 1.5 and −2 in half precision.
        File.WriteAllBytes(folder["w.bin"], [0, 1, 3, 255, 0x00, 0x3e, 0x00, 0xc0]);
        Model model = TfjsFile.Load(folder.Root);
        Assert.Equal([-1.5f, -1f, 0f, 126f, 1.5f, -2f], model.Weights.SelectMany(w => w.GetValues()));
    }

    private static void Copy(TempFolder folder, string model = "graph")
    {
        foreach (string file in Directory.GetFiles(KerasGolden.Folder("tfjs", model)))
        {
            File.Copy(file, folder[Path.GetFileName(file)], overwrite: true);
        }
    }

    private static void Change(TempFolder folder, Action<JsonNode> change)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(folder["model.json"]))!;
        change(root);
        File.WriteAllText(folder["model.json"], root.ToJsonString());
    }
}
