namespace Lamina.Data.Tests.Sources;

/// <summary>Tables of image files.</summary>
public sealed class ImageManifestTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public ImageManifestTests() => _folder.WriteClasses(2, perClass: 2);

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string text) => _folder.Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData("m.csv", "class0/000.png,cat\nclass1/001.png,\"dog, big\"\n")]
    [InlineData("m.csv", "label,id,path\r\ncat,1,class0/000.png\r\n\"dog, big\",2,class1/001.png\r\n")]
    [InlineData("m.tsv", "file_name\tclass\nclass0/000.png\tcat\n\nclass1/001.png\tdog, big\n")]
    [InlineData(
        "m.jsonl",
        "{\"file_name\":\"class0/000.png\",\"label\":\"cat\"}\n\n{\"path\":\"class1/001.png\",\"cls\":\"dog, big\"}"
    )]
    public void Rows_are_images_with_labels(string name, string text)
    {
        ImageManifest images = ImageManifest.Open(Write(name, text));
        Assert.Equal(["cat", "dog, big"], images.ClassNames);
        Assert.Equal([0, 1], images.Labels);
        var pixels = new PixelBuffer();
        images.Decode(1, pixels);
        Assert.Equal((80, 7), (pixels.Pixels[0], pixels.Pixels[1]));
        Assert.Equal(64, images.Fingerprint().Length);
    }

    [Fact]
    public void Numbers_are_labels_in_their_order()
    {
        string path = Write("m.csv", "a.png,10\nb.png,2\n");
        Assert.Equal([10, 2], ImageManifest.Open(path).Labels);
        Assert.Equal(11, ImageManifest.Open(path).ClassNames.Count);
    }

    [Fact]
    public void A_column_states_the_part()
    {
        string path = Write("m.csv", "path,label,split\na.png,x,train\nb.png,y,val\nc.png,y,training\nd.png,x,test\n");
        Assert.Equal(["train", "validation", "test"], ImageManifest.PartsOf(path));
        Assert.Equal(2, ImageManifest.Open(path, part: "train").Count);
        Assert.Equal(Path.Combine(_folder.Path, "b.png"), ImageManifest.Open(path, ["x", "y"], "validation").NameOf(0));
    }

    [Theory]
    [InlineData("m.csv", "", "lists no images")]
    [InlineData("m.csv", "a.png\n", "no path and label")]
    [InlineData("m.csv", "path,size\na.png,3\n", "names no label")]
    [InlineData("m.csv", "a.png,\"x\n", "no path and label")]
    [InlineData("m.csv", "a.png,\n", "empty path or label")]
    [InlineData("m.jsonl", "{\"path\":\"a.png\"}", "line 1 has no path and label")]
    [InlineData("m.jsonl", "\n[1,", "line 2 has no path and label")]
    [InlineData("m.csv", "a.png,99999999\n", "numbers must be below")]
    public void A_malformed_table_is_one_line(string name, string text, string expected)
    {
        string path = Write(name, text);
        var error = Assert.Throws<DataException>(() => ImageManifest.Open(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_skipped_and_counted()
    {
        string path = Write("m.csv", "class0/000.png,a\nmissing.png,b\n/dev/zero,b\nclass1/000.png,b\n");
        var loader = new DataLoader(ImageManifest.Open(path), new Preprocessing { Height = 4, Width = 4 });
        Assert.Equal(2, loader.Batches(0).Sum(b => b.Indices!.Count));
        Assert.Equal(["missing.png", "zero"], loader.Skipped.Select(s => Path.GetFileName(s.Name)));
    }
}
