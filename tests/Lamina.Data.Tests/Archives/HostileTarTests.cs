using System.Text;

namespace Lamina.Data.Tests.Archives;

/// <summary>Truncated, damaged and hostile archives end in what could be read, or in one clear error.</summary>
public sealed class HostileTarTests : IDisposable
{
    // More by hand: LAMINA_MUTANTS=100000.
    private static readonly int s_mutants = int.TryParse(
        Environment.GetEnvironmentVariable("LAMINA_MUTANTS"),
        System.Globalization.CultureInfo.InvariantCulture,
        out int mutants
    )
        ? mutants
        : 4000;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] Sample() =>
        Tars.Of(
            ("a/1.png", Tars.Png(1, 0)),
            ("b/" + new string('n', 150) + "/2.png", Tars.Png(2, 0)),
            ("d/4.npy", [.. NpyImage.HeaderOf(new Size2(3, 2), 3), .. new byte[18]]),
            ("inner.tar", Tars.Of(("c/3.png", Tars.Png(3, 0)), ("c/3.cls", Tars.Text("7"))))
        );

    [Fact]
    public void A_truncated_archive_says_so_and_gives_what_is_before()
    {
        byte[] whole = Tars.Of(("a/1.png", Tars.Png(1, 0)), ("b/2.png", Tars.Png(2, 0)));
        byte[] image = Tars.Png(2, 0);
        int start = whole.AsSpan().LastIndexOf(image);
        string path = _folder.Write("x.tar", whole[..(start + 20)]);
        LabeledImages images = WebDataset.Open(path);
        Assert.Equal(1, images.Count);
        SkippedImage skipped = Assert.Single(images.SkippedFolders);
        Assert.Equal(path, skipped.Name);
        Assert.Equal(
            $"is truncated: 'b/2.png' ends {image.Length - 20} bytes after the archive does. The 1 files before it are used.",
            skipped.Reason
        );
    }

    [Fact]
    public void Nothing_readable_is_an_error()
    {
        foreach (
            byte[] bytes in (byte[][])
                [
                    [],
                    new byte[10],
                    new byte[5000],
                    Tars.Text(new string('x', 3000)),
                ]
        )
        {
            string path = _folder.Write("x.tar", bytes);
            var error = Assert.Throws<DataException>(() => WebDataset.Open(path));
            Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Theory]
    [InlineData('x')]
    [InlineData('g')]
    [InlineData('L')]
    [InlineData('K')]
    public void A_header_that_declares_gigabytes_is_refused_before_memory_is_taken(char type)
    {
        byte[] tar =
        [
            .. Tars.Of(("a/1.png", Tars.Png(1, 0)))[..^1024],
            .. Header(type, "17777777777"),
            .. new byte[4096],
        ];
        string path = _folder.Write("x.tar", tar);
        long before = GC.GetAllocatedBytesForCurrentThread();
        LabeledImages images = WebDataset.Open(path);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 << 20);
        Assert.Equal(1, images.Count);
        Assert.Contains(
            "a name or extended header is larger than 1 MiB",
            Assert.Single(images.SkippedFolders).Reason,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("77777777777", "is truncated: 'huge.png'")]
    [InlineData("-1         ", "damaged")]
    public void An_absurd_size_of_a_file_is_reported(string size, string expected)
    {
        byte[] tar = [.. Tars.Of(("a/1.png", Tars.Png(1, 0)))[..^1024], .. Header('0', size), .. new byte[4096]];
        LabeledImages images = WebDataset.Open(_folder.Write("x.tar", tar));
        Assert.Equal(1, images.Count);
        Assert.Contains(expected, Assert.Single(images.SkippedFolders).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_in_archives_are_entered_to_a_limit()
    {
        byte[] tar = Tars.Of(("c/1.png", Tars.Png(1, 0)));
        for (int depth = 0; depth < 50; depth++)
        {
            tar = Tars.Of(("c/1.png", Tars.Png(1, 0)), ("t.tar", tar));
        }
        Assert.Equal(3, WebDataset.Open(_folder.Write("x.tar", tar)).Count);
    }

    [Fact]
    public void Thousands_of_mutants_end_in_images_or_in_one_line()
    {
        byte[] sample = Sample();
        var pixels = new PixelBuffer();
        int opened = 0;
        for (int m = 0; m < s_mutants; m++)
        {
            var random = new RandomStream(m, RandomPurpose.User);
            byte[] mutant = Mutate(sample, random);
            string path = _folder.Write("m.tar", mutant);
            try
            {
                LabeledImages images = WebDataset.Open(path);
                opened++;
                for (int i = 0; i < images.Count; i++)
                {
                    DecodeOrRefuse(images, i, pixels);
                }
            }
            catch (DataException e)
            {
                Assert.StartsWith(path, e.Path, StringComparison.Ordinal);
            }
        }
        Assert.InRange(opened, s_mutants / 4, s_mutants - 1);
        Assert.Equal(["m.tar"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    private static void DecodeOrRefuse(LabeledImages images, int i, PixelBuffer pixels)
    {
        try
        {
            images.Decode(i, pixels);
        }
        catch (DataException)
        {
            // Loaders skip the image and count it.
        }
    }

    /// <summary>Changes, removes or repeats bytes, often in headers, half of which get their checksum corrected.</summary>
    private static byte[] Mutate(byte[] sample, RandomStream random)
    {
        List<byte> bytes = [.. sample];
        int changes = 1 + random.NextInt32(4);
        for (int c = 0; c < changes; c++)
        {
            int at = random.NextInt32(bytes.Count);
            switch (random.NextInt32(5))
            {
                case 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    bytes.AddRange(new byte[1]);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(512, bytes.Count - at));
                    bytes.Add(0);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(512, bytes.Count - at)));
                    break;
                default:
                    int header = at / 512 * 512;
                    int field =
                        header + (random.NextInt32(2) == 0 ? random.NextInt32(512) : 100 + random.NextInt32(70));
                    if (field < bytes.Count)
                    {
                        bytes[field] = (byte)(
                            random.NextInt32(2) == 0 ? random.NextInt32(256) : "0123567xgLKS"[random.NextInt32(12)]
                        );
                        Correct(bytes, header);
                    }
                    break;
            }
        }
        return [.. bytes];
    }

    private static void Correct(List<byte> bytes, int header)
    {
        if (header + 512 > bytes.Count)
        {
            return;
        }
        int sum = 0;
        for (int i = 0; i < 512; i++)
        {
            sum += i is >= 148 and < 156 ? ' ' : bytes[header + i];
        }
        byte[] text = Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        for (int i = 0; i < text.Length; i++)
        {
            bytes[header + 148 + i] = text[i];
        }
    }

    private static byte[] Header(char type, string size)
    {
        List<byte> header = [.. new byte[512]];
        Put(0, "huge.png");
        Put(100, "0000644\0" + "0000000\0" + "0000000\0");
        Put(124, size + "\0");
        Put(136, "00000000000\0");
        Put(156, type.ToString());
        Put(257, "ustar\0" + "00");
        Correct(header, 0);
        return [.. header];

        void Put(int at, string text)
        {
            for (int i = 0; i < text.Length; i++)
            {
                header[at + i] = (byte)text[i];
            }
        }
    }
}
