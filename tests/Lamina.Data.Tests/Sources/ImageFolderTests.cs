namespace Lamina.Data.Tests.Sources;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Listing_can_be_canceled()
    {
        _folder.Write("a/1.png", []);
        var canceled = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => ImageFolder.Open(_folder.Path, cancellation: canceled));
        Assert.Throws<OperationCanceledException>(() =>
            ImageFolder.OpenUnlabeled(_folder.Path, cancellation: canceled)
        );
    }

    [Fact]
    public void Classes_and_images_come_in_ordinal_order()
    {
        foreach (string file in (string[])["b/2.png", "b/10.PNG", "a/x.jpeg", "B/z.gif", "b/deep/er/1.webp"])
        {
            _folder.Write(file, [1]);
        }
        // None of these is an image of a class.
        foreach (string file in (string[])["a/.hidden.png", ".git/x.png", "b/.cache/y.png", "b/notes.txt", "top.png"])
        {
            _folder.Write(file, [1]);
        }
        ImageFolder data = ImageFolder.Open(_folder.Path);
        Assert.Equal(["B", "a", "b"], data.ClassNames);
        Assert.Equal([0, 1, 2, 2, 2], data.Labels);
        Assert.Equal(
            ["B/z.gif", "a/x.jpeg", "b/10.PNG", "b/2.png", "b/deep/er/1.webp"],
            Enumerable.Range(0, data.Count).Select(i => Path.GetRelativePath(_folder.Path, data.NameOf(i)))
        );
    }

    [Fact]
    public void Without_labels_every_image_counts()
    {
        foreach (string file in (string[])["top.png", "b/2.jpg", "b/deep/1.webp", ".git/x.png", "notes.txt"])
        {
            _folder.Write(file, [1]);
        }
        ImageFolder data = ImageFolder.OpenUnlabeled(_folder.Path);
        Assert.Equal(
            ["b/2.jpg", "b/deep/1.webp", "top.png"],
            Enumerable.Range(0, data.Count).Select(i => Path.GetRelativePath(_folder.Path, data.NameOf(i)))
        );
        Assert.Equal([0, 0, 0], data.Labels);
        Assert.Equal([Path.GetFileName(_folder.Path)], data.ClassNames);
        string empty = Path.Combine(_folder.Path, ".git");
        File.Delete(Path.Combine(empty, "x.png"));
        Assert.Contains(
            "has no images",
            Assert.Throws<DataException>(() => ImageFolder.OpenUnlabeled(empty)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<DataException>(() => ImageFolder.OpenUnlabeled(Path.Combine(_folder.Path, "none")));
        Assert.Throws<DataException>(() => ImageFolder.OpenUnlabeled(Path.Combine(_folder.Path, "top.png")));
    }

    [Fact]
    public void A_link_that_leads_back_is_not_followed()
    {
        _folder.Write("a/1.png", [1]);
        string elsewhere = Path.GetDirectoryName(_folder.Write("elsewhere/2.png", [1]))!;
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "a", "back"), Path.Combine(_folder.Path, "a"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "a", "more"), elsewhere);
        ImageFolder data = ImageFolder.Open(_folder.Path);
        Assert.Equal(["1.png", "2.png", "2.png"], Enumerable.Range(0, 3).Select(i => Path.GetFileName(data.NameOf(i))));
        Assert.Equal(3, data.Count);
    }

    [Fact]
    public void What_is_wrong_with_a_folder_is_said()
    {
        Assert.Equal($"{_folder.Path}/none: no such folder.", Error("none"));
        _folder.Write("file", [1]);
        Assert.Contains("is a file", Error("file"));
        _folder.Write("flat/1.png", [1]);
        Assert.Contains("has no class folders", Error("flat"));
        _folder.Write("root/full/1.png", [1]);
        _folder.Write("root/empty/readme.txt", [1]);
        Assert.StartsWith($"{_folder.Path}/root/empty: the class has no images", Error("root"));
    }

    [Fact]
    public void Expected_classes_must_be_there_and_set_the_labels()
    {
        _folder.Write("a/1.png", [1]);
        _folder.Write("b/1.png", [1]);
        ImageFolder data = ImageFolder.Open(_folder.Path, ["b", "a"]);
        Assert.Equal(["b", "a"], data.ClassNames);
        Assert.EndsWith("b/1.png", data.NameOf(0));
        Assert.Contains(
            "has a class folder 'b', which is not one of the 2 classes",
            Assert.Throws<DataException>(() => ImageFolder.Open(_folder.Path, ["a", "c"])).Message
        );
    }

    [Fact]
    public void An_expected_class_may_be_missing_or_empty_and_is_named()
    {
        _folder.Write("b/1.png", [1]);
        _folder.Write("c/readme.txt", [1]);
        ImageFolder data = ImageFolder.Open(_folder.Path, ["a", "b", "c"]);
        Assert.Equal(["a", "b", "c"], data.ClassNames);
        Assert.Equal([1], data.Labels);
        Assert.Equal(["a", "c"], data.ClassesWithoutImages);
        Assert.Equal(
            $"{_folder.Path}: no class has images (JPEG, PNG, WebP, BMP, GIF).",
            Assert
                .Throws<DataException>(() =>
                {
                    File.Delete(Path.Combine(_folder.Path, "b", "1.png"));
                    ImageFolder.Open(_folder.Path, ["a", "b", "c"]);
                })
                .Message
        );
    }

    private string Error(string folder)
    {
        string message = Assert
            .Throws<DataException>(() => ImageFolder.Open(Path.Combine(_folder.Path, folder)))
            .Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
