namespace Lamina.Data.Tests.Loading;

public sealed class DataLoaderFaultTests
{
    private static readonly int[] Labels = [.. Enumerable.Range(0, 100).Select(i => i % 6)];

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_bad_image_is_reported_once_and_left_out(int workers)
    {
        var reported = new List<string>();
        DataLoader loader = Loader(
            i => i is 13 or 14 or 57,
            new DataLoaderOptions
            {
                BatchSize = 10,
                Workers = workers,
                OnSkipped = s => reported.Add(s.Name),
            }
        );
        for (int epoch = 0; epoch < 2; epoch++)
        {
            List<Batch> batches = [.. loader.Batches(epoch)];
            Assert.Equal([10, 8, 10, 10, 10, 9, 10, 10, 10, 10], batches.Select(b => b.Count));
            Assert.Equal(Enumerable.Range(0, 100).Except([13, 14, 57]), batches.SelectMany(Numbers.In));
            Assert.All(
                batches,
                b => Assert.Equal(Numbers.In(b).Select(i => (float)(i % 6)), b.Targets[0].Values.ToArray())
            );
        }
        Assert.Equal(["13", "14", "57"], reported);
        Assert.Equal(reported, loader.Skipped.Select(s => s.Name));
        Assert.All(loader.Skipped, s => Assert.Equal("is bad.", s.Reason));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Strict_fails_at_the_first_bad_image(int workers)
    {
        DataLoader loader = Loader(
            i => i is 57 or 34 or 36,
            new DataLoaderOptions
            {
                BatchSize = 10,
                Workers = workers,
                Strict = true,
            }
        );
        int seen = 0;
        DataException error = Assert.Throws<DataException>(() => loader.Batches(0).Select(Seen).Count());
        Assert.Equal("34: is bad.", error.Message);
        Assert.Equal(3, seen);

        Batch Seen(Batch batch)
        {
            seen++;
            return batch;
        }
    }

    [Fact]
    public void A_batch_of_bad_images_is_left_out_and_an_epoch_of_them_is_an_error()
    {
        var options = new DataLoaderOptions { BatchSize = 10 };
        Assert.Equal(9, Loader(i => i / 10 == 4, options).Batches(0).Count());
        string message = Assert.Throws<DataException>(() => Loader(_ => true, options).Batches(0).Count()).Message;
        Assert.Equal("0: is bad. None of the 100 images can be read.", message);
    }

    [Fact]
    public void A_batchs_position_counts_those_that_are_left_out_and_is_what_skip_counts_in()
    {
        DataLoader loader = Loader(i => i / 10 is 0 or 4 or 9, new DataLoaderOptions { BatchSize = 10 });
        List<Batch> all = [.. loader.Batches(1)];
        Assert.Equal([1, 2, 3, 5, 6, 7, 8], all.Select(b => b.Position));
        foreach (Batch batch in all)
        {
            int skip = batch.Position!.Value + 1;
            Assert.Equal(
                all.Where(b => b.Position >= skip).SelectMany(Numbers.In),
                loader.Batches(1, skip).SelectMany(Numbers.In)
            );
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Another_error_surfaces_where_batches_are_read(int workers)
    {
        var source = new Numbers(Labels, i => i == 42 ? new InvalidOperationException("a bug") : null);
        var loader = new DataLoader(source, Numbers.Pixel, new DataLoaderOptions { BatchSize = 5, Workers = workers });
        Assert.Equal("a bug", Assert.Throws<InvalidOperationException>(() => loader.Batches(0).Count()).Message);
    }

    [Fact]
    public void Workers_stay_within_the_batches_allowed_ahead()
    {
        var source = new Numbers(Labels);
        var options = new DataLoaderOptions
        {
            BatchSize = 10,
            Workers = 4,
            Prefetch = 2,
        };
        using IEnumerator<Batch> batches = new DataLoader(source, Numbers.Pixel, options).Batches(0).GetEnumerator();
        Assert.Equal(0, source.Decoded);
        for (int taken = 1; taken <= 5; taken++)
        {
            Assert.True(batches.MoveNext());
            Assert.InRange(source.Decoded, taken * 10, (taken + 2) * 10);
        }
    }

    [Fact]
    public async Task Leaving_early_waits_for_the_workers_to_end()
    {
        var threads = new System.Collections.Concurrent.ConcurrentDictionary<Thread, bool>();
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        // The first batch comes at once; whoever works on the second is held.
        Exception? Hold(int image)
        {
            threads[Thread.CurrentThread] = true;
            if (image >= 5)
            {
                entered.Set();
                release.Wait();
            }
            return null;
        }
        var source = new Numbers(Labels, Hold);
        var loader = new DataLoader(source, Numbers.Pixel, new DataLoaderOptions { BatchSize = 5, Workers = 3 });
        IEnumerator<Batch> batches = loader.Batches(0).GetEnumerator();
        Assert.True(batches.MoveNext());
        entered.Wait(TestContext.Current.CancellationToken);

        Task leaving = Task.Run(batches.Dispose, TestContext.Current.CancellationToken);
        Task first = await Task.WhenAny(leaving, Task.Delay(100, TestContext.Current.CancellationToken));
        Assert.NotSame(leaving, first);
        release.Set();
        await leaving;

        // Nothing beyond the two batches ahead was begun, and nobody is left to go on.
        Assert.InRange(source.Decoded, 6, 5 + 10);
        Assert.All(threads.Keys, t => Assert.False(t.IsAlive));
    }

    [Fact]
    public void A_folder_with_a_bad_file_trains_without_it()
    {
        using var folder = new TempFolder();
        folder.WriteClasses(classes: 3, perClass: 5);
        string bad = folder.Write("class1/zzz.jpg", "not an image"u8.ToArray());
        var options = new DataLoaderOptions { BatchSize = 4 };
        var size = new Preprocessing
        {
            Height = 7,
            Width = 9,
            Scale = 1,
        };
        var loader = new DataLoader(ImageFolder.Open(folder.Path), size, options);
        List<Batch> batches = [.. loader.Batches(0)];
        Assert.Equal(15, batches.Sum(b => b.Count));
        Assert.Equal(bad, Assert.Single(loader.Skipped).Name);
        foreach (Batch batch in batches)
        {
            for (int i = 0; i < batch.Count; i++)
            {
                Assert.Equal(20 + (60 * batch.Targets[0][i, 0]), batch.Inputs[0][i, 3, 4, 0], 1e-3f);
                Assert.Equal(99, batch.Inputs[0][i, 6, 8, 2], 1e-3f);
            }
        }
    }

    private static DataLoader Loader(Func<int, bool> bad, DataLoaderOptions options) =>
        new(new Numbers(Labels, i => bad(i) ? new DataException($"{i}", "is bad.") : null), Numbers.Pixel, options);
}
