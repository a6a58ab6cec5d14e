namespace Lamina.Data.Tests.Sources;

public sealed class IdxTests : IDisposable
{
    // Three images of 2×5.
    private static readonly byte[] Images =
    [
        .. (byte[])[0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 5],
        .. Enumerable.Range(1, 30).Select(i => (byte)(i * 8)),
    ];

    private static readonly byte[] Labels = [0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 1];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pair_of_files_is_read(bool gzipped)
    {
        IdxDataset data = Open(gzipped ? TempFolder.Gzip(Images) : Images, gzipped ? TempFolder.Gzip(Labels) : Labels);
        var pixels = new PixelBuffer();
        data.Decode(1, pixels);
        Assert.Equal([2, 0, 1], data.Labels);
        Assert.Equal(["0", "1", "2"], data.ClassNames);
        Assert.Equal((2, 5, 1), (pixels.Height, pixels.Width, pixels.Channels));
        Assert.Equal(Images[26..36], pixels.Pixels.ToArray());
    }

    [Fact]
    public void All_images_and_labels_become_arrays()
    {
        (NDArray images, NDArray labels) = Open(Images, Labels).ToArrays(scale: 0.5);
        Assert.Equal(Shape.Of(3, 2, 5, 1), images.Shape);
        Assert.Equal(Images[16..].Select(b => b * 0.5f), images.Values.ToArray());
        Assert.Equal([2f, 0, 1], labels.Values.ToArray());
    }

    [Fact]
    public void Images_of_several_sizes_become_no_array()
    {
        LabeledImages data = new Growing();
        DataException e = Assert.Throws<DataException>(() => data.ToArrays());
        Assert.Contains("picture 2", e.Message, StringComparison.Ordinal);
        Assert.Contains("3×5×1", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_truncation_is_refused(bool gzipped)
    {
        byte[] images = gzipped ? TempFolder.Gzip(Images) : Images;
        byte[] labels = gzipped ? TempFolder.Gzip(Labels) : Labels;
        for (int length = 0; length < images.Length; length++)
        {
            AssertRefused("images", () => Open(images[..length], labels));
        }
        for (int length = 0; length < labels.Length; length++)
        {
            AssertRefused("labels", () => Open(images, labels[..length]));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_follows_the_elements_is_refused(bool gzipped)
    {
        byte[] images = [.. Images, 0];
        AssertRefused("images", () => Open(gzipped ? TempFolder.Gzip(images) : images, Labels));
    }

    [Fact]
    public void A_changed_byte_in_a_gzipped_file_is_refused()
    {
        byte[] images = TempFolder.Gzip(Images);
        images[^6] ^= 1;
        AssertRefused("images", () => Open(images, Labels));
    }

    [Fact]
    public void Labels_in_place_of_images_are_refused_by_their_magic_number()
    {
        DataException error = AssertRefused("images", () => Open(Labels, Labels));
        Assert.Equal(
            "is not an IDX file of unsigned bytes in 3 dimensions: it starts with 00000801, not 00000803.",
            error.Reason
        );
    }

    [Fact]
    public void A_size_that_cannot_be_is_refused_without_taking_the_memory()
    {
        byte[] huge = [.. Images];
        huge[5] = 0x70;
        AssertRefused("images", () => Open(huge, Labels));
        AssertRefused("images", () => Open(TempFolder.Gzip(huge), Labels));
        huge[4] = 0xff;
        AssertRefused("images", () => Open(huge, Labels));
        byte[] none = [.. Images];
        none[7] = 0;
        AssertRefused("images", () => Open(none, Labels));
    }

    [Fact]
    public void Counts_that_differ_and_labels_without_a_class_are_refused()
    {
        DataException error = AssertRefused("labels", () => Open(Images, [0, 0, 8, 1, 0, 0, 0, 2, 2, 0]));
        Assert.StartsWith("has 2 labels for the 3 images of ", error.Reason, StringComparison.Ordinal);
        error = AssertRefused("labels", () => Open(Images, Labels, ["a", "b"]));
        Assert.Equal("has a label 2, but there are 2 classes.", error.Reason);
    }

    [Fact]
    public void A_missing_file_or_folder_is_named()
    {
        Assert.Contains("has no train-images-idx3-ubyte", Error(() => IdxDataset.OpenFolder(_folder.Path)));
        Assert.Contains("no such folder", Error(() => IdxDataset.OpenFolder(_folder.Path + "/none")));
        Assert.Contains("no such file", Error(() => IdxDataset.Open(_folder.Path + "/a", _folder.Path + "/b")));
    }

    [Theory]
    [InlineData("train", 500)]
    [InlineData("t10k", 100)]
    public void The_shipped_images_are_balanced(string part, int perClass)
    {
        IdxDataset data = IdxDataset.OpenFolder(TempFolder.FashionMnist, part);
        Assert.Equal(10, data.ClassNames.Count);
        Assert.Equal(("T-shirt/top", "Ankle boot"), (data.ClassNames[0], data.ClassNames[9]));
        Assert.Equal(new Size2(28), data.Size);
        Assert.All(data.Labels.CountBy(l => l), c => Assert.Equal(perClass, c.Value));
        Assert.Equal(10 * perClass, data.Count);
    }

    private IdxDataset Open(byte[] images, byte[] labels, string[]? classNames = null) =>
        IdxDataset.Open(_folder.Write("images", images), _folder.Write("labels", labels), classNames);

    private static string Error(Action action) => Assert.Throws<DataException>(action).Message;

    private static DataException AssertRefused(string file, Func<object> open)
    {
        DataException error = Assert.Throws<DataException>(() => open());
        Assert.Equal(file, Path.GetFileName(error.Path));
        Assert.DoesNotContain('\n', error.Message);
        return error;
    }

    private sealed class Growing : LabeledImages
    {
        public override IReadOnlyList<string> ClassNames { get; } = ["one"];

        public override IReadOnlyList<int> Labels { get; } = [0, 0, 0];

        public override string NameOf(int index) => $"picture {index}";

        public override void Decode(int index, PixelBuffer target, Size2 enough = default) =>
            target.Resize(2 + (index / 2), 5, 1);
    }
}
