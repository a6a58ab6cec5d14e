using System.Text.Json.Nodes;
using SkiaSharp;

namespace Lamina.Data.Tests.Statistics;

/// <summary>The accuracies that a model must exceed, against hand computations and numpy (Goldens/make_baselines.py).</summary>
public sealed class BaselinesTests
{
    private static readonly BaselineOptions s_untimed = new() { ReadingTime = TimeSpan.FromHours(1) };

    [Fact]
    public void Nearest_neighbors_are_those_of_a_hand_computation()
    {
        // One pixel each: 10 and 50 are "even", 30 and 200 "odd", as their places say.
        Pictures train = Values(10, 30, 50, 200);
        // 12 → 10 (even, right), 41 → 50 (even, but the picture is odd), 39 → 30 (odd, but even), 150 → 200 (odd, right).
        Pictures test = Values(12, 41, 39, 150);
        var baselines = Baselines.Compute(train, test, s_untimed, null, TestContext.Current.CancellationToken);
        Assert.Equal(0.5, baselines.NearestNeighborAccuracy);
        // Both classes are as frequent: the first is taken.
        Assert.Equal(("even", 0.5), (baselines.MajorityClass, baselines.MajorityAccuracy));
        Assert.Equal((4, 4, false), (baselines.References, baselines.Queries, baselines.IsSampled));
        Assert.Equal((new Size2(1), 1), (baselines.Size, baselines.Channels));
    }

    [Fact]
    public void Of_equally_near_images_the_first_counts()
    {
        // 20 lies in the middle of 10 (even) and 30 (odd).
        var baselines = Baselines.Compute(
            Values(10, 30),
            Values(20),
            s_untimed,
            null,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(1, baselines.NearestNeighborAccuracy);
    }

    [Fact]
    public void The_search_finds_what_comparing_all_pairs_finds()
    {
        Pictures train = Pictures.Noise(300, 9, 11);
        Pictures test = new(
            100,
            9,
            11,
            3,
            (i, y, x, c) => (byte)new RandomStream(i + 1000, RandomPurpose.User, (y * 1000) + x, c).NextUInt32()
        );
        int right = 0;
        for (int i = 0; i < test.Count; i++)
        {
            byte[] query = Bytes(test, i);
            int nearest = Enumerable
                .Range(0, train.Count)
                .MinBy(r => Bytes(train, r).Zip(query, (a, b) => (long)(a - b) * (a - b)).Sum());
            right += train.Labels[nearest] == test.Labels[i] ? 1 : 0;
        }
        var baselines = Baselines.Compute(train, test, s_untimed, null, TestContext.Current.CancellationToken);
        Assert.Equal((double)right / test.Count, baselines.NearestNeighborAccuracy);
        Assert.Equal((new Size2(9, 11), 3), (baselines.Size, baselines.Channels));
    }

    [Fact]
    public void Extreme_pixels_do_not_overflow()
    {
        // All black against all white: the largest distances that there are, and one pixel that decides.
        Pictures train = new(2, 32, 32, 3, (i, y, x, c) => i == 0 && y + x + c == 0 ? (byte)1 : (byte)0);
        Pictures test = new(2, 32, 32, 3, (i, _, _, _) => 255);
        var baselines = Baselines.Compute(train, test, s_untimed, null, TestContext.Current.CancellationToken);
        // The first is nearer by 509 in 199,756,800: a sum in float32 would lose that.
        Assert.Equal(0.5, baselines.NearestNeighborAccuracy);
        Pictures swapped = new(2, 32, 32, 3, (i, y, x, c) => i == 1 && y + x + c == 0 ? (byte)1 : (byte)0);
        Pictures odd = new(2, 32, 32, 3, (i, _, _, _) => i == 1 ? (byte)255 : (byte)0);
        Assert.Equal(
            1,
            Baselines
                .Compute(swapped, odd, s_untimed, null, TestContext.Current.CancellationToken)
                .NearestNeighborAccuracy
        );
    }

    [Fact]
    public void The_shipped_images_give_what_numpy_gives()
    {
        var train = IdxDataset.OpenFolder(TempFolder.FashionMnist, "train");
        var test = IdxDataset.OpenFolder(TempFolder.FashionMnist, "t10k");
        // Every tenth image against every fifth keeps the test quick.
        LabeledImages few = train.Subset([.. Enumerable.Range(0, train.Count).Where(i => i % 10 == 0)]);
        LabeledImages asked = test.Subset([.. Enumerable.Range(0, test.Count).Where(i => i % 5 == 0)]);
        var baselines = Baselines.Compute(few, asked, s_untimed, null, TestContext.Current.CancellationToken);
        var golden = JsonNode.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", "baselines.json"))
        )!;
        Assert.Equal(
            golden["every_tenth_by_every_fifth"]!.GetValue<double>(),
            baselines.NearestNeighborAccuracy!.Value,
            1e-12
        );
        Assert.Equal((new Size2(28), 1), (baselines.Size, baselines.Channels));
    }

    [Fact]
    public void Large_images_are_compared_as_thumbnails()
    {
        Pictures large = Pictures.Noise(6, 100, 80);
        var baselines = Baselines.Compute(large, large, s_untimed, null, TestContext.Current.CancellationToken);
        Assert.Equal((new Size2(32), 1.0), (baselines.Size, baselines.NearestNeighborAccuracy));
    }

