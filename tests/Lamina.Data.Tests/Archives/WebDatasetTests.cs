using System.Formats.Tar;

namespace Lamina.Data.Tests.Archives;

/// <summary>Shards are read in place, in order, with their labels.</summary>
public sealed class WebDatasetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Samples_have_the_label_of_their_cls_or_json()
    {
        _folder.Write(
            "s-000.tar",
            Tars.Of(
                ("a.png", Tars.Png(10, 0)),
                ("a.cls", Tars.Text("2\n")),
                ("b.json", Tars.Text("{\"caption\": \"x\", \"label\": 0}")),
                ("b.png", Tars.Png(20, 0)),
                ("dir/a.seg.txt", Tars.Text("no image")),
                ("dir/a.png", Tars.Png(30, 0)),
                ("dir/a.cls", Tars.Text("0"))
            )
        );
        _folder.Write("s-001.tar", Tars.Of(("c.cls", Tars.Text("1")), ("c.png", Tars.Png(40, 0))));
        LabeledImages images = WebDataset.Open(Path.Combine(_folder.Path, "s-{000..001}.tar"));
        Assert.Equal(["0", "1", "2"], images.ClassNames);
        Assert.Equal([2, 0, 0, 1], images.Labels);
        Assert.Equal([10, 20, 30, 40], Enumerable.Range(0, 4).Select(i => Tars.ColorOf(images, i).Red));
        Assert.Empty(images.SkippedFolders);
        Assert.EndsWith("s-001.tar/c.png", images.NameOf(3), StringComparison.Ordinal);
    }

    [Fact]
    public void A_packed_class_folder_is_what_the_unpacked_one_is()
    {
        _folder.WriteClasses(3, perClass: 4);
        ImageFolder unpacked = ImageFolder.Open(_folder.Path);
        string tar = Path.Combine(_folder.Path, "photos.tar");
        File.WriteAllBytes(
            tar,
            Tars.Of(
                Enumerable
                    .Range(0, unpacked.Count)
                    .Select(i =>
                        (
                            "photos/" + Path.GetRelativePath(_folder.Path, unpacked.NameOf(i)).Replace('\\', '/'),
                            File.ReadAllBytes(unpacked.NameOf(i))
                        )
                    )
            )
        );
        LabeledImages packed = WebDataset.Open(tar);
        Assert.Equal(unpacked.ClassNames, packed.ClassNames);
        var options = new DataLoaderOptions
        {
            BatchSize = 5,
            Shuffle = true,
            Seed = 7,
        };
        var preprocessing = new Preprocessing { Height = 4, Width = 4 };
        foreach (int workers in (int[])[0, 3])
        {
            var one = new DataLoader(unpacked, preprocessing, options);
            var other = new DataLoader(packed, preprocessing, options with { Workers = workers });
            // The second batch of an epoch is the same after a resume.
            foreach ((Batch a, Batch b) in one.Batches(1, skip: 1).Zip(other.Batches(1, skip: 1)))
            {
                Assert.Equal(a.Inputs[0].Values.ToArray(), b.Inputs[0].Values.ToArray());
                Assert.Equal(a.Targets[0].Values.ToArray(), b.Targets[0].Values.ToArray());
            }
        }
    }

    [Fact]
    public void Names_of_classes_come_from_a_file_or_the_model()
    {
        _folder.Write("x.tar", Tars.Of(("a.png", Tars.Png(1, 1)), ("a.cls", Tars.Text("1"))));
        string tar = Path.Combine(_folder.Path, "x.tar");
        Assert.Equal(["cat", "dog"], WebDataset.Open(tar, ["cat", "dog"]).ClassNames);
        _folder.Write("classes.txt", Tars.Text("ant\nbee\n"));
        LabeledImages named = WebDataset.Open(tar);
        Assert.Equal(["ant", "bee"], named.ClassNames);
        Assert.Equal([1], named.Labels);
        var error = Assert.Throws<DataException>(() => WebDataset.Open(tar, ["cat"]));
        Assert.Contains(
            "has the class 'bee', which is not one of the 1 classes",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_is_no_image_with_a_label_is_skipped_with_its_reason()
    {
        _folder.Write(
            "x.tar",
            Tars.Written(w =>
            {
                Tars.Add(w, new PaxTarEntry(TarEntryType.RegularFile, "../../escape.png"), Tars.Png(1, 0));
                Tars.Add(w, new PaxTarEntry(TarEntryType.RegularFile, "../../escape.cls"), Tars.Text("0"));
                Tars.Add(w, new PaxTarEntry(TarEntryType.SymbolicLink, "l.png") { LinkName = "/etc/passwd" });
                Tars.Add(w, new PaxTarEntry(TarEntryType.HardLink, "h.png") { LinkName = "../../escape.png" });
                Tars.Add(
                    w,
                    new PaxTarEntry(TarEntryType.CharacterDevice, "zero.png") { DeviceMajor = 1, DeviceMinor = 5 }
                );
                Tars.Add(w, new PaxTarEntry(TarEntryType.Fifo, "pipe.png"));
                Tars.Add(w, new PaxTarEntry(TarEntryType.RegularFile, "._a.png"), Tars.Png(1, 0));
                Tars.Add(w, new PaxTarEntry(TarEntryType.RegularFile, "b.png"), Tars.Png(2, 0));
                Tars.Add(w, new PaxTarEntry(TarEntryType.RegularFile, "c.json"), Tars.Text("[1"));
                Tars.Add(w, new PaxTarEntry(TarEntryType.RegularFile, "c.png"), Tars.Png(3, 0));
            })
        );
        LabeledImages images = WebDataset.Open(Path.Combine(_folder.Path, "x.tar"));
        Assert.Equal(1, images.Count);
        Assert.Equal((1, 0), Tars.ColorOf(images, 0));
        Assert.Equal(
            [
                ("l.png", "is a link, which is not followed in an archive."),
                ("h.png", "is a link, which is not followed in an archive."),
                ("zero.png", "is a device or a pipe, not an image."),
                ("pipe.png", "is a device or a pipe, not an image."),
                ("c.json", "contains no cls, label or class."),
                ("b.png", "has no label."),
                ("c.png", "has no label."),
            ],
            images.SkippedFolders.Select(s => (Path.GetFileName(s.Name), s.Reason))
        );
        Assert.Equal(["x.tar"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_damaged_image_is_skipped_and_counted_by_the_loader()
    {
        _folder.Write(
            "x.tar",
            Tars.Of(("a/1.png", Tars.Png(1, 0)), ("a/2.png", Tars.Text("not an image")), ("b/3.png", Tars.Png(3, 0)))
        );
        var loader = new DataLoader(
            WebDataset.Open(Path.Combine(_folder.Path, "x.tar")),
            new Preprocessing { Height = 4, Width = 4 }
        );
        Assert.Equal(2, loader.Batches(0).Sum(b => b.Indices!.Count));
        Assert.EndsWith("x.tar/a/2.png", Assert.Single(loader.Skipped).Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s-{000..002}.tar", "s-000.tar s-001.tar s-002.tar")]
    [InlineData("{a,b}-{8..10}.tar", "a-8.tar a-9.tar a-10.tar b-8.tar b-9.tar b-10.tar")]
    [InlineData("plain.tar", "plain.tar")]
    [InlineData("{x}.tar", "{x}.tar")]
    [InlineData("a-{0..1}.tar::http://h/{b,c}.tar?k={d}", "a-0.tar a-1.tar http://h/b.tar?k={d} http://h/c.tar?k={d}")]
    public void Braces_expand(string pattern, string expected) =>
        Assert.Equal(expected.Split(' '), ShardPattern.Expand(pattern));

    [Theory]
    [InlineData("s-{0..99999999999999999999}.tar", "more than 100000 shards")]
    [InlineData("{0..999}{0..999}.tar", "more than 100000 shards")]
    [InlineData("s-{5..2}.tar", "ends before it begins")]
    [InlineData("missing.tar", "no such file")]
    [InlineData("missing-*.tar", "no such shards")]
    public void A_pattern_that_names_nothing_is_a_clear_error(string pattern, string expected)
    {
        var error = Assert.Throws<DataException>(() => WebDataset.Open(Path.Combine(_folder.Path, pattern)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_shards_has_the_parts_that_their_names_state()
    {
        foreach (
            (string name, int red) in (ReadOnlySpan<(string, int)>)[("x-train-0", 1), ("x-val-0", 2), ("x-train-1", 3)]
        )
        {
            _folder.Write($"{name}.tar", Tars.Of(("a.png", Tars.Png(red, 0)), ("a.cls", Tars.Text("0"))));
        }
        Assert.True(WebDataset.Fits(_folder.Path));
        Assert.Equal(["train", "validation"], WebDataset.PartsOf(_folder.Path).Order(StringComparer.Ordinal));
        Assert.Equal(2, WebDataset.Open(_folder.Path, part: "train").Count);
        Assert.Equal((2, 0), Tars.ColorOf(WebDataset.Open(_folder.Path, part: "validation"), 0));
        Assert.Equal(3, WebDataset.Open(_folder.Path).Count);
        // Folders without images do not hide archives.
        Directory.CreateDirectory(Path.Combine(_folder.Path, "logs"));
        Assert.True(WebDataset.Fits(_folder.Path));
        // An archive beside unpacked folders does not hide them.
        _folder.WriteClasses(2, 1);
        Assert.False(WebDataset.Fits(_folder.Path));
    }

    [Fact]
    public void The_fingerprint_depends_on_the_bytes_and_not_on_the_place()
    {
        byte[] tar = Tars.Of(("a/1.png", Tars.Png(1, 0)), ("b/2.png", Tars.Png(2, 0)));
        string one = _folder.Write("one/x.tar", tar);
        string two = _folder.Write("two/x.tar", tar);
        byte[] other = Tars.Of(("a/1.png", Tars.Png(1, 0)), ("b/2.png", Tars.Png(3, 0)));
        string changed = _folder.Write("three/x.tar", other);
        Assert.Equal(WebDataset.Open(one).Fingerprint(), WebDataset.Open(two).Fingerprint());
        Assert.NotEqual(WebDataset.Open(one).Fingerprint(), WebDataset.Open(changed).Fingerprint());
    }
}
