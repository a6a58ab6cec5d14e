using System.Diagnostics;
using SkiaSharp;

namespace Lamina.Data.Tests.Sources;

/// <summary>Folders as people have them: links, pipes, leftovers of other systems, odd names.</summary>
public sealed class OddFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TempFolder _outside = new();

    public void Dispose()
    {
        _folder.Dispose();
        _outside.Dispose();
    }

    [Theory]
    [InlineData("a/self", ".")]
    [InlineData("a/up", "..")]
    [InlineData("a/top", "/")]
    [InlineData("a/deep/two", "../..")]
    [InlineData("a/deep/dotted", ".././//deep/../.")]
    [InlineData("everything", ".")]
    [InlineData("everything", "..")]
    public void A_link_to_a_folder_around_it_is_skipped_and_named(string link, string target)
    {
        _folder.Write("a/deep/1.png", [1]);
        _folder.Write("b/2.png", [1]);
        Link(link, target);
        // Each would multiply the walk of the others.
        Link("a/deep/again", ".");
        Link("b/again", ".");
        ImageFolder data = ImageFolder.Open(_folder.Path);
        Assert.Equal(["a", "b"], data.ClassNames);
        Assert.Equal(["a/deep/1.png", "b/2.png"], Names(data));
        Assert.Equal(
            new[] { link, "a/deep/again", "b/again" }.Order(StringComparer.Ordinal),
            data.SkippedFolders.Select(s => Relative(s.Name)).Order(StringComparer.Ordinal)
        );
        Assert.All(data.SkippedFolders, s => Assert.Contains("contains it", s.Reason, StringComparison.Ordinal));
        Assert.Equal(data.SkippedFolders, data.Subset([0]).Cached(1000).SkippedFolders);
    }

    [Fact]
    public void Links_in_a_circle_outside_are_followed_once()
    {
        _folder.Write("a/1.png", [1]);
        _outside.Write("x/2.png", [1]);
        _outside.Write("y/3.png", [1]);
        Link("a/x", Path.Combine(_outside.Path, "x"));
        Link("a/x2", Path.Combine(_outside.Path, "x"));
        Directory.CreateSymbolicLink(Path.Combine(_outside.Path, "x", "y"), Path.Combine(_outside.Path, "y"));
        Directory.CreateSymbolicLink(Path.Combine(_outside.Path, "y", "x"), Path.Combine(_outside.Path, "x"));
        Assert.Equal(["a/1.png", "a/x/2.png", "a/x/y/3.png"], Names(ImageFolder.Open(_folder.Path)));
    }

    [Fact]
    public void A_folder_comes_before_links_to_it()
    {
        _folder.Write("a/z/1.png", [1]);
        Link("a/b", "z");
        Assert.Equal(["a/z/1.png"], Names(ImageFolder.Open(_folder.Path)));
    }

    [Fact]
    public void The_folder_itself_may_be_reached_by_a_link()
    {
        _folder.Write("a/1.png", [1]);
        Link("a/up", _folder.Path);
        string link = Path.Combine(_outside.Path, "link");
        Directory.CreateSymbolicLink(link, _folder.Path);
        ImageFolder data = ImageFolder.Open(link);
        Assert.Equal(1, data.Count);
        Assert.Equal(Path.Combine(link, "a", "up"), Assert.Single(data.SkippedFolders).Name);
    }

    [Fact]
    public void What_other_systems_leave_is_ignored()
    {
        _folder.Write("a/1.png", [1]);
        foreach (
            string file in (string[])
                [
                    "__MACOSX/a/._1.png",
                    "a/__MACOSX/1.png",
                    "a/._1.png",
                    "a/.DS_Store",
                    "a/Thumbs.db",
                    "a/desktop.ini",
                    "a/@eaDir/1.jpg",
                    ".Trash-1000/2.png",
                    "$RECYCLE.BIN/3.png",
                    "lost+found/4.png",
                ]
        )
        {
            _folder.Write(file, [1]);
        }
        ImageFolder data = ImageFolder.Open(_folder.Path);
        Assert.Equal(["a"], data.ClassNames);
        Assert.Equal(["a/1.png"], Names(data));
        Assert.Equal(["a/1.png"], Names(ImageFolder.OpenUnlabeled(_folder.Path)));
        Assert.Empty(data.SkippedFolders);
    }

    [Fact]
    public void What_is_no_readable_file_is_skipped_by_loaders_and_does_not_hang()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "makes pipes and device nodes.");
        byte[] png = TempFolder.Encode(9, 7, SKEncodedImageFormat.Png, (_, _) => SKColors.Red);
        _folder.Write("a/good.png", png);
        _folder.Write("a/empty.png", []);
        Link("a/dangling.png", "nowhere");
        Link("a/circle.png", "circle.png");
        Link("a/folder.png", ".");
        Link("a/zero.png", "/dev/zero");
        using (Process fifo = Process.Start("mkfifo", Path.Combine(_folder.Path, "a", "pipe.png")))
        {
            fifo.WaitForExit();
        }
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix,
            System.Net.Sockets.SocketType.Stream,
            System.Net.Sockets.ProtocolType.Unspecified
        );
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(_folder.Path, "a", "socket.png")));

        ImageFolder data = ImageFolder.Open(_folder.Path);
        Assert.Equal(data.Fingerprint(), data.Fingerprint());
        Assert.Equal(data.Fingerprint(quick: true), data.Fingerprint(quick: true));
        var loader = new DataLoader(data, new Preprocessing { Height = 8, Width = 8 });
        Assert.Equal(1, loader.Batches(0).Sum(b => b.Count));
        Assert.Equal(
            [
                "circle.png: cannot be read",
                "dangling.png: is a link to a file that does not exist.",
                "empty.png: is empty.",
                "pipe.png: is a pipe or a device, not a file.",
                "socket.png: cannot be read",
                "zero.png: is empty.",
            ],
            loader.Skipped.Select(s => $"{Path.GetFileName(s.Name)}: {s.Reason.Split(" (")[0]}")
        );
        Assert.Equal("a/folder.png", Relative(Assert.Single(data.SkippedFolders).Name));
    }

    [Fact]
    public void Names_may_be_of_any_script_and_paths_long()
    {
        string deep = string.Join('/', Enumerable.Repeat(new string('d', 200), 15));
        string[] files =
        [
            "über/ß 1.png",
            "猫/三毛.png",
            "😀/emoji 😺.png",
            "a b/'quoted' \"x\"\n.png",
            $"z/{deep}/1.png",
        ];
        foreach (string file in files)
        {
            _folder.Write(file, TempFolder.Encode(3, 3, SKEncodedImageFormat.Png, (_, _) => SKColors.Red));
        }
        ImageFolder data = ImageFolder.Open(_folder.Path);
        Assert.Equal(files.Order(StringComparer.Ordinal), Names(data));
        Assert.Equal(5, new DataLoader(data, new Preprocessing { Height = 8, Width = 8 }).Batches(0).Sum(b => b.Count));
    }

    [Fact]
    public void A_file_named_as_an_expected_class_is_no_class()
    {
        _folder.Write("a/1.png", [1]);
        _folder.Write("b", [1]);
        Assert.Equal(["b"], ImageFolder.Open(_folder.Path, ["a", "b"]).ClassesWithoutImages);
        Assert.Equal(["a"], ImageFolder.Open(_folder.Path).ClassNames);
    }

    private void Link(string relative, string target) =>
        File.CreateSymbolicLink(Path.Combine(_folder.Path, relative), target);

    private IEnumerable<string> Names(LabeledImages data) =>
        Enumerable.Range(0, data.Count).Select(i => Relative(data.NameOf(i)));

    private string Relative(string path) => Path.GetRelativePath(_folder.Path, path);
}
