using System.IO.Compression;
using System.Text;

namespace Lamina.Formats.Tests;

/// <summary>Files of people who mean harm, or of disks that fail: one line, little memory, soon, and no weight touched.</summary>
public class PyTorchHostileTests
{
    private const long Slack = 64 << 20;

    private static readonly Func<Pickle, Pickle> s_good = p => p.Tensor(0, [4], [1]);

    /// <summary>The file is refused by a model file error of one line; it took no more memory than the file and 64 MB.</summary>
    private static void Refused(string path, params string[] says)
    {
        foreach (Action read in (Action[])[() => PyTorchFile.Describe(path), () => PyTorchFile.Load(path)])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            LaminaException error = OneLine.Error(read, says);
            long taken = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsType<ModelFileException>(error);
            Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
            Assert.True(taken <= new FileInfo(path).Length + Slack, $"took {taken} bytes: {error.Message}");
        }
    }

    private static void RefusedPickle(byte[] pickle, params string[] says)
    {
        using var folder = new TempFolder();
        Refused(Pickle.Save(folder["p.pth"], pickle), says);
    }

    [Fact]
    public void The_hand_made_file_is_good()
    {
        using var folder = new TempFolder();
        Pickle.Save(folder["p.pth"], Pickle.OneTensor(s_good));
        Assert.Equal([1, 2, 3, 4], PyTorchFile.Load(folder["p.pth"])["w"].Values.ToArray());
    }

    [Theory]
    [InlineData("nested.pth")]
    [InlineData("strides.pth")]
    public void Every_flipped_byte_is_refused_or_changes_nothing(string name)
    {
        using var folder = new TempFolder();
        byte[] whole = File.ReadAllBytes(PyTorchGoldens.File(name));
        string expected = Text(PyTorchGoldens.File(name));
        (int refused, int same) = (0, 0);
        for (int i = 0; i < whole.Length; i++)
        {
            foreach (byte flip in (byte[])[0x01, 0xff])
            {
                byte[] damaged = [.. whole];
                damaged[i] ^= flip;
                File.WriteAllBytes(folder["d.pth"], damaged);
                try
                {
                    Assert.Equal(expected, Text(folder["d.pth"]));
                    same++;
                }
                catch (LaminaException e)
                {
                    OneLine.IsOneLine(e);
                    Assert.StartsWith($"{folder["d.pth"]}: ", e.Message, StringComparison.Ordinal);
                    refused++;
                }
            }
        }
        // Dates and padding may change; the pickle, the values and the directory may not.
        Assert.True(refused > whole.Length && same > 50, $"{refused} refused, {same} the same");
    }

    [Fact]
    public void Every_truncation_and_extension_is_refused()
    {
        using var folder = new TempFolder();
        byte[] whole = File.ReadAllBytes(PyTorchGoldens.File("model.pth"));
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(folder["t.pth"], whole[..length]);
            OneLine.Error(() => PyTorchFile.Load(folder["t.pth"]), $"{folder["t.pth"]}: ");
        }
        File.WriteAllBytes(folder["t.pth"], [.. whole, 0]);
        OneLine.Error(() => PyTorchFile.Load(folder["t.pth"]), "no zip directory");
    }

    [Fact]
    public void A_damaged_value_leaves_the_model_as_it_was()
    {
        using var folder = new TempFolder();
        Session.Clear();
        Symbol input = Layers.Input(Shape.Of(1000));
        Model model = Layers.Model(input, Layers.Dense(500)(Layers.Dense(300)(input)));
        PyTorchFile.SaveWeights(model, folder["m.pth"]);
        byte[] file = File.ReadAllBytes(folder["m.pth"]);
        // In the last kernel: the first has been read by then.
        file[^100_000] ^= 1;
        File.WriteAllBytes(folder["m.pth"], file);
        model.Weights[0].SetValues(new float[300_000]);
        float[][] before = [.. model.Weights.Select(w => w.GetValues())];
        OneLine.Error(() => PyTorchFile.LoadWeights(model, folder["m.pth"]), "is damaged", "CRC-32");
        Assert.Equal(before, model.Weights.Select(w => w.GetValues()));
    }

    [Fact]
    public void Compressed_entries_are_never_inflated()
    {
        using var folder = new TempFolder();
        byte[] bomb = new byte[100 << 20];
        Pickle.Save(folder["b.pth"], bomb, CompressionLevel.Fastest);
        Assert.True(new FileInfo(folder["b.pth"]).Length < 1 << 20);
        Refused(folder["b.pth"], "'archive/data.pkl' is compressed");
        Pickle.Save(folder["c.pth"], Pickle.OneTensor(s_good), CompressionLevel.Fastest);
        Refused(folder["c.pth"], "compressed", "torch.save");
    }

    [Theory]
    [InlineData("../archive/data.pkl")]
    [InlineData("archive/../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("archive\\data.pkl")]
    [InlineData("archive/./data/1")]
    [InlineData("archive/new\nline")]
    public void Names_that_lead_out_of_the_archive_are_refused(string name)
    {
        using var folder = new TempFolder();
        Pickle.Save(folder["n.pth"], Pickle.OneTensor(s_good));
        using (ZipArchive zip = ZipFile.Open(folder["n.pth"], ZipArchiveMode.Update))
        {
            Pickle.Add(zip, name, [1]);
        }
        Refused(folder["n.pth"], "is not a valid name for a file inside an archive");
    }

    [Theory]
    [InlineData("archive/data/0", "twice")]
    [InlineData("archive/data.pkl", "twice")]
    [InlineData("other/data.pkl", "more than one data.pkl")]
    [InlineData("archive/constants.pkl", "TorchScript")]
    public void Ambiguous_archives_are_refused(string name, string says)
    {
        using var folder = new TempFolder();
        using (FileStream file = File.Create(folder["a.pth"]))
        {
            var zip = new StoredZipWriter(file);
            zip.Add("archive/data.pkl", Pickle.OneTensor(s_good));
            zip.Add("archive/data/0", new byte[16]);
            zip.Add(name, [1]);
            zip.Finish();
        }
        Refused(folder["a.pth"], says);
    }

    [Fact]
    public void Entries_that_share_bytes_are_refused()
    {
        using var folder = new TempFolder();
        Pickle.Save(folder["o.pth"], Pickle.OneTensor(s_good));
        byte[] file = File.ReadAllBytes(folder["o.pth"]);
        // The second entry's header is said to lie inside the first's content, where a copy of it is.
        int local = Find(file, "PK\x03\x04", 1);
        byte[] header = file[local..(local + 30 + "archive/data/0".Length)];
        Pickle.Save(folder["o.pth"], [.. Pickle.OneTensor(s_good), .. header, .. new byte[100]]);
        file = File.ReadAllBytes(folder["o.pth"]);
        int central = Find(file, "PK\x01\x02", 1);
        BitConverter.TryWriteBytes(file.AsSpan(central + 42), Find(file, "PK\x03\x04", 1));
        File.WriteAllBytes(folder["o.pth"], file);
        Refused(folder["o.pth"], "overlap");
    }

    private static int Find(byte[] file, string what, int which)
    {
        int at = -1;
        for (int i = 0; i <= which; i++)
        {
            at += 1 + file.AsSpan(at + 1).IndexOf(Encoding.Latin1.GetBytes(what));
        }
        return at;
    }

    [Fact]
    public void Directories_of_absurd_sizes_are_refused()
    {
        using var folder = new TempFolder();
        using (FileStream file = File.Create(folder["e.pth"]))
        {
            var zip = new StoredZipWriter(file);
            for (int i = 0; i <= 100_000; i++)
            {
                zip.Add($"a/{i}", []);
            }
            zip.Finish();
        }
        Refused(folder["e.pth"], "100001 entries");

        byte[] small = File.ReadAllBytes(PyTorchGoldens.File("model.pth"));
        int central = Find(small, "PK\x01\x02", 0);
        foreach (uint size in (uint[])[0x7fffffff, 0xfffffffe, 0xffffffff])
        {
            byte[] absurd = [.. small];
            BitConverter.TryWriteBytes(absurd.AsSpan(central + 20), size);
            BitConverter.TryWriteBytes(absurd.AsSpan(central + 24), size);
            File.WriteAllBytes(folder["s.pth"], absurd);
            Refused(folder["s.pth"]);
        }
    }

    public static TheoryData<string, string> Tensors =>
        new()
        {
            { "5 / 1", "reaches element 4 of a storage of 4" },
            { "2 / 4", "reaches element 4" },
            { "4 / 1 @1", "reaches element 4" },
            { "2,2 / 2,1 @1", "reaches element 4" },
            { "-1 / 1", "below 0" },
            { "4 / -1", "below 0" },
            { "4 / 1 @-1", "do not match" },
            { "4 / 1,1", "do not match" },
            { "4611686018427387904 / 0", "larger than any file" },
            { "4294967296,4294967296,4294967296 / 0,0,0", "larger than any file" },
            { "2,9223372036854775807 / 1,9223372036854775807", "larger than any file" },
            { "0,9223372036854775807,9223372036854775807 / 1,1,1", "larger than any file" },
            { "2305843009213693951 / 0", "" },
            { "1099511627776 / 0", "more memory than the file" },
            { "65536,65536 / 0,1", "reaches element" },
            { "100000000 / 0", "more memory than the file" },
            { "0,7 / 7,1", "(0, 7)" },
        };

    [Theory]
    [MemberData(nameof(Tensors))]
    public void Tensors_outside_their_storages_or_larger_than_the_file_are_refused(string tensor, string says)
    {
        string[] parts = tensor.Split(" / ");
        string[] end = parts[1].Split(" @");
        long[] sizes = [.. parts[0].Split(',').Select(long.Parse)];
        long[] strides = [.. end[0].Split(',').Select(long.Parse)];
        using var folder = new TempFolder();
        byte[] pickle = Pickle.OneTensor(p => p.Tensor(end.Length > 1 ? long.Parse(end[1]) : 0, sizes, strides));
        string path = Pickle.Save(folder["t.pth"], pickle);
        long before = GC.GetAllocatedBytesForCurrentThread();
        OneLine.Error(() => PyTorchFile.Load(path), path, says);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < Slack);
    }

    [Fact]
    public void An_expanded_tensor_costs_a_model_no_more_than_its_weights()
    {
        using var folder = new TempFolder();
        byte[] pickle = Pickle.OneTensor(p =>
            p.Tensor(2, [1000, 2000], [0, 0]).Op("s").Text("b").Tensor(0, [1000], [0])
        );
        string path = Pickle.Save(folder["e.pth"], pickle);
        Session.Clear();
        Symbol input = Layers.Input(Shape.Of(2000));
        Model model = Layers.Model(input, Layers.Dense(1000, name: "d")(input));
        OneLine.Error(() => PyTorchFile.LoadWeights(model, path), "'weight' (1000, 2000)", "d (Dense)");
        pickle = Pickle
            .New.Op("}")
            .Text("d.weight")
            .Tensor(2, [1000, 2000], [0, 0])
            .Op("s")
            .Text("d.bias")
            .Tensor(0, [1000], [0])
            .Op("s.")
            .Bytes;
        Pickle.Save(path, pickle);
        PyTorchFile.LoadWeights(model, path);
        Assert.All(model.Weights[0].GetValues(), v => Assert.Equal(3, v));
        Assert.All(model.Weights[1].GetValues(), v => Assert.Equal(1, v));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("1")]
    [InlineData("")]
    public void Storages_that_are_not_there_are_refused(string key) =>
        RefusedPickle(Pickle.OneTensor(p => p.Tensor(0, [4], [1], key: key)), "does not contain 'archive/data/");

    [Fact]
    public void Storages_that_are_too_short_or_of_no_known_class_are_refused()
    {
        RefusedPickle(Pickle.OneTensor(p => p.Tensor(0, [4], [1], count: 5)), "16 bytes", "5 elements");
        RefusedPickle(Pickle.OneTensor(p => p.Tensor(0, [4], [1], count: long.MaxValue)), "16 bytes");
        RefusedPickle(Pickle.OneTensor(p => p.Tensor(0, [4], [1], count: -1)), "not a storage");
        RefusedPickle(
            Pickle.OneTensor(p => p.Tensor(0, [4], [1], storage: "torch.DoubleStorage")),
            "4 elements of float64"
        );
        RefusedPickle(Pickle.OneTensor(p => p.Tensor(0, [4], [1], storage: "torch.Size")), "not a storage");
    }

    [Theory]
    [InlineData("os.system")]
    [InlineData("builtins.eval")]
    [InlineData("builtins.getattr")]
    [InlineData("torch.load")]
    [InlineData("torch._utils._rebuild_qtensor")]
    [InlineData("torch.nn.modules.conv.Conv2d")]
    [InlineData("numpy.core.multiarray._reconstruct")]
    [InlineData("collections.OrderedDict.__init__")]
    [InlineData("torch.storage._load_from_bytes")]
    public void Names_that_are_not_listed_are_refused_in_both_ways_of_naming(string name)
    {
        int dot = name.LastIndexOf('.');
        RefusedPickle(Pickle.New.Global(name).Op(".").Bytes, $"'{name}'", "executes nothing", "torch.save");
        byte[] onStack = Pickle.New.Op("}").Text(name[..dot]).Text(name[(dot + 1)..]).Op(0x93).Op(".").Bytes;
        RefusedPickle(onStack, $"'{name}'", "executes nothing", "torch.save");
    }

    public static TheoryData<byte[], string> Pickles =>
        new()
        {
            { [], "protocol" },
            { [0x80, 1, (byte)'.'], "protocol" },
            { [0x80, 6, (byte)'.'], "protocol" },
            { Pickle.New.Op("N").Bytes, "ends too early" },
            { Pickle.New.Op(".").Bytes, "takes more" },
            { Pickle.New.Op("NN.").Bytes, "before all of it" },
            { Pickle.New.Op("(N.").Bytes, "before all of it" },
            { Pickle.New.Op("N.N").Bytes, "before all of it" },
            { Pickle.New.Op("t.").Bytes, "takes more" },
            { Pickle.New.Op("0.").Bytes, "takes more" },
            { Pickle.New.Op("N(0.").Bytes, "takes more" },
            { Pickle.New.Op("NN(").Op(0x87).Op(".").Bytes, "takes more" },
            { Pickle.New.Op("Na.").Bytes, "not a list" },
            { Pickle.New.Op("a.").Bytes, "not a list" },
            { Pickle.New.Op("NNs.").Bytes, "not a dict" },
            { Pickle.New.Op("}(Nu.").Bytes, "without a value" },
            { Pickle.New.Op("h\x05.").Bytes, "recalls" },
            { Pickle.New.Op("q\0.").Bytes, "takes more" },
            { Pickle.New.Op("NQ.").Bytes, "not a storage" },
            { Pickle.New.Op(")Q.").Bytes, "not a storage" },
            { Pickle.New.Op("N)R.").Bytes, "not a function" },
            { Pickle.New.Global("torch.Size").Op("NR.").Bytes, "not a function" },
            { Pickle.New.Global("torch.FloatStorage").Op(")R.").Bytes, "torch.FloatStorage" },
            { Pickle.New.Global("torch._utils._rebuild_tensor_v2").Op(")R.").Bytes, "_rebuild_tensor_v2" },
            { Pickle.New.Op("NNb.").Bytes, "not a dict" },
            { Pickle.New.Op("i").Op("os\nsystem\n.").Bytes, "opcode 0x69" },
            { Pickle.New.Op("X").Op(0xff, 0xff, 0xff, 0xff).Op(".").Bytes, "longer than the pickle" },
            { Pickle.New.Op(0x8d).Op(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f).Bytes, "longer than the pickle" },
            { Pickle.New.Op(0x8e).Op(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).Bytes, "longer than the pickle" },
            { Pickle.New.Op(0x8b).Op(0xff, 0xff, 0xff, 0x7f).Bytes, "longer than the pickle" },
            { Pickle.New.Op("X").Op(2, 0, 0, 0, 0xff, 0xfe).Op(".").Bytes, "not UTF-8" },
            { Pickle.New.Op("ctorch").Bytes, "ends too early" },
            { Pickle.New.Op("}.").Bytes, "no tensors" },
        };

    [Theory]
    [MemberData(nameof(Pickles))]
    public void Malformed_pickles_are_refused(byte[] pickle, string says) => RefusedPickle(pickle, says);

    [Theory]
    [InlineData("]")] // lists
    [InlineData("}")] // dicts
    [InlineData("(")] // marks
    [InlineData("N")] // a stack
    [InlineData("NK\x01")]
    [InlineData("G\x01\x01\x01\x01\x01\x01\x01\x01")]
    [InlineData("N\x94")] // the memo
    [InlineData("]a")]
    [InlineData("\x85")] // a tuple in a tuple in a tuple…
    [InlineData("X\x01\0\0\0a")]
    public void Short_opcodes_do_not_become_a_large_heap(string repeated) =>
        RefusedPickle(Pickle.New.Op("]").Repeat(4_000_000 / repeated.Length, Encoding.Latin1.GetBytes(repeated)).Bytes);

    [Fact]
    public void Doubling_by_the_memo_does_not_become_a_large_heap_or_a_long_wait()
    {
        // a = (a, a), forty times: 2^40 leaves.
        var tuples = Pickle.New.Op("}q\0").Text("w").Tensor(0, [4], [1]).Op("s").Text("x").Op("h\0");
        var dicts = Pickle.New.Tensor(0, [4], [1]);
        for (int i = 0; i < 40; i++)
        {
            tuples.Op("q\x01h\x01").Op(0x86);
            dicts.Op("q\x01}(").Text("a").Op("h\x01").Text("b").Op("h\x01").Op("u");
        }
        RefusedPickle(tuples.Op("s.").Bytes, "levels deep");
        RefusedPickle(dicts.Op(".").Bytes);

        // Twelve levels, each of ten times the one before, each leaf a tensor.
        var wide = Pickle.New.Tensor(0, [4], [1]);
        for (int i = 0; i < 12; i++)
        {
            wide.Op("q\x01(").Repeat(10, (byte)'h', 1).Op("t");
        }
        RefusedPickle(wide.Op(".").Bytes);

        // Nothing but empty branches.
        var empty = Pickle.New.Op("]");
        for (int i = 0; i < 12; i++)
        {
            empty.Op("q\x01(").Repeat(100, (byte)'h', 1).Op("t");
        }
        RefusedPickle(empty.Op(".").Bytes);
    }

    [Fact]
    public void Long_names_are_not_copied_without_end()
    {
        var pickle = Pickle.New.Op("}").Text(string.Concat(Enumerable.Repeat("module.", 500_000))).Op("q\x07");
        pickle.Tensor(0, [4], [1]).Op("s");
        for (int i = 0; i < 12; i++)
        {
            pickle.Op("q\x01").Op("0}h\x07h\x01s");
        }
        RefusedPickle(pickle.Op(".").Bytes, "MB of objects");
    }

    [Fact]
    public void Cycles_end()
    {
        RefusedPickle(Pickle.New.Op("]q\0h\0a.").Bytes, "levels deep");
        RefusedPickle(Pickle.New.Op("}q\0").Text("a").Op("h\0s.").Bytes, "levels deep");
    }

    [Fact]
    public void Names_that_come_twice_are_refused()
    {
        byte[] pickle = Pickle.OneTensor(p => p.Tensor(0, [4], [1]).Op("s").Text("w").Tensor(0, [1], [1]));
        RefusedPickle(pickle, "'w' twice");
        pickle = Pickle.OneTensor(p =>
            p.Op("}").Text("x").Tensor(0, [4], [1]).Op("ss").Text("w.x").Tensor(0, [1], [1])
        );
        RefusedPickle(pickle, "'w.x' twice");
    }

    [Fact]
    public void Byte_orders_are_read()
    {
        using var folder = new TempFolder();
        foreach ((string order, float expected) in ((string, float)[])[("little", 1), ("big", 4.6006e-41f)])
        {
            Pickle.Save(folder["b.pth"], Pickle.OneTensor(s_good));
            using (ZipArchive zip = ZipFile.Open(folder["b.pth"], ZipArchiveMode.Update))
            {
                Pickle.Add(zip, "archive/byteorder", Encoding.ASCII.GetBytes(order));
            }
            Assert.Equal(expected, PyTorchFile.Load(folder["b.pth"])["w"].Values[0], expected * 1e-4);
        }
        Pickle.Save(folder["b.pth"], Pickle.OneTensor(s_good));
        using (ZipArchive zip = ZipFile.Open(folder["b.pth"], ZipArchiveMode.Update))
        {
            Pickle.Add(zip, "archive/byteorder", "middle"u8.ToArray());
        }
        Refused(folder["b.pth"], "'middle'");
    }

    private static string Text(string path)
    {
        var text = new StringBuilder();
        foreach ((string name, NDArray tensor) in PyTorchFile.Load(path))
        {
            text.Append(name).Append(tensor.Shape).AppendJoin(',', tensor.Values.ToArray());
        }
        return text.ToString();
    }
}
