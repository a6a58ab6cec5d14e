using CsCheck;

namespace Lamina.Data.Tests.Loading;

public sealed class DataLoaderTests
{
    private static readonly int[] Labels = [.. Enumerable.Range(0, 103).Select(i => i % 6)];

    [Fact]
    public void An_epoch_has_every_image_once_with_its_label()
    {
        DataLoader loader = Loader(new DataLoaderOptions { BatchSize = 10, Shuffle = true });
        List<Batch> batches = [.. loader.Batches(0)];
        Assert.Equal([10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 3], batches.Select(b => b.Count));
        Assert.Equal(Enumerable.Range(0, 103), batches.SelectMany(Numbers.In).Order());
        foreach (Batch batch in batches)
        {
            Assert.Equal(Shape.Of(batch.Count, 1), batch.Targets[0].Shape);
            Assert.Equal(Numbers.In(batch).Select(i => (float)(i % 6)), batch.Targets[0].Values.ToArray());
        }
    }

    [Fact]
    public void Without_shuffling_the_order_is_the_sources() =>
        Assert.Equal(
            Enumerable.Range(0, 103),
            Loader(new DataLoaderOptions { BatchSize = 7 }).Batches(4).SelectMany(Numbers.In)
        );

    [Fact]
    public void The_order_depends_on_seed_and_epoch_alone()
    {
        int[] Order(long seed, int epoch, int workers, int prefetch) =>
            [
                .. Loader(
                        new DataLoaderOptions
                        {
                            BatchSize = 9,
                            Shuffle = true,
                            Seed = seed,
                            Workers = workers,
                            Prefetch = prefetch,
                        }
                    )
                    .Batches(epoch)
                    .SelectMany(Numbers.In),
            ];
        int[] first = Order(1, 0, 0, 1);
        foreach (int workers in (int[])[1, 2, 3, 8])
        {
            Assert.Equal(first, Order(1, 0, workers, 1));
            Assert.Equal(first, Order(1, 0, workers, 5));
        }
        Assert.NotEqual(first, Order(1, 1, 2, 2));
        Assert.NotEqual(first, Order(2, 0, 2, 2));
    }

