using SkiaSharp;

namespace Lamina.Data.Tests.Sources;

public class CachedImagesTests
{
    private static readonly Preprocessing Size = new()
    {
        Height = 24,
        Width = 24,
        ShortSide = 32,
    };

    [Theory]
    [InlineData(0)]
    [InlineData(2.5)]
    [InlineData(100)]
    public void Batches_do_not_depend_on_the_cache(double images)
    {
        using var folder = new TempFolder();
        Write(folder, 9);
        ImageFolder source = ImageFolder.Open(folder.Path);
        LabeledImages cached = source.Cached((long)(images * 75 * 50 * 3));
        for (int epoch = 0; epoch < 3; epoch++)
        {
            foreach (int workers in (int[])[0, 2])
            {
                Batch[] expected = [.. Loader(source, 0).Batches(epoch)];
                Batch[] actual = [.. Loader(cached, workers).Batches(epoch)];
                Assert.Equal(expected.Length, actual.Length);
                for (int i = 0; i < expected.Length; i++)
                {
                    Assert.Equal(expected[i].Inputs[0].Values.ToArray(), actual[i].Inputs[0].Values.ToArray());
                }
            }
        }
    }

    [Fact]
    public void Pixels_that_found_room_are_not_decoded_again()
    {
        using var folder = new TempFolder();
        Write(folder, 9);
        LabeledImages cached = ImageFolder.Open(folder.Path).Cached(6 * 75 * 50 * 3);
        Assert.Equal(9, Loader(cached, 0).Batches(0).Sum(b => b.Count));
        Directory.GetFiles(folder.Path, "*.jpg", SearchOption.AllDirectories).ToList().ForEach(File.Delete);

        DataLoader loader = Loader(cached, 0);

        Assert.Equal(6, loader.Batches(1).Sum(b => b.Count));
        Assert.Equal(3, loader.Skipped.Count);
    }

    [Fact]
    public void A_loader_that_needs_another_size_decodes_for_itself()
    {
        using var folder = new TempFolder();
        folder.Write("a/large.jpg", Photo(400, 300, 1));
        LabeledImages cached = ImageFolder.Open(folder.Path).Cached(10_000_000);
        var pixels = new PixelBuffer();
        foreach ((int enough, int height) in ((int, int)[])[(100, 150), (0, 300), (100, 150), (0, 300)])
        {
            cached.Decode(0, pixels, enough);
            Assert.Equal(height, pixels.Height);
        }
    }

    [Fact]
    public void Images_in_memory_need_no_cache()
    {
        var idx = IdxDataset.OpenFolder(TempFolder.FashionMnist, "t10k");
        Assert.Same(idx, idx.Cached(1 << 20));
        LabeledImages some = idx.Subset([1, 2]);
        Assert.Same(some, some.Cached(1 << 20));
    }

    private static DataLoader Loader(LabeledImages images, int workers) =>
        new(
            images,
            Size,
            new DataLoaderOptions
            {
                BatchSize = 4,
                Workers = workers,
                Shuffle = true,
                Augmentations = [new RandomCrop(), new RandomFlip()],
            }
        );

    private static void Write(TempFolder folder, int count)
    {
        for (int i = 0; i < count; i++)
        {
            folder.Write($"class{i % 2}/{i}.jpg", Photo(75, 50, i));
        }
    }

    private static byte[] Photo(int width, int height, int seed) =>
        TempFolder.Encode(
            width,
            height,
            SKEncodedImageFormat.Jpeg,
            (x, y) => new SKColor((byte)(x * 3), (byte)((y * 4) + seed), (byte)((x * y) + (seed * 20)))
        );
}
