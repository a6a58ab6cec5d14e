namespace Lamina.Data.Tests.Archives;

/// <summary>The archives of ILSVRC-2012 in their true layout, with few images.</summary>
public sealed class ImageNetArchivesTests : IDisposable
{
    private static readonly string s_goldens = Path.Combine(AppContext.BaseDirectory, "Goldens", "imagenet");
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // In the kit, IDs are in another order than synsets: 1 is n03, 2 is n01, 3 is n02.
    private void WriteAll(bool kit = true)
    {
        _folder.Write(
            "ILSVRC2012_img_train.tar",
            Tars.Of(
                ((string, int)[])[("n02000001", 20), ("n01000001", 10), ("n03000001", 30)] is var classes
                    ? classes.Select(c =>
                        (
                            $"{c.Item1}.tar",
                            Tars.Of(Enumerable.Range(1, 3).Select(i => ($"{c.Item1}_{i}.JPEG", Tars.Png(c.Item2, i))))
                        )
                    )
                    : []
            )
        );
        _folder.Write(
            "ILSVRC2012_img_val.tar",
            Tars.Of(Enumerable.Range(1, 4).Select(i => ($"ILSVRC2012_val_{i:D8}.JPEG", Tars.Png(100, i))))
        );
        if (kit)
        {
            _folder.Write("ILSVRC2012_devkit_t12.tar.gz", Kit(File.ReadAllBytes(Path.Combine(s_goldens, "meta.mat"))));
        }
    }

    private static byte[] Kit(byte[] meta) =>
        TempFolder.Gzip(
            Tars.Of(
                ("ILSVRC2012_devkit_t12/readme.txt", Tars.Text("x")),
                ("ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", Tars.Text("2\n3\n1\n2\n")),
                ("ILSVRC2012_devkit_t12/data/meta.mat", meta)
            )
        );

    [Fact]
    public void Classes_are_in_the_order_of_their_ids_and_have_names()
    {
        WriteAll();
        LabeledImages train = ImageNetArchives.OpenTrain(_folder.Path);
        Assert.Equal(["n01000001 tench, Tinca tinca", "n02000001 crane", "n03000001 Höhle"], train.ClassNames);
        Assert.Equal([1, 1, 1, 0, 0, 0, 2, 2, 2], train.Labels);
        Assert.Equal((10, 2), Tars.ColorOf(train, 4));
        Assert.EndsWith(
            "ILSVRC2012_img_train.tar/n01000001.tar/n01000001_2.JPEG",
            train.NameOf(4),
            StringComparison.Ordinal
        );
        LabeledImages validation = ImageNetArchives.OpenValidation(_folder.Path, train.ClassNames);
        Assert.Equal([0, 1, 2, 0], validation.Labels);
        Assert.Equal((100, 3), Tars.ColorOf(validation, 2));
        Assert.Equal(["train", "validation"], ImageNetArchives.PartsOf(_folder.Path));
    }

    [Fact]
    public void A_model_of_folders_named_by_id_is_evaluated_too()
    {
        WriteAll();
        string[] ids = ["n03000001", "n01000001", "n02000001"];
        LabeledImages validation = ImageNetArchives.OpenValidation(_folder.Path, ids);
        Assert.Equal(ids, validation.ClassNames);
        Assert.Equal([1, 2, 0, 1], validation.Labels);
        var error = Assert.Throws<DataException>(() => ImageNetArchives.OpenTrain(_folder.Path, ids[..2]));
        Assert.Contains("'n02000001', which is not one of the 2 classes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_kit_training_works_and_validation_says_what_is_missing()
    {
        WriteAll(kit: false);
        Assert.Equal(["n01000001", "n02000001", "n03000001"], ImageNetArchives.OpenTrain(_folder.Path).ClassNames);
        Assert.Equal(["train"], ImageNetArchives.PartsOf(_folder.Path));
        var error = Assert.Throws<DataException>(() => ImageNetArchives.OpenValidation(_folder.Path));
        Assert.Contains("ILSVRC2012_devkit_t12.tar.gz", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_kit_is_one_clear_error()
    {
        WriteAll(kit: false);
        byte[] meta = File.ReadAllBytes(Path.Combine(s_goldens, "meta.mat"));
        for (int m = 0; m < 300; m++)
        {
            var random = new RandomStream(m, RandomPurpose.User);
            byte[] mutant = [.. meta];
            for (int c = 0; c < 3; c++)
            {
                mutant[random.NextInt32(mutant.Length)] = (byte)random.NextInt32(256);
            }
            _folder.Write(
                "ILSVRC2012_devkit_t12.tar.gz",
                Kit(random.NextInt32(2) == 0 ? mutant : mutant[..random.NextInt32(meta.Length)])
            );
            try
            {
                _ = ImageNetArchives.OpenValidation(_folder.Path);
            }
            catch (DataException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }
    }

    [Fact]
    public void Uncompressed_structures_are_read_like_compressed_ones()
    {
        string[] files = ["meta.mat", "meta-plain.mat"];
        List<Dictionary<string, string>>[] read =
        [
            .. files.Select(f => MatFile.Structures(File.ReadAllBytes(Path.Combine(s_goldens, f)), "synsets")),
        ];
        Assert.Equal(4, read[0].Count);
        Assert.Equal("300.5", read[0][1]["num_train_images"]);
        Assert.Equal(read[0].SelectMany(r => r), read[1].SelectMany(r => r));
    }
}
