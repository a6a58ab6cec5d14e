using System.IO.Compression;
using System.Text;

namespace Lamina.Formats.Tests;

public class ModelArchiveTests
{
    private static readonly Dictionary<string, string> s_content = new()
    {
        [ModelPart.Architecture] = "{\"a\": 1}",
        [ModelPart.Metadata] = "{}",
        [ModelPart.Weights] = "weights",
        [ModelPart.Optimizer] = "",
    };

    private static void Save(string path, Dictionary<string, string> content, Action<string>? step = null) =>
        ModelArchive.Save(
            path,
            [.. content.Select(c => new ModelPart(c.Key, s => s.Write(Encoding.UTF8.GetBytes(c.Value))))],
            step
        );

    private static Dictionary<string, string> Load(string path) =>
        ModelArchive.Load(
            path,
            source => source.Manifest.Files.Keys.ToDictionary(n => n, n => Encoding.UTF8.GetString(source.ReadJson(n)))
        );

    [Fact]
    public void Saves_loads_and_gives_equal_bytes()
    {
        using var temp = new TempFolder();
        Save(temp["a.lamina"], s_content);
        Save(temp["b.lamina"], s_content);
        Assert.Equal(s_content, Load(temp["a.lamina"]));
        Assert.Equal(File.ReadAllBytes(temp["a.lamina"]), File.ReadAllBytes(temp["b.lamina"]));
    }

    [Fact]
    public void Other_zip_tools_find_the_files_stored()
    {
        using var temp = new TempFolder();
        Save(temp["a.lamina"], s_content);
        using ZipArchive zip = ZipFile.OpenRead(temp["a.lamina"]);
        Assert.Equal([.. s_content.Keys, ModelPart.Manifest], zip.Entries.Select(e => e.FullName));
        Assert.All(zip.Entries, e => Assert.Equal(e.Length, e.CompressedLength));
        // The text lies in the file as it is.
        Assert.Contains(
            "{\"a\": 1}",
            Encoding.Latin1.GetString(File.ReadAllBytes(temp["a.lamina"])),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_failure_at_any_step_leaves_the_old_file()
    {
        using var temp = new TempFolder();
        Save(temp["a.lamina"], s_content);
        var changed = new Dictionary<string, string>(s_content) { [ModelPart.Weights] = "other" };
        int failing = 0;
        for (; ; failing++)
        {
            int count = 0;
            try
            {
                Save(
                    temp["a.lamina"],
                    changed,
                    _ =>
                    {
                        if (count++ == failing)
                        {
                            throw new IOException("No space left on device", 28);
                        }
                    }
                );
                break;
            }
            catch (LaminaException e)
            {
                OneLine.IsOneLine(e);
                Assert.Equal(s_content, Load(temp["a.lamina"]));
                Assert.Equal(["a.lamina"], temp.Names());
            }
        }
        Assert.Equal(changed, Load(temp["a.lamina"]));
        Assert.True(failing > 5, $"{failing} steps");
    }

    [Fact]
    public void Every_truncation_is_refused_and_every_flip_refused_or_harmless()
    {
        using var temp = new TempFolder();
        string path = temp["a.lamina"];
        Save(path, s_content);
        byte[] bytes = File.ReadAllBytes(path);
        for (int length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(path, bytes[..length]);
            OneLine.Error(() => Load(path), path);
        }
        for (int i = 0; i < bytes.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. bytes];
                damaged[i] ^= (byte)(1 << bit);
                File.WriteAllBytes(path, damaged);
                try
                {
                    Assert.Equal(s_content, Load(path));
                }
                catch (LaminaException e)
                {
                    OneLine.IsOneLine(e);
                }
            }
        }
    }

    [Fact]
    public void Foreign_compressed_and_doubled_entries_are_refused()
    {
        using var temp = new TempFolder();
        void Zip(Action<ZipArchive> fill)
        {
            using var zip = new ZipArchive(File.Create(temp["z"]), ZipArchiveMode.Create);
            fill(zip);
        }
        void Entry(ZipArchive zip, string name, string text, CompressionLevel level = CompressionLevel.NoCompression)
        {
            using Stream stream = zip.CreateEntry(name, level).Open();
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
        Zip(_ => { });
        OneLine.Error(() => Load(temp["z"]), "does not contain model.json");
        Zip(zip => Entry(zip, "../evil", "x"));
        OneLine.Error(() => Load(temp["z"]), "'../evil'");
        Zip(zip => Entry(zip, "model.json", new string(' ', 100_000), CompressionLevel.SmallestSize));
        OneLine.Error(() => Load(temp["z"]), "model.json is compressed");
        Zip(zip =>
        {
            Entry(zip, "model.json", "{}");
            Entry(zip, "model.json", "{}");
        });
        OneLine.Error(() => Load(temp["z"]), "model.json twice");
        Zip(zip => Entry(zip, "model.json", "{}"));
        OneLine.Error(() => Load(temp["z"]), "model.json: is not a Lamina model");
        File.WriteAllText(temp["z"], "not a zip archive");
        OneLine.Error(() => Load(temp["z"]), "is not a saved model, or is damaged");
    }

    [Fact]
    public void Missing_and_unnamed_parts_are_refused()
    {
        using var temp = new TempFolder();
        Save(temp["a"], s_content);
        using (ZipArchive zip = ZipFile.Open(temp["a"], ZipArchiveMode.Update))
        {
            zip.GetEntry(ModelPart.Weights)!.Delete();
        }
        OneLine.Error(() => Load(temp["a"]), "does not contain weights.safetensors");
        Save(temp["b"], s_content);
        var without = new Dictionary<string, string>(s_content);
        without.Remove(ModelPart.Optimizer);
        Save(temp["c"], without);
        using (ZipArchive zip = ZipFile.Open(temp["c"], ZipArchiveMode.Update))
        {
            zip.CreateEntry(ModelPart.Optimizer, CompressionLevel.NoCompression).Open().Dispose();
        }
        OneLine.Error(() => Load(temp["c"]), "optimizer.safetensors, which model.json does not name");
    }
}
