namespace Lamina.Data.Tests.Packing;

/// <summary>Packing into a folder with shards: intact ones are kept, others are packed again or refused.</summary>
public sealed class RepeatedPackTests : IDisposable
{
    private static readonly PackOptions s_options = new()
    {
        Side = 5,
        ImagesPerShard = 8,
        Workers = 1,
    };

    private readonly TempFolder _folder = new();
    private readonly ImageFolder _photos;

    public RepeatedPackTests()
    {
        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < 10; i++)
            {
                _folder.Write($"photos/class{c}/{i}.png", Archives.Tars.Png(c, i));
            }
        }
        _photos = ImageFolder.Open(Photos);
    }

    public void Dispose() => _folder.Dispose();

    private string Photos => Path.Combine(_folder.Path, "photos");

    private string Target(string name) => Path.Combine(_folder.Path, "out", name);

    private PackResult Pack(
        string name,
        PackOptions? options = null,
        PackObserver? observer = null,
        LabeledImages? images = null,
        CancellationToken cancellation = default
    ) => ImagePacker.Pack([("train", images ?? _photos)], Target(name), options ?? s_options, observer, cancellation);

    private string[] Content(string name) =>
        [
            .. Directory
                .EnumerateFiles(Target(name))
                .Where(f => !f.EndsWith(ArchiveIndex.Extension, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(f => $"{Path.GetFileName(f)} {Convert.ToHexString(File.ReadAllBytes(f))}"),
        ];

    [Fact]
    public void A_canceled_call_leaves_whole_shards_and_the_next_ends_with_the_same_bytes()
    {
        Pack("whole");
        using var stop = new CancellationTokenSource();
        // In the middle of the third of four shards.
        var log = new ImagePackerTests.Log { Packed = done => Stop(done >= 16) };
        Assert.Throws<OperationCanceledException>(() => Pack("part", observer: log, cancellation: stop.Token));
        Assert.Equal(
            ["train-000000.tar", "train-000001.tar"],
            Directory.EnumerateFiles(Target("part"), "*.tar").Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Empty(Directory.EnumerateFiles(Target("part"), "*.tmp"));
        var error = Assert.Throws<DataException>(() => WebDataset.Open(Target("part")));
        Assert.Equal(
            $"{Target("part")}: is packed in part only: 2 of 4 shards. Repeat the same 'alexnet pack' command to finish it.",
            error.Message
        );
        PackResult result = Pack("part");
        Assert.Equal((30, 4, 2), (result.Images, result.Shards, result.KeptShards));
        Assert.Equal(Content("whole"), Content("part"));
        Assert.Equal(4, Pack("part").KeptShards);
        Assert.Equal(Content("whole"), Content("part"));

        void Stop(bool now)
        {
            if (now)
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public void Damaged_and_missing_shards_are_packed_again()
    {
        Pack("whole");
        Pack("part");
        string[] shards = [.. Directory.EnumerateFiles(Target("part"), "*.tar").Order(StringComparer.Ordinal)];
        byte[] bytes = File.ReadAllBytes(shards[1]);
        bytes[700] ^= 1;
        File.WriteAllBytes(shards[1], bytes);
        File.WriteAllBytes(shards[2], bytes[..500]);
        File.Delete(shards[0]);
        var error = Assert.Throws<DataException>(() => WebDataset.Open(Target("part")));
        Assert.StartsWith($"{shards[0]}: is missing.", error.Message, StringComparison.Ordinal);
        var log = new ImagePackerTests.Log();
        Assert.Equal(1, Pack("part", observer: log).KeptShards);
        Assert.Equal(
            [
                $"{shards[0]}: is missing; it is packed again",
                $"{shards[1]}: does not match its checksum; it is packed again",
                $"{shards[2]}: has 500 bytes instead of {bytes.Length}; it is packed again",
            ],
            log.Messages
        );
        Assert.Equal(Content("whole"), Content("part"));
    }

    [Fact]
    public void Other_options_other_images_and_other_files_are_refused_and_nothing_changes()
    {
        Pack("a");
        string[] before = Content("a");
        Refused(s_options with { Side = 6 }, "has shards of side 5 instead of 6");
        Refused(s_options with { Quality = 80 }, "has shards of JPEG of quality 90 instead of JPEG of quality 80");
        Refused(s_options with { Raw = true }, "has shards of JPEG of quality 90 instead of raw pixels");
        Refused(s_options with { Seed = 3 }, "has shards of seed 0 instead of 3");
        Refused(s_options with { ImagesPerShard = 9 }, "has shards of 8 images per shard instead of 9");
        _folder.Write("photos/class0/new.png", Archives.Tars.Png(1, 1));
        Refused(s_options, "images that are not those of the source now", ImageFolder.Open(Photos));
        Assert.Equal(before, Content("a"));
        _folder.Write("out/other/precious.txt", [1]);
        var error = Assert.Throws<DataException>(() => Pack("other"));
        Assert.Contains("is not empty and has no pack.json", error.Message, StringComparison.Ordinal);
        _folder.Write("out/odd/pack.json", Archives.Tars.Text("{\"format\": 3}"));
        error = Assert.Throws<DataException>(() => Pack("odd"));
        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);

        void Refused(PackOptions options, string expected, LabeledImages? images = null)
        {
            var refused = Assert.Throws<DataException>(() => Pack("a", options, images: images));
            Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Two_at_once_are_refused()
    {
        Exception? inner = null;
        var log = new ImagePackerTests.Log { Packed = _ => inner ??= Record.Exception(() => Pack("a")) };
        Pack("a", observer: log);
        Assert.Contains("another process packs into this folder", inner!.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Target("a"), ".lock")));
    }

    [Fact]
    public void A_class_whose_name_is_a_number_keeps_its_images()
    {
        // In ordinal order: 1, 10, 2.
        foreach ((string name, int red) in (ReadOnlySpan<(string, int)>)[("1", 10), ("10", 100), ("2", 200)])
        {
            _folder.Write($"numbers/{name}/x.png", Archives.Tars.Png(red, 0));
        }
        ImageFolder numbers = ImageFolder.Open(Path.Combine(_folder.Path, "numbers"));
        Pack("n", images: numbers);
        LabeledImages packed = WebDataset.Open(Target("n"));
        Assert.Equal(["1", "10", "2"], packed.ClassNames);
        AssertColors(packed, i => packed.ClassNames[packed.Labels[i]]);
        // A model may have other classes, in another order.
        string[] model = ["2", "10", "7", "1"];
        packed = WebDataset.Open(Target("n"), model);
        AssertColors(packed, i => model[packed.Labels[i]]);
        var error = Assert.Throws<DataException>(() => WebDataset.Open(Target("n"), ["2", "10", "7"]));
        Assert.Contains(
            "has the class '1', which is not one of the 3 classes",
            error.Message,
            StringComparison.Ordinal
        );

        static void AssertColors(LabeledImages images, Func<int, string> classOf)
        {
            for (int i = 0; i < images.Count; i++)
            {
                int expected = classOf(i) switch
                {
                    "1" => 10,
                    "10" => 100,
                    _ => 200,
                };
                Assert.InRange(Archives.Tars.ColorOf(images, i).Red - expected, -6, 6);
            }
        }
    }

    [Fact]
    public void Classes_of_ImageNet_are_found_by_their_ids()
    {
        _folder.Write(
            "s/x.tar",
            Archives.Tars.Of(("a.png", Archives.Tars.Png(1, 1)), ("a.cls", Archives.Tars.Text("1")))
        );
        _folder.Write("s/classes.txt", Archives.Tars.Text("n00000001 ant\nn00000002 bee\n"));
        string tar = Path.Combine(_folder.Path, "s", "x.tar");
        Assert.Equal([2], WebDataset.Open(tar, ["n00000001", "n00000003", "n00000002"]).Labels);
        Assert.Equal([0], WebDataset.Open(tar, ["n00000002 honey bee"]).Labels);
        // A model without names has numbers.
        Assert.Equal([1], WebDataset.Open(tar, ["0", "1", "2"]).Labels);
        Assert.Throws<DataException>(() => WebDataset.Open(tar, ["bee", "ant"]));
    }
}
