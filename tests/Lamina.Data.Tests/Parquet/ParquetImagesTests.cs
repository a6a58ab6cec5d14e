using Lamina.Data.Tests.Archives;

namespace Lamina.Data.Tests.Parquet;

/// <summary>Parquet files with images as Hugging Face writes them, whole, damaged and hostile.</summary>
public sealed class ParquetImagesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_are_images_with_the_names_of_the_metadata()
    {
        Write("data/train-00000-of-00002.parquet", 0, 7, groupRows: 3, names: ["cat", "dog", "owl"]);
        Write("data/train-00001-of-00002.parquet", 7, 2, groupRows: 3, names: ["cat", "dog", "owl"]);
        Write("data/validation-00000-of-00001.parquet", 20, 4, groupRows: 3, names: ["cat", "dog", "owl"]);
        Assert.True(ParquetImages.Fits(_folder.Path));
        Assert.Equal(["train", "validation"], ParquetImages.PartsOf(_folder.Path).Order(StringComparer.Ordinal));
        LabeledImages images = ParquetImages.Open(_folder.Path, part: "train");
        Assert.Equal(["cat", "dog", "owl"], images.ClassNames);
        Assert.Equal([0, 1, 2, 0, 1, 2, 0, 1, 2], images.Labels);
        var pixels = new PixelBuffer();
        for (int i = images.Count - 1; i >= 0; i--)
        {
            images.Decode(i, pixels);
            Assert.Equal(ColorOf(i), pixels.Pixels[0]);
        }
        string second = Path.Combine(_folder.Path, "data", "train-00001-of-00002.parquet");
        Assert.Equal($"{second}:1", images.NameOf(8));
        Assert.Equal(64, images.Fingerprint().Length);
        // A model's own order of classes.
        LabeledImages other = ParquetImages.Open(_folder.Path, ["owl", "cat", "dog"], "validation");
        Assert.Equal([0, 1, 2, 0], other.Labels);
    }

    [Fact]
    public void An_epoch_mixes_row_groups_and_reads_each_once()
    {
        Write("x.parquet", 0, 60, groupRows: 5, names: null);
        LabeledImages images = ParquetImages.Open(Path.Combine(_folder.Path, "x.parquet"));
        Assert.Equal(["0", "1", "2"], images.ClassNames);
        int[] order = EpochOrder.Of(images, seed: 3, epoch: 0);
        Assert.Equal(Enumerable.Range(0, 60), order.Order());
        Assert.NotEqual(order, EpochOrder.Of(images, seed: 3, epoch: 1));
        Assert.Equal(order, EpochOrder.Of(images, seed: 3, epoch: 0));
    }

    [Fact]
    public void Row_groups_in_memory_stay_within_the_budget()
    {
        int reads = 0;
        var groups = new RowGroups(
            10,
            g =>
            {
                Interlocked.Increment(ref reads);
                return [new byte[100], null, new byte[50 + g]];
            },
            budget: 500
        );
        Parallel.For(
            0,
            2000,
            i =>
            {
                Assert.Equal(50 + (i % 10), groups.Get(i % 10)[2]!.Length);
                Assert.InRange(groups.Bytes, 0, 700);
            }
        );
        int before = reads;
        _ = groups.Get(9);
        _ = groups.Get(9);
        Assert.InRange(reads - before, 0, 1);
    }

    [Fact]
    public void Names_come_from_the_README_and_numbers_serve_without_it()
    {
        Write("data/train-0.parquet", 0, 3, groupRows: 3, names: null);
        Assert.Equal(["0", "1", "2"], ParquetImages.Open(_folder.Path).ClassNames);
        _folder.Write(
            "README.md",
            Tars.Text(
                "---\ndataset_info:\n  features:\n  - name: image\n    dtype: image\n  - name: label\n    dtype:\n      class_label:\n        names:\n          '0': cat\n          '1': 'no: dog'\n          '2': owl\n---\n"
            )
        );
        Assert.Equal(["cat", "no: dog", "owl"], ParquetImages.Open(_folder.Path).ClassNames);
    }

    [Fact]
    public void Rows_without_bytes_and_files_without_columns_say_so()
    {
        Write("x.parquet", 0, 3, groupRows: 3, names: null, missing: 1);
        string path = Path.Combine(_folder.Path, "x.parquet");
        LabeledImages images = ParquetImages.Open(path);
        images.Decode(2, new PixelBuffer());
        var error = Assert.Throws<DataException>(() => images.Decode(1, new PixelBuffer()));
        Assert.Equal($"{path}:1: has no image bytes, only a path. Store the bytes in the file.", error.Message);

        string plain = Path.Combine(_folder.Path, "plain.parquet");
        ParquetFiles.WriteLabels(plain, [1, 2]);
        error = Assert.Throws<DataException>(() => ParquetImages.Open(plain));
        Assert.StartsWith($"{plain}: has no column of images (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("its columns: label.", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<DataException>(() => ParquetImages.Open(Path.Combine(_folder.Path, "no.parquet")));
        Assert.Contains("no such file", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Files of another implementation (Goldens/parquet/make_parquet.cs).</summary>
    [Fact]
    public void Files_of_another_writer_are_read()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Goldens", "parquet");
        Assert.Equal(["test", "train"], ParquetImages.PartsOf(folder).Order(StringComparer.Ordinal));
        var pixels = new PixelBuffer();
        foreach ((string part, int first, int count) in ((string, int, int)[])[("train", 0, 5), ("test", 5, 2)])
        {
            LabeledImages images = ParquetImages.Open(folder, part: part);
            Assert.Equal(["cat", "dog"], images.ClassNames);
            Assert.Equal(Enumerable.Range(first, count).Select(i => i % 2), images.Labels);
            for (int i = 0; i < count; i++)
            {
                images.Decode(i, pixels);
                Assert.Equal((2, 2), (pixels.Height, pixels.Width));
                Assert.All(pixels.Pixels.ToArray(), p => Assert.Equal((first + i) * 10, p));
            }
        }
    }

    [Fact]
    public void An_epoch_resumes_at_any_batch()
    {
        Write("x.parquet", 0, 40, groupRows: 7, names: null);
        LabeledImages images = ParquetImages.Open(Path.Combine(_folder.Path, "x.parquet"));
        var preprocessing = new Preprocessing { Height = 2, Width = 2 };
        DataLoader Loader(int workers) =>
            new(
                images,
                preprocessing,
                new DataLoaderOptions
                {
                    BatchSize = 6,
                    Shuffle = true,
                    Seed = 5,
                    Workers = workers,
                }
            );
        Batch[] whole = [.. Loader(0).Batches(3)];
        Batch[] rest = [.. Loader(2).Batches(3, skip: 4)];
        Assert.Equal(whole.Length - 4, rest.Length);
        for (int i = 0; i < rest.Length; i++)
        {
            Assert.Equal(whole[i + 4].Targets[0].Values.ToArray(), rest[i].Targets[0].Values.ToArray());
            Assert.Equal(whole[i + 4].Inputs[0].Values.ToArray(), rest[i].Inputs[0].Values.ToArray());
        }
    }

    [Fact]
    public void Addresses_are_refused_in_one_line()
    {
        Assert.True(ParquetImages.Fits("https://host/train.parquet"));
        var error = Assert.Throws<DataException>(() => ParquetImages.Open("https://host/train.parquet"));
        Assert.Equal(
            "https://host/train.parquet: is an address; Parquet files are read from a disk. Download them first.",
            error.Message
        );
    }

    private void Write(string name, int first, int count, int groupRows, string[]? names, int missing = -1) =>
        ParquetFiles.Write(
            Path.Combine(_folder.Path, name),
            [
                .. Enumerable
                    .Range(first, count)
                    .Select(i => (i == missing ? null : Tars.Png(ColorOf(i), 0), (long)(i % 3))),
            ],
            groupRows,
            names
        );

    private static byte ColorOf(int index) => (byte)((index * 7) + 3);
}
