using System.Text.Json.Nodes;
using Lamina.Runs.Data;

namespace Lamina.Runs.Tests.Data;

/// <summary>Sources with parts in one place.</summary>
public sealed class PartOfSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a/b.csv", "a/b.csv", null)]
    [InlineData("a/b.csv#train", "a/b.csv", "train")]
    [InlineData("a#b#validation", "a#b", "validation")]
    [InlineData("a#b", "a#b", null)]
    [InlineData("#test", "#test", null)]
    public void The_part_follows_the_path(string text, string path, string? part)
    {
        var source = PartOfSource.Parse(text);
        Assert.Equal((path, part), (source.Path, source.Part));
        Assert.Equal(text, source.ToString());
    }

    [Fact]
    public void A_folder_that_is_named_so_is_a_folder()
    {
        Directory.CreateDirectory(_folder["a#test"]);
        Assert.Null(PartOfSource.Parse(_folder["a#test"]).Part);
    }

    [Fact]
    public void The_origin_of_a_table_with_parts_finds_the_same_images_again()
    {
        _folder.WriteImages("photos", perClass: 6);
        string[] parts = ["train", "train", "train", "val", "test", "test"];
        File.WriteAllLines(
            _folder["t.csv"],
            [
                "path,label,split",
                .. from label in (string[])["dark", "light"]
                from i in Enumerable.Range(0, 6)
                select $"photos/{label}/{i}.png,{label},{parts[i]}",
            ]
        );
        var data = DataSelection.Open(_folder["t.csv"], null, null, 0.2, 0, TestContext.Current.CancellationToken);
        Assert.Equal((6, 2, 4), (data.Train.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal($"found train, validation, test in {_folder["t.csv"]}", data.Note);
        var kept = DataOrigin.FromJson(JsonNode.Parse(data.Origin.ToJson().ToJsonString())!.AsObject());
        Assert.Equal(data.Origin, kept);
        Assert.Equal(6, DataSelection.OpenTrain(kept, data.Classes, TestContext.Current.CancellationToken).Count);
        Assert.Equal(4, DataSelection.OpenTest(kept, data.Classes, TestContext.Current.CancellationToken).Count);
        Assert.Equal(
            2,
            DataSelection
                .OpenFor(_folder["t.csv"] + "#validation", null, data.Classes, TestContext.Current.CancellationToken)
                .Images.Count
        );
    }
}
