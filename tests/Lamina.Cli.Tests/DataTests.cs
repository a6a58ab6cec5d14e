using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary>The data command describes a data set.</summary>
public sealed class DataTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public DataTests()
    {
        _folder.WriteImages("photos/train", perClass: 5);
        _folder.WriteImages("photos/test", perClass: 2);
        File.WriteAllText(_folder["photos/train/dark/9.png"], "no image");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Text_names_parts_duplicates_and_unreadable_images()
    {
        string sheet = _folder["sheet.png"];
        Outcome outcome = Alexnet.Run("data", _folder["photos"], "--output", sheet);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        foreach (
            string expected in (string[])
                [
                    "classes      2\n",
                    "train        11 images, 5 to 6 per class\n",
                    "test         4 images, 2 to 2 per class\n",
                    "sizes        16×20 to 16×20, median 16×20 (height × width)\n",
                    "unreadable   1\n",
                    $"  {_folder["photos/train/dark/9.png"]}: is not an image",
                    $"sheet        {sheet}\n",
                ]
        )
        {
            Assert.Contains(expected, outcome.Output, StringComparison.Ordinal);
        }
        // The pictures of the test are those of the training, made with the same numbers.
        Assert.Contains(
            $"{_folder["photos/train/dark/0.png"]} = {_folder["photos/test/dark/0.png"]}",
            outcome.Output,
            StringComparison.Ordinal
        );
        Assert.Equal((byte)0x89, File.ReadAllBytes(sheet)[0]);
    }

    [Fact]
    public void Json_has_the_same_facts()
    {
        Outcome outcome = Alexnet.Run("data", _folder["photos"], "--json", "--output", _folder["s.png"]);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        JsonNode json = JsonNode.Parse(outcome.Output)!;
        Assert.Equal([6, 5], json["parts"]!["train"]!["per_class"]!.AsArray().Select(c => c!.GetValue<int>()));
        Assert.Equal(16, json["height"]!["median"]!.GetValue<int>());
        Assert.Single(json["unreadable"]!.AsArray());
        Assert.Contains(json["duplicates"]!.AsArray(), d => d!["across_parts"]!.GetValue<bool>());
    }

    [Fact]
    public void A_missing_source_is_one_line()
    {
        Outcome outcome = Alexnet.Run("data", _folder["missing"]);
        Assert.Equal((1, $"{_folder["missing"]}: no such folder."), (outcome.Code, outcome.ErrorLine));
    }
}
