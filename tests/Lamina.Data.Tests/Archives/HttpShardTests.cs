namespace Lamina.Data.Tests.Archives;

/// <summary>Shards on a server that cuts, refuses, stalls and lies are the local ones, or one clear error.</summary>
public sealed class HttpShardTests : IDisposable
{
    private const int PerShard = 24;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Pages are small, so that shards have many.
    private static HttpAccess Fast { get; } =
        new()
        {
            FirstDelay = TimeSpan.FromMilliseconds(5),
            MostDelay = TimeSpan.FromMilliseconds(20),
            Timeout = TimeSpan.FromSeconds(20),
            PageBytes = 8 << 10,
        };

    private static HttpAccess For(Fault fault) =>
        fault == Fault.Stall ? Fast with { Timeout = TimeSpan.FromSeconds(0.3) } : Fast;

    private static (string Path, byte[] Bytes)[] Files { get; } =
    [
        .. Enumerable.Range(0, 3).Select(s => ($"/d/s-{s}.tar", Shard(s))),
        ("/d/classes.txt", Tars.Text("ant\nbee\ncow\n")),
    ];

    private static byte[] Shard(int shard) =>
        Tars.Of(
            Enumerable
                .Range(0, PerShard)
                .SelectMany(i =>
                    ((string, byte[])[])
                        [($"{i:D3}.png", Tars.Png((shard * PerShard) + i, 7)), ($"{i:D3}.cls", Tars.Text($"{i % 3}"))]
                )
        );

    private static LabeledImages Open(UnreliableServer server, HttpAccess? access = null) =>
        WebDataset.Open(server.Address + "/d/s-{0..2}.tar", null, null, access ?? Fast, default);

