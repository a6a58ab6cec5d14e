namespace Lamina.Data.Tests.Loading;

public class CropTests
{
    [Fact]
    public void Ten_rows_an_image_are_corners_centre_and_their_mirror_images()
    {
        var preprocessing = new Preprocessing
        {
            Height = 6,
            Width = 5,
            Channels = 1,
            ShortSide = 8,
            Scale = 1,
        };
        // Of 8 rows and 12 columns the centre 8×8 starts at column 2.
        Batch batch = Ten(Pictures.Places(3, 8, 12), preprocessing);
        Assert.Equal((3, 10), (batch.Count, batch.Crops));
        Assert.Equal(Shape.Of(30, 6, 5, 1), batch.Inputs[0].Shape);
        Assert.Equal(Shape.Of(3, 1), batch.Targets[0].Shape);
        Assert.Equal([0, 1, 0], batch.Targets[0].Values.ToArray());
        // The middle of 12 columns: (12 − 5) / 2 = 3.5, to even.
        Check(batch.Inputs[0], [(0, 2), (0, 5), (2, 2), (2, 5), (1, 4)]);
    }

    [Fact]
    public void Two_rows_an_image_are_the_center_and_its_mirror_image()
    {
        Pictures images = Pictures.Noise(3, 37, 51);
        var preprocessing = new Preprocessing
        {
            Height = 20,
            Width = 24,
            ShortSide = 26,
            Mean = [0.4, 0.5, 0.6],
            Std = [0.2, 0.3, 0.4],
        };
        Batch batch = new DataLoader(images, preprocessing, new DataLoaderOptions { Crops = 2 }).Batches(0).Single();
        Assert.Equal((3, 2), (batch.Count, batch.Crops));
        NDArray one = new DataLoader(images, preprocessing).Batches(0).Single().Inputs[0];
        for (int i = 0; i < 3; i++)
        {
            float[] center = one.Samples(i, 1).Values.ToArray();
            Assert.Equal(center, batch.Inputs[0].Samples(2 * i, 1).Values);
            IEnumerable<float> mirrored = center
                .Chunk(24 * 3)
                .SelectMany(row => row.Chunk(3).Reverse().SelectMany(p => p));
            Assert.Equal(mirrored, batch.Inputs[0].Samples((2 * i) + 1, 1).Values.ToArray());
        }
    }

    [Fact]
    public void Without_a_short_side_there_is_room_as_in_the_paper()
    {
        var preprocessing = new Preprocessing
        {
            Height = 7,
            Width = 7,
            Channels = 1,
            Scale = 1,
        };
        // 7 × 256/224 = 8.
        Check(Ten(Pictures.Places(1, 8, 8), preprocessing).Inputs[0], [(0, 0), (0, 1), (1, 0), (1, 1), (0, 0)]);
        Check(
            Ten(Pictures.Places(1, 8, 8), preprocessing with { Resize = ResizeMode.Stretch }).Inputs[0],
            [(0, 0), (0, 1), (1, 0), (1, 1), (0, 0)]
        );
    }

    [Fact]
    public void The_fifth_crop_is_the_only_one_of_a_single_crop()
    {
        Pictures images = Pictures.Noise(4, 37, 51);
        var preprocessing = new Preprocessing
        {
            Height = 20,
            Width = 20,
            ShortSide = 23,
            Mean = [0.4, 0.5, 0.6],
            Std = [0.2, 0.3, 0.4],
        };
        NDArray ten = Ten(images, preprocessing).Inputs[0];
        NDArray one = new DataLoader(images, preprocessing).Batches(0).Single().Inputs[0];
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(one.Samples(i, 1).Values, ten.Samples((10 * i) + 4, 1).Values);
        }
    }

    [Fact]
    public void Batches_do_not_depend_on_workers_and_unreadable_images_leave_no_gap()
    {
        float[] Values(int workers) => [.. Loader(workers).Batches(0).SelectMany(b => b.Inputs[0].Values.ToArray())];
        DataLoader Loader(int workers) =>
            new(
                new Numbers([0, 1, 2, 3, 4], i => i == 1 ? new DataException("1", "is bad.") : null),
                Numbers.Pixel,
                new DataLoaderOptions
                {
                    BatchSize = 3,
                    Crops = 10,
                    Workers = workers,
                    ReuseBuffers = true,
                }
            );
        Assert.Equal([2, 2], Loader(0).Batches(0).Select(b => b.Count));
        // A pixel has the same ten crops, up to rounding.
        Assert.Equal(
            [
                .. Enumerable.Repeat(0f, 10),
                .. Enumerable.Repeat(2f, 10),
                .. Enumerable.Repeat(3f, 10),
                .. Enumerable.Repeat(4f, 10),
            ],
            Values(0).Chunk(3).Select(p => MathF.Round(p[0]))
        );
        Assert.Equal(Values(0), Values(1));
        Assert.Equal(Values(0), Values(2));
    }

    [Fact]
    public void Other_numbers_of_crops_and_augmented_crops_are_refused()
    {
        string Message(DataLoaderOptions options) =>
            Assert.Throws<ConfigException>(() => new DataLoader(new Numbers([0]), Numbers.Pixel, options)).Message;
        Assert.Equal("DataLoader: Crops is 7; it must be 1, 2 or 10.", Message(new DataLoaderOptions { Crops = 7 }));
        Assert.Contains(
            "several crops exclude Augmentations",
            Message(new DataLoaderOptions { Crops = 10, Augmentations = [new RandomFlip()] })
        );
    }

    [Fact]
    public void The_average_is_over_the_crops_of_each_image()
    {
        NDArray outputs = NDArray.From(
            new float[,]
            {
                { 0.25f, 0.75f, 0 },
                { 0.75f, 0, 0.25f },
                { 1, 0, 0 },
                { 0, 0.5f, 0.5f },
            }
        );
        Assert.Equal([0.5f, 0.375f, 0.125f, 0.5f, 0.25f, 0.25f], CropAverage.Of(outputs, 2).Values.ToArray());
        Assert.Equal([0.5f, 0.3125f, 0.1875f], CropAverage.Of(outputs, 4).Values.ToArray());
        Assert.Same(outputs, CropAverage.Of(outputs, 1));
        Assert.Throws<ShapeException>(() => CropAverage.Of(outputs, 3));
    }

    private static Batch Ten(LabeledImages images, Preprocessing preprocessing) =>
        new DataLoader(images, preprocessing, new DataLoaderOptions { Crops = 10 }).Batches(0).Single();

    /// <summary>Rows of <see cref="Pictures.Places"/> against the places of the five crops, then mirrored.</summary>
    private static void Check(NDArray rows, (int Top, int Left)[] places)
    {
        (int height, int width) = (rows.Shape[1]!.Value, rows.Shape[2]!.Value);
        for (int row = 0; row < rows.Count; row++)
        {
            (int top, int left) = places[row % 5];
            bool mirrored = row % 10 >= 5;
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    int at = mirrored ? width - 1 - x : x;
                    Assert.Equal((16 * (top + y)) + left + at, rows[row, y, x, 0], 1e-4f);
                }
            }
        }
    }
}
