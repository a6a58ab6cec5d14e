namespace Lamina.Data.Tests.Sources;

/// <summary>Folders with parts for training and testing are told from classes of these names by their structure.</summary>
public sealed class SplitFoldersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train", null, "test")]
    [InlineData("Train", "Val", null)]
    [InlineData("TRAINING", "validation", "Testing")]
    [InlineData("train", "valid", "test")]
    [InlineData("train", null, null)]
    [InlineData(null, null, "test")]
    public void Parts_are_found_by_name_in_any_case(string? train, string? validation, string? test)
    {
        foreach (string part in ((string?[])[train, validation, test]).OfType<string>())
        {
            Write($"{part}/cat/1.jpg", $"{part}/dog/deep/2.png");
        }
        Write(".git/x/1.png", "notes/readme.txt");
        Assert.Equal((At(train), At(validation), At(test)), Found());
        Assert.Empty(SplitFolders.Find(_folder.Path)!.Ignored);
    }

    [Fact]
    public void Classes_called_train_and_test_stay_classes()
    {
        Write("train/1.jpg", "test/2.jpg");
        Assert.Null(SplitFolders.Find(_folder.Path));
        // With folders in them, too, as long as the pictures lie in the class itself.
        Write("train/old/3.jpg", "test/new/4.jpg");
        Assert.Null(SplitFolders.Find(_folder.Path));
    }

    [Fact]
    public void Other_classes_beside_them_make_them_classes()
    {
        Write("train/freight/1.jpg", "test/freight/2.jpg", "bus/3.jpg");
        Assert.Null(SplitFolders.Find(_folder.Path));
    }

    [Fact]
    public void A_stray_image_does_not_hide_the_classes_that_parts_share()
    {
        Write("train/cat/1.jpg", "train/dog/2.jpg", "train/preview.png", "test/cat/3.jpg");
        Assert.Equal((At("train"), null, At("test")), Found());
    }

    [Fact]
    public void Test_images_without_classes_are_ignored()
    {
        Write("train/cat/1.jpg", "train/dog/2.jpg", "test/3.jpg", "test/4.jpg");
        Assert.Equal((At("train"), null, null), Found());
        Assert.Equal(["test"], SplitFolders.Find(_folder.Path)!.Ignored);
    }

    [Fact]
    public void Other_folders_have_no_parts()
    {
        Write("cat/1.jpg", "dog/2.jpg");
        Assert.Null(SplitFolders.Find(_folder.Path));
        Assert.Null(SplitFolders.Find(Path.Combine(_folder.Path, "nowhere")));
        Assert.Null(SplitFolders.Find(_folder.Write("file.txt", [])));
    }

    private string? At(string? part) => part is null ? null : Path.Combine(_folder.Path, part);

    private (string?, string?, string?) Found()
    {
        SplitFolders split = SplitFolders.Find(_folder.Path)!;
        return (split.Train, split.Validation, split.Test);
    }

    private void Write(params string[] files)
    {
        foreach (string file in files)
        {
            _folder.Write(file, []);
        }
    }
}
