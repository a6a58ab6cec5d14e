namespace Lamina.Data.Tests.Loading;

/// <summary>The order of an epoch where successive images are cheap to read together.</summary>
public sealed class EpochOrderTests
{
    private const int Files = 9;
    private const int PerFile = 200;
    private const int PerPage = 5;

    private sealed class Paged : LabeledImages
    {
        public override IReadOnlyList<string> ClassNames { get; } = ["a", "b"];

        public override IReadOnlyList<int> Labels { get; } =
        [.. Enumerable.Range(0, Files * PerFile).Select(i => i % 2)];

        public override string NameOf(int index) => $"{index}";

        internal override (int File, int Page) PlaceOf(int index) => (index / PerFile, index % PerFile / PerPage);

        public override void Decode(int index, PixelBuffer target, Size2 enough = default)
        {
            target.Resize(1, 1, 1);
            target.Pixels[0] = (byte)index;
        }
    }

    [Fact]
    public void Files_and_images_in_windows_are_in_random_order()
    {
        var source = new Paged();
        int[] order = EpochOrder.Of(source, 1, 0);
        Assert.Equal(Enumerable.Range(0, source.Count), order.Order());
        Assert.NotEqual(order, EpochOrder.Of(source, 1, 1));
        Assert.NotEqual(order, EpochOrder.Of(source, 2, 0));
        Assert.Equal(order, EpochOrder.Of(source, 1, 0));
        int[] files = [.. order.Chunk(PerFile).Select(c => c[0] / PerFile)];
        Assert.NotEqual(files.Order(), files);
        // Few images are read beside the one of before.
        Assert.InRange(order.Zip(order.Skip(1)).Count(p => p.Second == p.First + 1), 0, source.Count / 20);
        // Never more pages at once than stay in memory.
        var last = new Dictionary<int, int>();
        for (int i = 0; i < order.Length; i++)
        {
            last[order[i] / PerPage] = i;
        }
        var open = new HashSet<int>();
        int most = 0;
        for (int i = 0; i < order.Length; i++)
        {
            open.Add(order[i] / PerPage);
            most = Math.Max(most, open.Count);
            open.RemoveWhere(page => last[page] == i);
        }
        Assert.InRange(most, 8, 16);
    }

    [Fact]
    public void Batches_do_not_depend_on_workers_ranks_or_where_a_resume_begins()
    {
        var preprocessing = new Preprocessing
        {
            Height = 1,
            Width = 1,
            Channels = 1,
        };
        foreach (
            LabeledImages source in (LabeledImages[])
                [new Paged(), new Paged().Split(0.3, 1).Train, new Paged().Cached(1 << 20), Pictures.Places(300, 3, 3)]
        )
        {
            var options = new DataLoaderOptions { Shuffle = true, BatchSize = 64 };
            int[][] whole = Indices(new DataLoader(source, preprocessing, options with { Workers = 0 }), 0);
            foreach (int skip in (int[])[0, 1, whole.Length - 1])
            {
                var other = new DataLoader(source, preprocessing, options with { Workers = 3 });
                Assert.Equal(whole[skip..], Indices(other, skip));
            }
            int[][][] ranks =
            [
                .. Enumerable
                    .Range(0, 3)
                    .Select(r => Indices((DataLoader)new DataLoader(source, preprocessing, options).Shard(r, 3), 0)),
            ];
            for (int b = 0; b < whole.Length; b++)
            {
                Assert.Equal(whole[b], ranks.SelectMany(r => r[b]));
            }
        }

        static int[][] Indices(DataLoader loader, int skip) =>
            [.. loader.Batches(2, skip).Select(b => b.Indices!.ToArray())];
    }

    [Fact]
    public void Without_pages_any_order_is_equally_likely()
    {
        // As it always was: seeds of earlier runs keep their order.
        int[] order = [.. Enumerable.Range(0, 50)];
        new RandomStream(3, RandomPurpose.Shuffle, 4).Shuffle(order.AsSpan());
        Assert.Equal(order, EpochOrder.Of(Pictures.Places(50, 3, 3), 3, 4));
    }
}