    [Fact]
    public void Gray_images_are_compared_with_colored_ones()
    {
        using var folder = new TempFolder();
        foreach (
            (string name, SKColor color) in ((string, SKColor)[])[("gray", new(90, 90, 90)), ("red", SKColors.Red)]
        )
        {
            for (int i = 0; i < 2; i++)
            {
                folder.Write(
                    $"{name}/{i}.{(name == "gray" ? "jpg" : "png")}",
                    TempFolder.Encode(
                        8,
                        8,
                        name == "gray" ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png,
                        (_, _) => color
                    )
                );
            }
        }
        var images = ImageFolder.Open(folder.Path);
        var baselines = Baselines.Compute(images, images, s_untimed, null, TestContext.Current.CancellationToken);
        Assert.Equal((1.0, 3), (baselines.NearestNeighborAccuracy, baselines.Channels));
    }

    [Fact]
    public void Many_images_are_sampled_the_same_way_each_time()
    {
        Pictures images = Pictures.Noise(500, 4, 4);
        BaselineOptions options = s_untimed with { MaxReferences = 200, MaxQueries = 50, Seed = 7 };
        var first = Baselines.Compute(images, images, options, null, TestContext.Current.CancellationToken);
        Assert.Equal((200, 50, true), (first.References, first.Queries, first.IsSampled));
        Assert.Equal(first, Baselines.Compute(images, images, options, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Reading_ends_when_its_time_is_over()
    {
        Pictures images = Pictures.Noise(1000, 4, 4);
        BaselineOptions options = s_untimed with { ReadingTime = TimeSpan.Zero };
        var baselines = Baselines.Compute(images, images, options, null, TestContext.Current.CancellationToken);
        Assert.Equal((128, 128, true), (baselines.References, baselines.Queries, baselines.IsSampled));
    }

    [Fact]
    public void What_is_read_in_time_is_of_all_classes()
    {
        // In the order of a folder: first all images of one class, then all of the other.
        Pictures images = new(1000, 1, 1, 1, (i, _, _, _) => (byte)(i % 2 * 255));
        LabeledImages sorted = images.Subset([
            .. Enumerable.Range(0, 500).Select(i => 2 * i),
            .. Enumerable.Range(0, 500).Select(i => (2 * i) + 1),
        ]);
        BaselineOptions options = s_untimed with { ReadingTime = TimeSpan.Zero };
        LabeledImages reversed = sorted.Subset([.. Enumerable.Range(0, 1000).Reverse()]);
        var baselines = Baselines.Compute(sorted, reversed, options, null, TestContext.Current.CancellationToken);
        Assert.Equal((128, 1.0), (baselines.References, baselines.NearestNeighborAccuracy));
    }

    [Fact]
    public void Images_that_cannot_be_read_are_left_out()
    {
        using var folder = new TempFolder();
        folder.WriteClasses(2, 3);
        folder.Write("class0/broken.png", [1, 2, 3]);
        var images = ImageFolder.Open(folder.Path);
        var baselines = Baselines.Compute(images, images, s_untimed, null, TestContext.Current.CancellationToken);
        Assert.Equal((6, 6, 1.0), (baselines.References, baselines.Queries, baselines.NearestNeighborAccuracy));
        Assert.Equal(("class0", 4 / 7.0), (baselines.MajorityClass, baselines.MajorityAccuracy));
        foreach (string file in Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            File.WriteAllText(file, "no image");
        }
        baselines = Baselines.Compute(images, images, s_untimed, null, TestContext.Current.CancellationToken);
        Assert.Null(baselines.NearestNeighborAccuracy);
        Assert.Equal(4 / 7.0, baselines.Best);
    }

    [Fact]
    public void Images_that_a_loader_caches_are_decoded_once()
    {
        var source = new CountedImages(Pictures.Noise(40, 50, 50));
        LabeledImages cached = source.Cached(1 << 20);
        var loader = new DataLoader(cached, new Preprocessing { Height = 16, Width = 16 });
        BaselineOptions options = s_untimed with { DecodeSize = loader.DecodeSize };
        Baselines.Compute(cached, cached, options, null, TestContext.Current.CancellationToken);
        Assert.Equal(40, loader.Batches(0).Sum(b => b.Count));
        Assert.Equal(40, source.Decoded);
    }

    [Fact]
    public void It_can_be_canceled_and_reports_progress()
    {
        Pictures images = Pictures.Noise(200, 4, 4);
        using var cancellation = new CancellationTokenSource();
        var progress = new Recorder(share =>
        {
            if (share > 0.3)
            {
                cancellation.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() =>
            Baselines.Compute(images, images, s_untimed, progress, cancellation.Token)
        );
        Assert.Contains(progress.Shares, s => s is > 0.3 and < 0.9);
        progress = new Recorder(_ => { });
        Baselines.Compute(images, images, s_untimed, progress, TestContext.Current.CancellationToken);
        Assert.Equal(1, progress.Shares.Max(), 1e-9);
    }

    private static Pictures Values(params byte[] values) => new(values.Length, 1, 1, 1, (i, _, _, _) => values[i]);

    private static byte[] Bytes(LabeledImages images, int index)
    {
        var pixels = new PixelBuffer();
        images.Decode(index, pixels);
        return pixels.Pixels.ToArray();
    }

    private sealed class CountedImages(LabeledImages source) : LabeledImages
    {
        private int _decoded;

        public int Decoded => _decoded;

        public override IReadOnlyList<string> ClassNames => source.ClassNames;

        public override IReadOnlyList<int> Labels => source.Labels;

        public override string NameOf(int index) => source.NameOf(index);

        public override void Decode(int index, PixelBuffer target, Size2 enough = default)
        {
            Interlocked.Increment(ref _decoded);
            source.Decode(index, target, enough);
        }
    }

    private sealed class Recorder(Action<double> also) : IProgress<double>
    {
        private readonly Lock _gate = new();

        public List<double> Shares { get; } = [];

        public void Report(double value)
        {
            lock (_gate)
            {
                Shares.Add(value);
            }
            also(value);
        }
    }
}
