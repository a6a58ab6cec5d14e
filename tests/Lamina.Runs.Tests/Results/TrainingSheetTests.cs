using Lamina.Runs.Results;

namespace Lamina.Runs.Tests.Results;

/// <summary>The sheet of training images shows what the network is trained on.</summary>
public sealed class TrainingSheetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Colors_are_those_of_the_images_for_a_network_that_wants_blue_first()
    {
        string data = _folder["colored"];
        foreach ((string name, byte red, byte blue) in ((string, byte, byte)[])[("red", 250, 10), ("blue", 10, 250)])
        {
            Directory.CreateDirectory(Path.Combine(data, name));
            using var bitmap = new SkiaSharp.SKBitmap(8, 8);
            bitmap.Erase(new SkiaSharp.SKColor(red, 40, blue));
            using SkiaSharp.SKData png = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(Path.Combine(data, name, "0.png"), png.ToArray());
        }
        var preprocessing = new Preprocessing
        {
            Height = 8,
            Width = 8,
            Scale = 1,
            Mean = [103.939, 116.779, 123.68],
            ChannelOrder = ChannelOrder.Bgr,
        };
        var images = ImageFolder.Open(data, cancellation: TestContext.Current.CancellationToken);
        var loader = new DataLoader(images, preprocessing, new DataLoaderOptions { BatchSize = 2 });
        IReadOnlyList<PredictionTile> tiles = TrainingSheet.Tiles(loader, 2);
        Assert.Equal(["blue", "red"], tiles.Select(t => t.Label));
        Assert.Equal([10, 40, 250], tiles[0].Pixels[..3].ToArray());
        Assert.Equal([250, 40, 10], tiles[1].Pixels[..3].ToArray());
        // A picture of the file itself does not go through the network's preprocessing.
        using var thumbnail = SkiaSharp.SKBitmap.Decode(Thumbnail.TryPng(images, 1, 8));
        Assert.Equal(
            (250, 40, 10),
            (thumbnail.GetPixel(3, 3).Red, thumbnail.GetPixel(3, 3).Green, thumbnail.GetPixel(3, 3).Blue)
        );
    }

    [Fact]
    public void Its_pixels_are_the_loaders_without_their_scaling()
    {
        var images = ImageFolder.Open(
            _folder.WriteImages("data", perClass: 6),
            cancellation: TestContext.Current.CancellationToken
        );
        var preprocessing = new Preprocessing
        {
            Height = 12,
            Width = 12,
            ShortSide = 14,
            Mean = [0.4, 0.5, 0.6],
            Std = [0.2, 0.25, 0.3],
        };
        var options = new DataLoaderOptions
        {
            BatchSize = 8,
            Shuffle = true,
            Seed = 3,
            Augmentations = [new RandomCrop(), new RandomFlip(), new ColorJitter(Brightness: 0.4)],
        };
        var loader = new DataLoader(images, preprocessing, options);
        IReadOnlyList<PredictionTile> tiles = TrainingSheet.Tiles(loader, 5);
        Batch batch = loader.Batches(0).First();
        Assert.Equal(5, tiles.Count);
        for (int row = 0; row < tiles.Count; row++)
        {
            Assert.Equal((12, 12, 3), (tiles[row].Height, tiles[row].Width, tiles[row].Channels));
            Assert.Equal(images.ClassNames[(int)batch.Targets[0][row, 0]], tiles[row].Label);
            for (int i = 0; i < 12 * 12 * 3; i++)
            {
                double seen = batch.Inputs[0].Values[(row * 432) + i];
                double pixel = ((seen * preprocessing.Std[i % 3]) + preprocessing.Mean[i % 3]) * 255;
                Assert.Equal(Math.Clamp(pixel, 0, 255), tiles[row].Pixels.Span[i], 0.51);
            }
        }
        // Augmentation is seen: other epochs, or none, give other pixels.
        var plain = new DataLoader(images, preprocessing, options with { Augmentations = [] });
        Assert.NotEqual(TrainingSheet.Tiles(plain, 5)[0].Pixels.ToArray(), tiles[0].Pixels.ToArray());
    }

    [Fact]
    public void A_mean_image_is_put_back()
    {
        var images = ImageFolder.Open(
            _folder.WriteImages("data", perClass: 3),
            cancellation: TestContext.Current.CancellationToken
        );
        var plain = new Preprocessing { Height = 8, Width = 8 };
        var mean = new MeanImage(8, 8, 3, [.. Enumerable.Repeat(0.3f, 192)]);
        IReadOnlyList<PredictionTile> with = TrainingSheet.Tiles(new(images, plain with { MeanImage = mean }), 2);
        IReadOnlyList<PredictionTile> without = TrainingSheet.Tiles(new(images, plain), 2);
        Assert.Equal(without[0].Pixels.ToArray(), with[0].Pixels.ToArray());
    }

    [Fact]
    public void Mixed_images_are_shown_mixed()
    {
        var images = ImageFolder.Open(
            _folder.WriteImages("data", perClass: 3),
            cancellation: TestContext.Current.CancellationToken
        );
        var loader = new DataLoader(images, new Preprocessing { Height = 8, Width = 8 });
        IBatchSource Mixed(IBatchSource source) => new MixedBatches(source, new Mixing { MixUp = 1 }, 2, seed: 4);
        Batch batch = Mixed(loader).Batches(0).First();
        IReadOnlyList<PredictionTile> tiles = TrainingSheet.Tiles(loader, 6, Mixed);
        for (int i = 0; i < 192; i++)
        {
            Assert.Equal(255 * batch.Inputs[0].Values[i], tiles[0].Pixels.Span[i], 0.51);
        }
        // The first is mixed with the last, which is of the other class.
        Assert.Contains(" + ", tiles[0].Label, StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_that_are_mixed_name_each_class()
    {
        var images = ImageFolder.Open(
            _folder.WriteImages("data", perClass: 3),
            cancellation: TestContext.Current.CancellationToken
        );
        var loader = new DataLoader(
            images,
            new Preprocessing { Height = 8, Width = 8 },
            new DataLoaderOptions { OneHot = true }
        );
        Assert.Equal(["dark", "dark", "dark", "light"], TrainingSheet.Tiles(loader, 4).Select(t => t.Label));
        var targets = new NDArray(Shape.Of(1, 2));
        (targets[0, 0], targets[0, 1]) = (0.3f, 0.7f);
        Assert.Equal("70 % light + 30 % dark", TrainingSheet.TextOf(targets, 0, images.ClassNames));
    }
}
