using System.Text.Json.Nodes;
using Lamina.Runs.Data;

namespace Lamina.Runs.Tests.Data;

/// <summary>Folders with parts for training, validation and test are used as such.</summary>
public sealed class DataSelectionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_changed_validation_folder_is_noticed()
    {
        var origin = DataSelection.Open(
            Photos(),
            DataFormat.Folder,
            null,
            0.2,
            0,
            TestContext.Current.CancellationToken
        );
        Assert.True(origin.HasOwnValidation);
        Assert.Equal((4, 2, 6), (origin.Train.Count, origin.Validation.Count, origin.Test.Count));
        // What the model keeps of its data finds the same test images.
        var kept = DataOrigin.FromJson(JsonNode.Parse(origin.Origin.ToJson().ToJsonString())!.AsObject());
        Assert.Equal(origin.Origin, kept);
        Assert.Equal(6, DataSelection.OpenTest(kept, origin.Classes, TestContext.Current.CancellationToken).Count);
        Assert.Equal(4, DataSelection.OpenTrain(kept, origin.Classes, TestContext.Current.CancellationToken).Count);
    }

    [Theory]
    [InlineData(null, "found train/, val/, test/ in DIR", 2, 6)]
    [InlineData("val", "found train/ in DIR", 2, 2)]
    [InlineData("", "found train/ in DIR", 6, 6)]
    public void A_validation_folder_that_is_named_comes_first(string? named, string note, int validation, int test)
    {
        string photos = Photos();
        var data = DataSelection.Open(
            photos,
            null,
            named is null ? null : Path.TrimEndingDirectorySeparator(Path.Combine(photos, named)),
            0.2,
            0,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(note.Replace("DIR", photos, StringComparison.Ordinal), data.Note);
        Assert.Equal((4, validation, test), (data.Train.Count, data.Validation.Count, data.Test.Count));
    }

    [Fact]
    public void A_train_folder_alone_is_split()
    {
        _folder.WriteImages("photos/train", perClass: 10);
        Directory.CreateDirectory(_folder["photos/test"]);
        File.Copy(
            Path.Combine(_folder["photos"], "train", "dark", "0.png"),
            Path.Combine(_folder["photos"], "test", "0.png")
        );
        var data = DataSelection.Open(_folder["photos"], null, null, 0.2, 0, TestContext.Current.CancellationToken);
        Assert.Equal((16, 4), (data.Train.Count, data.Test.Count));
        Assert.Equal(["dark", "light"], data.Classes);
        Assert.Equal($"found train/ in {_folder["photos"]}; not used: test/", data.Note);
    }

    [Fact]
    public void Classes_called_train_and_test_are_trained_against_each_other()
    {
        string data = _folder.WriteImages("data", perClass: 4);
        Directory.Move(Path.Combine(data, "dark"), Path.Combine(data, "train"));
        Directory.Move(Path.Combine(data, "light"), Path.Combine(data, "test"));
        var selection = DataSelection.Open(data, null, null, 0.5, 0, TestContext.Current.CancellationToken);
        Assert.Equal(["test", "train"], selection.Classes);
        Assert.Null(selection.Note);
        // A model of such classes is tested on such folders.
        Directory.CreateDirectory(Path.Combine(data, "test", "more"));
        Assert.Null(DataSelection.OpenFor(data, null, ["test", "train"], TestContext.Current.CancellationToken).Note);
    }

    private string Photos()
    {
        _folder.WriteImages("photos/train", perClass: 2);
        _folder.WriteImages("photos/val", perClass: 1);
        _folder.WriteImages("photos/test", perClass: 3);
        return _folder["photos"];
    }
}
