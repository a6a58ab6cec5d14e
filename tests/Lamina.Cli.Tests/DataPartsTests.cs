using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary>Folders with parts for training, validation and test are used as such, and one class is refused.</summary>
public sealed class DataPartsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_validation_and_test_folders_are_used_as_such()
    {
        _folder.WriteImages("photos/Train", perClass: 6);
        _folder.WriteImages("photos/val", perClass: 2);
        _folder.WriteImages("photos/test", perClass: 3);
        string photos = _folder["photos"];
        Outcome outcome = Train(photos, "run");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains($"found Train/, val/, test/ in {photos}\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains(
            "12 images to train on, 4 to validate on, 6 to test on, 2 classes",
            outcome.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("test images    6\n", outcome.Output, StringComparison.Ordinal);
        JsonNode data = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["run"], "run.json")))!["data"]!;
        Assert.Equal(
            [12, 4, 6],
            ((string[])["train", "validation_images", "test"]).Select(k => data[k]!["images"]!.GetValue<int>())
        );

        // The run's own test images, and a folder's: the test's in both.
        Assert.Equal(6, Images(Alexnet.Run("evaluate", _folder["run"], "--json")));
        Outcome evaluated = Alexnet.Run("evaluate", _folder["run"], photos, "--json");
        Assert.Equal(6, Images(evaluated));
        Assert.Equal($"{photos}: testing on its test/", evaluated.ErrorLine);
        Assert.Equal(4, Images(Alexnet.Run("evaluate", _folder["run"], Path.Combine(photos, "val"), "--json")));
    }

    [Fact]
    public void Parts_with_other_classes_are_refused()
    {
        _folder.WriteImages("photos/train", perClass: 3);
        _folder.WriteImages("photos/test", perClass: 3);
        Directory.Move(_folder["photos/test/light"], _folder["photos/test/bright"]);
        Outcome outcome = Train(_folder["photos"], "run");
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith(
            $"{_folder["photos/test"]}: has a class folder 'bright', which",
            outcome.ErrorLine,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void One_class_is_refused()
    {
        string data = _folder.WriteImages("data", perClass: 4);
        Directory.Delete(Path.Combine(data, "light"), recursive: true);
        Outcome outcome = Train(data, "run");
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith(
            $"{data}: has images of one class only ('dark')",
            outcome.ErrorLine,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(_folder["run"]));
    }

    private Outcome Train(string data, string run) =>
        Alexnet.Run("train", data, "--epochs", "1", "--batch", "4", "--output", _folder[run]);

    private static int Images(Outcome evaluated) => JsonNode.Parse(evaluated.Output)!["images"]!.GetValue<int>();
}