    private static void AssertAll(LabeledImages images)
    {
        Assert.Equal(["ant", "bee", "cow"], images.ClassNames);
        Assert.Equal(3 * PerShard, images.Count);
        for (int i = 0; i < images.Count; i++)
        {
            Assert.Equal((i, 7), Tars.ColorOf(images, i));
            Assert.Equal(i % PerShard % 3, images.Labels[i]);
        }
    }

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.Cut)]
    [InlineData(Fault.Drop)]
    [InlineData(Fault.Error)]
    [InlineData(Fault.Stall)]
    [InlineData(Fault.WrongRange)]
    public void Faults_that_pass_do_not_matter(Fault fault)
    {
        // Stalls cost their limit of time each.
        int every = fault == Fault.Stall ? 40 : 3;
        using var server = new UnreliableServer(Files, (n, _) => n % every == 1 ? fault : Fault.None);
        AssertAll(Open(server, For(fault)));
        Assert.True(server.Requests > every);
    }

    [Fact]
    public void A_busy_server_is_given_the_time_that_it_asks_for()
    {
        using var server = new UnreliableServer(Files, (n, _) => n == 2 ? Fault.Busy : Fault.None);
        long start = TimeProvider.System.GetTimestamp();
        AssertAll(Open(server, Fast with { MostDelay = TimeSpan.FromSeconds(0.4) }));
        // It asks for a second, and the settings allow 0.4.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0.4, 60);
    }

    [Fact]
    public void A_cut_connection_continues_at_the_next_byte()
    {
        using var server = new UnreliableServer([("/x", new byte[100_000])], (_, _) => Fault.Cut);
        HttpFile file = HttpFile.Find(Fast, server.Address + "/x", default)!;
        long before = server.Sent;
        file.Read(0, new byte[100_000], 0, 100_000);
        // Each answer has half of what is left, and nothing is sent twice but what a broken connection still held.
        Assert.InRange(server.Sent - before, 100_000, 110_000);
    }

    [Theory]
    [InlineData(Fault.Error, "cannot be read after 8 attempts (the server answers 500 Internal Server Error).")]
    [InlineData(Fault.Drop, "cannot be read after 8 attempts (")]
    [InlineData(Fault.Stall, "cannot be read after 8 attempts (no answer for 0.3 s).")]
    [InlineData(Fault.WrongRange, "cannot be read after 8 attempts (the server sent bytes from ")]
    public void Faults_that_stay_end_the_loader_with_one_line(Fault fault, string expected)
    {
        bool broken = false;
        using var server = new UnreliableServer(Files, (_, _) => Volatile.Read(ref broken) ? fault : Fault.None);
        LabeledImages images = Open(server, For(fault));
        var loader = new DataLoader(images, new Preprocessing { Height = 4, Width = 4 }, new() { Workers = 2 });
        Volatile.Write(ref broken, true);
        var error = Assert.Throws<ConnectionException>(() => loader.Batches(0).Count());
        Assert.StartsWith($"{server.Address}/d/s-0.tar: {expected}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        // It is no damaged image.
        Assert.Empty(loader.Skipped);
        // The same images can be read once the server is back.
        Volatile.Write(ref broken, false);
        Assert.Equal(3 * PerShard, loader.Batches(0).Sum(b => b.Indices!.Count));
    }

    [Fact]
    public void A_missing_shard_and_a_refusal_are_not_repeated()
    {
        int requests = 0;
        using var server = new UnreliableServer(
            Files[..2],
            (_, path) =>
            {
                _ = path == "/d/s-2.tar" ? Interlocked.Increment(ref requests) : 0;
                return Fault.None;
            }
        );
        var error = Assert.Throws<DataException>(() => Open(server));
        Assert.Equal($"{server.Address}/d/s-2.tar: no such file on the server.", error.Message);
        Assert.Equal(1, requests);
        error = Assert.Throws<DataException>(() => WebDataset.Open("http://", null, null, Fast, default));
        Assert.Contains("is not an address", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_of_a_shard_ends_the_run()
    {
        using var server = new UnreliableServer(Files);
        LabeledImages images = Open(server);
        server.Tag = "\"2\"";
        var error = Assert.Throws<ConnectionException>(() => Tars.ColorOf(images, 50));
        Assert.Contains("changed on the server while in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_without_ranges_needs_a_folder_for_copies()
    {
        using var server = new UnreliableServer(Files, (n, _) => n % 4 == 2 ? Fault.Cut : Fault.None)
        {
            HasRanges = false,
        };
        var error = Assert.Throws<ConnectionException>(() => Open(server));
        Assert.Contains("cannot send parts of files. Set LAMINA_SHARD_CACHE", error.Message, StringComparison.Ordinal);
        AssertAll(Open(server, Fast with { CacheFolder = _folder.Path }));
    }

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.Cut)]
    public void Copies_are_complete_and_used_again(Fault fault)
    {
        using var server = new UnreliableServer(Files, (n, _) => n % 3 == 2 ? fault : Fault.None);
        HttpAccess access = Fast with { CacheFolder = _folder.Path };
        AssertAll(Open(server, access));
        Assert.Equal(
            [.. Files[..3].Select(f => Path.GetFileName(f.Path))],
            Directory.EnumerateFiles(_folder.Path, "*.*", SearchOption.AllDirectories).Select(Path.GetFileName).Order()
        );
        long sent = server.Sent;
        AssertAll(Open(server, access));
        // Only the first byte of each shard, and the names of the classes.
        Assert.InRange(server.Sent - sent, 1, 100);
    }

    [Fact]
    public void A_copy_continues_after_a_killed_process()
    {
        bool broken = true;
        using var server = new UnreliableServer(
            Files,
            (_, path) => path == "/d/s-1.tar" && Volatile.Read(ref broken) && Cuts() ? Fault.Drop : Fault.None
        );
        HttpAccess access = Fast with { CacheFolder = _folder.Path };
        Assert.Throws<ConnectionException>(() => Open(server, access));
        string part = Directory
            .EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories)
            .Single(f => Path.GetFileName(f).StartsWith("s-1", StringComparison.Ordinal));
        // As if half of it had been there when the process was killed.
        File.WriteAllBytes(part, Files[1].Bytes[..20_000]);
        Volatile.Write(ref broken, false);
        long sent = server.Sent;
        AssertAll(Open(server, access));
        Assert.InRange(server.Sent - sent, 1, Files[1].Bytes.Length - 20_000 + Files[2].Bytes.Length + 200);

        // The first request finds the file.
        bool Cuts() => Interlocked.Increment(ref _found) > 1;
    }

    private int _found;

    [Fact]
    public void Pages_are_transferred_once_in_training_order()
    {
        using var server = new UnreliableServer(Files);
        LabeledImages images = Open(server);
        var loader = new DataLoader(
            images,
            new Preprocessing { Height = 4, Width = 4 },
            new() { Shuffle = true, Workers = 3 }
        );
        long sent = server.Sent;
        int requests = server.Requests;
        Assert.Equal(3 * PerShard, loader.Batches(0).Sum(b => b.Indices!.Count));
        long all = Files[..3].Sum(f => (long)f.Bytes.Length);
        Assert.InRange(server.Sent - sent, all / 2, all * 11 / 10);
        Assert.InRange(server.Requests - requests, 1, 3 * PerShard);
    }

    [Fact]
    public void A_packed_folder_on_a_server_needs_no_listing()
    {
        _folder.WriteClasses(2, 30);
        string packed = Path.Combine(_folder.Path, "packed");
        ImageFolder photos = ImageFolder.Open(_folder.Path);
        ImagePacker.Pack([("train", photos), ("val", photos)], packed, new PackOptions { ImagesPerShard = 20 });
        (string, byte[])[] files =
        [
            .. Directory.EnumerateFiles(packed).Select(f => ($"/p/{Path.GetFileName(f)}", File.ReadAllBytes(f))),
        ];
        using var server = new UnreliableServer(files);
        LabeledImages remote = WebDataset.Open(server.Address + "/p?key=secret", null, "train", Fast, default);
        Assert.InRange(server.Sent, 1, files.Sum(f => (long)f.Item2.Length) / 2);
        Assert.DoesNotContain("secret", remote.NameOf(0), StringComparison.Ordinal);
        LabeledImages local = WebDataset.Open(packed, part: "train");
        Assert.Equal(local.Fingerprint(), remote.Fingerprint());
        using var none = new UnreliableServer([]);
        var error = Assert.Throws<DataException>(() => WebDataset.Open(none.Address + "/p", null, null, Fast, default));
        Assert.Contains(
            "has no pack.json, which lists packed shards. Name the shards: ",
            error.Message,
            StringComparison.Ordinal
        );
    }
}
