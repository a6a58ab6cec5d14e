using System.Text;
using Lamina.Data.Tests.Archives;
using SkiaSharp;

namespace Lamina.Data.Tests.Packing;

/// <summary>Packed shards contain the images of their source, smaller and in random order.</summary>
public sealed class ImagePackerTests : IDisposable
{
    private static readonly PackOptions s_small = new() { Side = 5, ImagesPerShard = 10 };
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Target(string name) => Path.Combine(_folder.Path, name);

    // Each image has its own color, and its class is in the red channel.
    private ImageFolder Photos(int classes = 3, int perClass = 9)
    {
        _folder.WriteClasses(classes, perClass);
        return ImageFolder.Open(_folder.Path);
    }

    private static Dictionary<string, byte[]> Shards(string folder) =>
        Directory
            .EnumerateFiles(folder)
            .Where(f => !f.EndsWith(ArchiveIndex.Extension, StringComparison.Ordinal))
            .ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes, StringComparer.Ordinal);

    [Fact]
    public void Shards_contain_every_image_once_with_its_label_in_random_order()
    {
        ImageFolder photos = Photos();
        PackResult result = ImagePacker.Pack([("train", photos)], Target("out"), s_small with { Quality = 100 });
        Assert.Equal((27, 3, 0), (result.Images, result.Shards, result.KeptShards));
        LabeledImages packed = WebDataset.Open(Target("out"));
        Assert.Equal(photos.ClassNames, packed.ClassNames);
        Assert.Equal(photos.Count, packed.Count);
        var numbers = new List<int>();
        var pixels = new PixelBuffer();
        for (int i = 0; i < packed.Count; i++)
        {
            packed.Decode(i, pixels);
            // 9×7 pixels become 6×5: the long side is rounded down.
            Assert.Equal((5, 6, 3), (pixels.Height, pixels.Width, pixels.Channels));
            Assert.InRange(pixels.Pixels[0] - (20 + (packed.Labels[i] * 60)), -3, 3);
            string key = Path.GetFileNameWithoutExtension(packed.NameOf(i));
            Assert.Matches(@"^\d{8}-\d{3}$", key);
            numbers.Add(int.Parse(key[..8], System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(photos.Labels[numbers[^1]], packed.Labels[i]);
        }
        Assert.Equal(Enumerable.Range(0, 27), numbers.Order());
        Assert.NotEqual(Enumerable.Range(0, 27), numbers);
        Assert.Equal(result.Bytes, new DirectoryInfo(Target("out")).EnumerateFiles("*.tar").Sum(f => f.Length));
    }

    [Fact]
    public void Bytes_depend_on_the_seed_and_not_on_the_threads()
    {
        ImageFolder photos = Photos();
        foreach (
            (string name, PackOptions options) in (ReadOnlySpan<(string, PackOptions)>)
                [
                    ("one", s_small with { Workers = 1 }),
                    ("three", s_small with { Workers = 3 }),
                    ("seed", s_small with { Seed = 1 }),
                ]
        )
        {
            ImagePacker.Pack([("train", photos)], Target(name), options);
        }
        Dictionary<string, byte[]> one = Shards(Target("one"));
        Assert.Equal(
            ["classes.txt", "pack.json", "train-000000.tar", "train-000001.tar", "train-000002.tar"],
            one.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal(one.OrderBy(s => s.Key), Shards(Target("three")).OrderBy(s => s.Key));
        Assert.NotEqual(one["train-000000.tar"], Shards(Target("seed"))["train-000000.tar"]);
    }

    [Fact]
    public void Raw_pixels_are_those_of_the_central_square()
    {
        var noise = Pictures.Noise(6, 23, 31);
        var options = new PackOptions { Side = 12, Raw = true };
        ImagePacker.Pack([("train", noise)], Target("out"), options);
        LabeledImages packed = WebDataset.Open(Target("out"), ["even", "odd"]);
        var square = new Preprocessing
        {
            Height = 12,
            Width = 12,
            ShortSide = 12,
            Scale = 1,
        };
        foreach (Batch batch in new DataLoader(noise, square).Batches(0))
        {
            var pixels = new PixelBuffer();
            for (int i = 0; i < packed.Count; i++)
            {
                packed.Decode(i, pixels);
                int from = int.Parse(
                    Path.GetFileName(packed.NameOf(i))[..8],
                    System.Globalization.CultureInfo.InvariantCulture
                );
                ReadOnlySpan<float> expected = batch.Inputs[0].Values.Slice(from * 12 * 12 * 3, 12 * 12 * 3);
                for (int v = 0; v < expected.Length; v++)
                {
                    Assert.InRange(pixels.Pixels[v] - expected[v], -0.5001f, 0.5001f);
                }
            }
        }
    }

    [Fact]
    public void Loaders_read_the_same_crops_from_part_of_raw_rows()
    {
        ImagePacker.Pack(
            [("train", Pictures.Noise(8, 40, 40))],
            Target("out"),
            new PackOptions { Side = 32, Raw = true }
        );
        LabeledImages packed = WebDataset.Open(Target("out"));
        var preprocessing = new Preprocessing
        {
            Height = 8,
            Width = 8,
            ShortSide = 32,
        };
        var options = new DataLoaderOptions { Augmentations = [new RandomCrop(), new RandomFlip()] };
        Batch part = new DataLoader(packed, preprocessing, options).Batches(3).Single();
        // A cache decodes whole images.
        Batch whole = new DataLoader(packed.Cached(1 << 20), preprocessing, options).Batches(3).Single();
        Assert.Equal(whole.Inputs[0].Values.ToArray(), part.Inputs[0].Values.ToArray());
    }

    [Fact]
    public void Arrays_have_the_header_that_NumPy_writes()
    {
        // numpy.lib.format.header_data_from_array_1_0, NumPy 1.24 to 2.2.
        string expected =
            "NUMPY\u0001\0v\0{'descr': '|u1', 'fortran_order': False, 'shape': (12, 7, 3), }".PadRight(126) + "\n";
        byte[] header = NpyImage.HeaderOf(new Size2(12, 7), 3);
        Assert.Equal([0x93, .. Encoding.ASCII.GetBytes(expected)], header);
        Assert.Equal((new Size2(12, 7), 3, 128), Parts(NpyImage.Parse(header)!.Value));
        Assert.Equal((new Size2(3, 4), 1, 128), Parts(NpyImage.Parse(NpyImage.HeaderOf(new Size2(3, 4), 1))!.Value));

        static (Size2, int, int) Parts(NpyImage image) => (image.Size, image.Channels, image.Start);
    }

    [Theory]
    [InlineData("'|u1'", "'<f4'")]
    [InlineData("False", "True ")]
    [InlineData("(12, 7, 3)", "(12, 7, 4)")]
    [InlineData("(12, 7, 3)", "(12, 0, 3)")]
    [InlineData("(12, 7, 3)", "(99999, 9)")]
    [InlineData("(12, 7, 3)", "(13, 7, 3)")]
    public void Other_arrays_and_damaged_ones_are_skipped(string from, string to)
    {
        byte[] array = [.. NpyImage.HeaderOf(new Size2(12, 7), 3), .. new byte[12 * 7 * 3]];
        string text = Encoding.Latin1.GetString(array);
        byte[] other = Encoding.Latin1.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
        string tar = _folder.Write("x.tar", Tars.Of(("a/1.npy", array), ("b/2.npy", other)));
        LabeledImages images = WebDataset.Open(tar);
        images.Decode(0, new PixelBuffer());
        var error = Assert.Throws<DataException>(() => images.Decode(1, new PixelBuffer()));
        Assert.StartsWith($"{tar}/b/2.npy: is ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Large_photos_shrink_and_small_ones_keep_their_size()
    {
        byte[] large = TempFolder.Encode(90, 50, SKEncodedImageFormat.Jpeg, (x, y) => new SKColor((byte)x, (byte)y, 0));
        byte[] gray = TempFolder.Encode(8, 6, SKEncodedImageFormat.Png, (x, y) => new SKColor(77, 77, 77));
        _folder.Write("photos/a/large.jpg", large);
        _folder.Write("photos/b/small.png", gray);
        ImagePacker.Pack([("train", ImageFolder.Open(Target("photos")))], Target("out"), new PackOptions { Side = 20 });
        LabeledImages packed = WebDataset.Open(Target("out"));
        var sizes = new Dictionary<string, Size2>();
        var pixels = new PixelBuffer();
        for (int i = 0; i < 2; i++)
        {
            packed.Decode(i, pixels);
            sizes[packed.ClassNames[packed.Labels[i]]] = pixels.Whole;
        }
        Assert.Equal((new Size2(20, 36), new Size2(6, 8)), (sizes["a"], sizes["b"]));
    }

    [Fact]
    public void Unreadable_images_are_named_counted_and_left_out()
    {
        _folder.WriteClasses(2, 6);
        string bad = _folder.Write("class1/bad.png", Tars.Text("no image"));
        byte[] whole = TempFolder.Encode(30, 30, SKEncodedImageFormat.Jpeg, (x, y) => new SKColor((byte)(x * y), 0, 0));
        string cut = _folder.Write("class0/cut.jpg", whole[..(whole.Length / 2)]);
        var observer = new Log();
        PackResult result = ImagePacker.Pack(
            [("train", ImageFolder.Open(_folder.Path))],
            Target("out"),
            s_small,
            observer
        );
        Assert.Equal(12, result.Images);
        Assert.Equal([cut, bad], result.Skipped.Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.Equal(result.Skipped, observer.Skipped);
        Assert.Equal((14, 14), observer.Last);
        LabeledImages packed = WebDataset.Open(Target("out"));
        Assert.Equal(
            12,
            new DataLoader(packed, new Preprocessing { Height = 4, Width = 4 }).Batches(0).Sum(b => b.Indices!.Count)
        );
    }

    [Fact]
    public void Nothing_readable_and_impossible_names_are_errors()
    {
        string bad = _folder.Write("photos/a/x.png", Tars.Text("no image"));
        var error = Assert.Throws<DataException>(() =>
            ImagePacker.Pack([("train", ImageFolder.Open(Target("photos")))], Target("out"))
        );
        Assert.Equal(bad, error.Path);
        Assert.EndsWith("None of the 1 images can be read.", error.Message, StringComparison.Ordinal);
        _folder.Write("odd/ a/x.png", Tars.Png(1, 1));
        error = Assert.Throws<DataException>(() =>
            ImagePacker.Pack([("train", ImageFolder.Open(Target("odd")))], Target("out2"))
        );
        Assert.StartsWith("class ' a': ", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Target("out2")));
    }

    [Fact]
    public void The_index_is_what_listing_the_shard_finds()
    {
        ImagePacker.Pack([("train", Photos())], Target("out"), s_small);
        foreach (string shard in Directory.EnumerateFiles(Target("out"), "*.tar"))
        {
            var source = new LocalSource(shard);
            MemberTable kept = ArchiveIndex.Of(source, default);
            File.Delete(shard + ArchiveIndex.Extension);
            MemberTable listed = ArchiveIndex.Of(source, default);
            Assert.Equal(Bytes(listed), Bytes(kept));
        }

        static byte[] Bytes(MemberTable table)
        {
            using var stream = new MemoryStream();
            using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
            {
                table.Write(writer);
            }
            return stream.ToArray();
        }
    }

    internal sealed class Log : PackObserver
    {
        public List<SkippedImage> Skipped { get; } = [];

        public List<string> Messages { get; } = [];

        public (int Done, int Total) Last { get; private set; }

        public Action<int>? Packed { get; init; }

        public override void OnSkipped(SkippedImage image) => Skipped.Add(image);

        public override void OnMessage(string message) => Messages.Add(message);

        public override void OnPacked(int done, int total, int kept)
        {
            Last = (done, total);
            Packed?.Invoke(done);
        }
    }
}
