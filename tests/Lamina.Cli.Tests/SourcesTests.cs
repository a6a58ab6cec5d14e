using System.Formats.Tar;
using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary>Archives and tables are trained on and evaluated like folders.</summary>
public sealed class SourcesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Shards_with_parts_train_to_the_bytes_of_the_unpacked_folders()
    {
        _folder.WriteImages("photos/train", perClass: 6);
        _folder.WriteImages("photos/val", perClass: 3);
        Directory.CreateDirectory(_folder["shards"]);
        foreach (string part in (string[])["train", "val"])
        {
            Pack($"photos/{part}", $"shards/{part}-000.tar");
        }
        Outcome shards = Train(_folder["shards"], "a");
        Assert.Equal((0, ""), (shards.Code, shards.Error));
        Assert.Contains($"found train, validation in {_folder["shards"]}\n", shards.Output, StringComparison.Ordinal);
        Assert.Contains("12 images to train on, 6 to test on, 2 classes", shards.Output, StringComparison.Ordinal);
        Assert.Equal(0, Train(_folder["photos"], "b").Code);
        // The archives were packed in the order in which folders are read.
        Assert.Equal(Result("b"), Result("a"));
        Outcome evaluated = Alexnet.Run("evaluate", _folder["a"], _folder["shards"], "--json");
        Assert.Equal($"{_folder["shards"]}: testing on its part validation", evaluated.ErrorLine);
        Assert.Equal(6, JsonNode.Parse(evaluated.Output)!["images"]!.GetValue<int>());
        Assert.Equal(
            6,
            JsonNode.Parse(Alexnet.Run("evaluate", _folder["a"], "--json").Output)!["images"]!.GetValue<int>()
        );
    }

    [Fact]
    public void Parquet_trains_evaluates_and_packs_like_the_folders()
    {
        _folder.WriteImages("photos/train", perClass: 6);
        _folder.WriteImages("photos/test", perClass: 3);
        foreach (string part in (string[])["train", "test"])
        {
            string[] classes = ["dark", "light"];
            (byte[]?, long)[] rows =
            [
                .. from label in classes
                from path in Directory.GetFiles(_folder[$"photos/{part}/{label}"]).Order(StringComparer.Ordinal)
                select (File.ReadAllBytes(path), (long)Array.IndexOf(classes, label)),
            ];
            // One row group: its images are shuffled as those of folders are.
            ParquetFiles.Write(_folder[$"set/data/{part}-00000-of-00001.parquet"], rows, rows.Length, classes);
        }
        Outcome trained = Train(_folder["set"], "a");
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        Assert.Contains("12 images to train on, 6 to test on, 2 classes", trained.Output, StringComparison.Ordinal);
        Outcome evaluated = Alexnet.Run("evaluate", _folder["a"], _folder["set"], "--json");
        Assert.Equal(6, JsonNode.Parse(evaluated.Output)!["images"]!.GetValue<int>());
        Assert.Contains("12 images", Alexnet.Run("data", _folder["set"], "--output", _folder["sheet.png"]).Output);
        Assert.Equal(0, Alexnet.Run("pack", _folder["set"], _folder["packed"]).Code);
        Assert.Equal(0, Train(_folder["packed"], "b").Code);
        Outcome wrong = Alexnet.Run("train", _folder["photos"], "--format", "parquet", "--output", _folder["x"]);
        Assert.Equal((1, $"{_folder["photos"]}: no such Parquet files (.parquet)."), (wrong.Code, wrong.ErrorLine));
    }

    [Fact]
    public void A_truncated_shard_and_a_damaged_image_are_named_and_the_rest_is_used()
    {
        _folder.WriteImages("photos", perClass: 6);
        File.WriteAllText(_folder["photos/dark/0.png"], "no image");
        Pack("photos", "photos.tar");
        byte[] whole = File.ReadAllBytes(_folder["photos.tar"]);
        File.WriteAllBytes(_folder["photos.tar"], whole[..^1500]);
        Outcome outcome = Train(_folder["photos.tar"], "run");
        Assert.Equal(0, outcome.Code);
        Assert.Contains($"skipped {_folder["photos.tar"]}: is truncated: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("dark/0.png: is not an image that can be read", outcome.Error, StringComparison.Ordinal);
        Outcome missing = Alexnet.Run("train", _folder["missing.tar"], "--output", _folder["x"]);
        Assert.Equal((1, $"{_folder["missing.tar"]}: no such file."), (missing.Code, missing.ErrorLine));
    }

    [Fact]
    public void A_table_with_a_column_for_the_part_is_trained_on()
    {
        _folder.WriteImages("photos", perClass: 4);
        IEnumerable<string> rows =
            from label in (string[])["dark", "light"]
            from i in Enumerable.Range(0, 4)
            select $"photos/{label}/{i}.png,{label},{(i == 3 ? "test" : "train")}";
        File.WriteAllLines(_folder["photos.csv"], ["path,label,split", .. rows]);
        Outcome outcome = Train(_folder["photos.csv"], "run");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains("6 images to train on, 2 to test on, 2 classes", outcome.Output, StringComparison.Ordinal);
    }

    private void Pack(string folder, string archive)
    {
        using var writer = new TarWriter(File.Create(_folder[archive]));
        foreach (
            string file in Directory
                .EnumerateFiles(_folder[folder], "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
        )
        {
            writer.WriteEntry(file, Path.GetRelativePath(_folder[folder], file).Replace('\\', '/'));
        }
    }

    private Outcome Train(string data, string run) =>
        Alexnet.Run("train", data, "--epochs", "1", "--batch", "4", "--output", _folder[run]);

    private string Result(string run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(_folder[run], "run.json")))!["result"]!["loss"]!.ToJsonString();
}