    [Fact]
    public void Skipping_equals_dropping_batches_and_makes_none_of_them() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 12], Gen.Int[0, 3], Gen.Bool)
            .Fixed()
            .Sample(
                (size, skip, workers, drop) =>
                {
                    var options = new DataLoaderOptions
                    {
                        BatchSize = size,
                        Shuffle = true,
                        Workers = workers,
                        DropRemainder = drop,
                    };
                    var source = new Numbers(Labels);
                    var loader = new DataLoader(source, Numbers.Pixel, options);
                    List<int[]> skipped = [.. loader.Batches(2, skip).Select(Numbers.In)];
                    Assert.Equal(Math.Max(loader.Count - (skip * size), 0), source.Decoded);
                    Assert.Equal(loader.Batches(2).Skip(skip).Select(Numbers.In), skipped);
                },
                iter: 100
            );

    [Fact]
    public void Augmentations_depend_on_seed_epoch_and_image_and_not_on_workers()
    {
        IdxDataset images = IdxDataset.OpenFolder(TempFolder.FashionMnist, "t10k");
        LabeledImages few = images.Subset([.. Enumerable.Range(0, 64)]);
        float[] Values(int epoch, int workers, bool shuffle)
        {
            var options = new DataLoaderOptions
            {
                BatchSize = 64,
                Workers = workers,
                Shuffle = shuffle,
                Augmentations = [new RandomFlip(), new RandomShift(0.1)],
            };
            return new DataLoader(few, new Preprocessing { Height = 40, Width = 40 }, options)
                .Batches(epoch)
                .Single()
                .Inputs[0]
                .Values.ToArray();
        }
        float[] values = Values(0, 0, false);
        Assert.Equal(values, Values(0, 4, false));
        Assert.NotEqual(values, Values(1, 4, false));
        // Shuffling moves the rows and leaves each as it is.
        int row = 40 * 40 * 3;
        Assert.Equal(
            values.Chunk(row).Select(r => r.Sum()).Order(),
            Values(0, 4, true).Chunk(row).Select(r => r.Sum()).Order()
        );
    }

    [Fact]
    public void Every_augmentation_gives_the_same_bytes_on_any_number_of_workers()
    {
        Pictures images = Pictures.Noise(40, 31, 45);
        var preprocessing = new Preprocessing
        {
            Height = 20,
            Width = 20,
            ShortSide = 24,
        };
        var statistics = DatasetStatistics.Compute(images, preprocessing);
        preprocessing = preprocessing with { MeanImage = statistics.MeanImage, Std = statistics.Std };
        Augmentation[][] all =
        [
            [new RandomCrop(), new RandomFlip(), new PcaLighting().With(statistics)],
            [new RandomResizedCrop(), new RandomFlip(), new ColorJitter(0.4, 0.4, 0.4, 0.1)],
            [new RandomShift(), new ColorJitter(0.2), new PcaLighting(0.2).With(statistics)],
            [new RandomRotation(30), new RandomErasing()],
            [new RandomErasing(0.9, ErasingFill.Mean).With(statistics), new RandomRotation(5, RotationFill.Zero)],
        ];
        foreach (Augmentation[] augmentations in all)
        {
            float[] Values(long seed, int epoch, int workers) => [.. new DataLoader(
                        images,
                        preprocessing,
                        new DataLoaderOptions
                        {
                            BatchSize = 16,
                            Seed = seed,
                            Workers = workers,
                            Shuffle = true,
                            Augmentations = augmentations,
                        }
                    ).Batches(epoch).SelectMany(b => b.Inputs[0].Values.ToArray())];
            float[] values = Values(1, 2, 0);
            Assert.Equal(values, Values(1, 2, 1));
            Assert.Equal(values, Values(1, 2, 2));
            Assert.NotEqual(values, Values(2, 2, 2));
            Assert.NotEqual(values, Values(1, 3, 2));
        }
    }

    [Fact]
    public void One_hot_targets_have_a_column_a_class()
    {
        Batch batch = Loader(new DataLoaderOptions { BatchSize = 8, OneHot = true }).Batches(0).First();
        Assert.Equal(Shape.Of(8, 6), batch.Targets[0].Shape);
        for (int row = 0; row < 8; row++)
        {
            Assert.Equal(
                Enumerable.Range(0, 6).Select(c => c == row % 6 ? 1f : 0f),
                batch.Targets[0].Samples(row, 1).Values.ToArray()
            );
        }
    }

    [Fact]
    public void Reused_buffers_hold_the_same_values_while_they_may_be_read()
    {
        var options = new DataLoaderOptions { BatchSize = 10, Shuffle = true };
        DataLoader reusing = Loader(options with { ReuseBuffers = true });
        var memories = new HashSet<object>();
        for (int epoch = 0; epoch < 5; epoch++)
        {
            Assert.Equal(
                Loader(options).Batches(epoch).SelectMany(Numbers.In),
                reusing.Batches(epoch).Select(b => Track(b)).SelectMany(i => i)
            );
        }
        Assert.InRange(memories.Count, 1, 4);

        int[] Track(Batch batch)
        {
            Assert.True(
                System.Runtime.InteropServices.MemoryMarshal.TryGetArray<float>(batch.Inputs[0].Memory, out var array)
            );
            memories.Add(array.Array!);
            return Numbers.In(batch);
        }
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ConfigException>(() => Loader(new DataLoaderOptions { BatchSize = 0 }));
        Assert.Throws<ConfigException>(() => Loader(new DataLoaderOptions { Workers = -1 }));
        Assert.Throws<ConfigException>(() => Loader(new DataLoaderOptions { Prefetch = 0 }));
        var wide = new Preprocessing { Height = 16384, Width = 16384 };
        Assert.Throws<ConfigException>(() => new DataLoader(new Numbers(Labels), wide));
    }

    private static DataLoader Loader(DataLoaderOptions options) => new(new Numbers(Labels), Numbers.Pixel, options);
}
