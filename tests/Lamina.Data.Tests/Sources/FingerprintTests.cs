namespace Lamina.Data.Tests.Sources;

public sealed class FingerprintTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TempFolder _other = new();

    public void Dispose()
    {
        _folder.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void A_folder_has_the_same_wherever_it_lies()
    {
        _folder.WriteClasses(2, 5);
        _other.WriteClasses(2, 5);
        string first = ImageFolder.Open(_folder.Path).Fingerprint();
        Assert.Matches("^[0-9a-f]{64}$", first);
        Assert.Equal(first, ImageFolder.Open(_other.Path).Fingerprint());
        Assert.Equal(first, ImageFolder.Open(_folder.Path).Fingerprint());
        Assert.NotEqual(first, ImageFolder.Open(_folder.Path, ["class1", "class0"]).Fingerprint());
    }

    [Fact]
    public void Every_change_shows()
    {
        _folder.WriteClasses(2, 3);
        var seen = new HashSet<string> { Of(false), Of(true) };
        string file = Path.Combine(_folder.Path, "class0", "001.png");
        byte[] bytes = File.ReadAllBytes(file);

        // One bit, which a quick look does not see.
        bytes[^20] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.True(seen.Add(Of(false)));
        Assert.False(seen.Add(Of(true)));

        File.WriteAllBytes(file, [.. bytes, 0]);
        Assert.True(seen.Add(Of(false)) & seen.Add(Of(true)), "a longer file");
        File.Move(file, Path.Combine(_folder.Path, "class0", "001b.png"));
        Assert.True(seen.Add(Of(false)) & seen.Add(Of(true)), "another name");
        Directory.Move(Path.Combine(_folder.Path, "class1"), Path.Combine(_folder.Path, "class2"));
        Assert.True(seen.Add(Of(false)) & seen.Add(Of(true)), "another class");
        File.Delete(Path.Combine(_folder.Path, "class0", "001b.png"));
        Assert.True(seen.Add(Of(false)) & seen.Add(Of(true)), "one image fewer");

        string Of(bool quick) => ImageFolder.Open(_folder.Path).Fingerprint(quick);
    }

    [Fact]
    public void A_subset_has_its_own_and_order_counts()
    {
        _folder.WriteClasses(2, 3);
        ImageFolder all = ImageFolder.Open(_folder.Path);
        Assert.Equal(all.Fingerprint(), all.Subset([0, 1, 2, 3, 4, 5]).Fingerprint());
        Assert.NotEqual(all.Subset([0, 1]).Fingerprint(), all.Subset([1, 0]).Fingerprint());
        Assert.NotEqual(all.Subset([0, 1]).Fingerprint(), all.Subset([0, 2]).Fingerprint());
    }

    [Fact]
    public void Gzip_makes_no_difference_and_a_pixel_does()
    {
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 9, 8, 7, 6];
        byte[] labels = [0, 0, 8, 1, 0, 0, 0, 2, 1, 0];
        string Of(byte[] images, byte[] labels) =>
            IdxDataset.Open(_folder.Write("i", images), _folder.Write("l", labels), ["a", "b"]).Fingerprint();
        string first = Of(images, labels);
        Assert.Equal(first, Of(TempFolder.Gzip(images), TempFolder.Gzip(labels)));
        Assert.NotEqual(first, Of([.. images[..^1], 5], labels));
        Assert.NotEqual(first, Of(images, [.. labels[..^1], 1]));
        // The same bytes in another shape.
        byte[] tall = [.. images];
        (tall[11], tall[15]) = (2, 1);
        Assert.NotEqual(first, Of(tall, labels));
    }

    [Fact]
    public void Other_sources_are_hashed_by_their_pixels()
    {
        Assert.Equal(Pictures.Noise(3, 4, 5).Fingerprint(), Pictures.Noise(3, 4, 5).Fingerprint());
        Assert.NotEqual(Pictures.Noise(3, 4, 5).Fingerprint(), Pictures.Places(3, 4, 5).Fingerprint());
    }

    [Fact]
    public void A_file_that_is_gone_is_another_data_set()
    {
        _folder.WriteClasses(1, 2);
        ImageFolder images = ImageFolder.Open(_folder.Path);
        string file = Path.Combine(_folder.Path, "class0", "001.png");
        (string whole, string quick) = (images.Fingerprint(), images.Fingerprint(quick: true));
        File.Delete(file);
        string missing = images.Fingerprint();
        Assert.NotEqual(whole, missing);
        Assert.NotEqual(quick, images.Fingerprint(quick: true));
        // Loaders leave the image out, which is the same as often as it is so.
        Assert.Equal(missing, images.Fingerprint());
    }
}
