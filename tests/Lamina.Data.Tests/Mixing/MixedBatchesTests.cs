namespace Lamina.Data.Tests.Mixing;

/// <summary>Mixed batches against closed forms: images of constants, counted pixels, weights that sum to 1.</summary>
public class MixedBatchesTests
{
    private const int Classes = 5;
    private static readonly Lamina.Mixing s_mixUp = new() { MixUp = 0.4 };
    private static readonly Lamina.Mixing s_cutMix = new() { CutMix = 1 };

    [Fact]
    public void Mixup_averages_images_and_labels_with_one_weight()
    {
        var weights = new List<double>();
        foreach (Batch batch in Epochs(s_mixUp, 40))
        {
            // Sample i is the constant 10·i and of class i: the label of class i − 1 is the weight of the partner.
            float lambda = batch.Targets[0][1, 1];
            weights.Add(lambda);
            for (int row = 0; row < Classes; row++)
            {
                int partner = (row + Classes - 1) % Classes;
                float expected = (10f * row * lambda) + (10f * partner * (1 - lambda));
                Assert.All(Pixels(batch, row), p => Assert.Equal(expected, p, 1e-4f));
                Assert.Equal(lambda, batch.Targets[0][row, row]);
                Assert.Equal(1 - lambda, batch.Targets[0][row, partner]);
                Assert.Equal(1, batch.Targets[0].Samples(row, 1).Values.ToArray().Sum(), 1e-6f);
            }
        }
        Assert.Equal(40, weights.Distinct().Count());
    }

    [Fact]
    public void Cutmix_weights_labels_by_the_pixels_that_it_pastes()
    {
        int pasted = 0;
        foreach (Batch batch in Epochs(s_cutMix, 60))
        {
            for (int row = 0; row < Classes; row++)
            {
                int partner = (row + Classes - 1) % Classes;
                float[] pixels = Pixels(batch, row);
                Assert.All(pixels, p => Assert.True(p == 10 * row || p == 10 * partner));
                double share = pixels.Count(p => p == 10 * partner) / (double)pixels.Length;
                Assert.Equal(share, batch.Targets[0][row, partner], 1e-6);
                Assert.Equal(1 - share, batch.Targets[0][row, row], 1e-6);
                AssertIsBox(pixels, p => p == 10 * partner);
                pasted += share > 0 ? 1 : 0;
            }
        }
        Assert.True(pasted > 200, $"only {pasted} of 300 images have a box");
    }

    [Fact]
    public void A_box_inside_the_image_has_the_sides_of_the_paper()
    {
        var size = new Size2(400, 600);
        var random = new RandomStream(1, RandomPurpose.Mixing);
        double sum = 0;
        for (int i = 0; i < 2000; i++)
        {
            var box = CutBox.Draw(size, 0.9375, ref random);
            // √0.0625 = 0.25 of 400 × 600, less what lies beyond the edges.
            Assert.InRange(box.Bottom - box.Top, 50, 100);
            Assert.InRange(box.Right - box.Left, 75, 150);
            if (box is { Top: > 0, Left: > 0, Bottom: < 400, Right: < 600 })
            {
                Assert.Equal((100, 150), (box.Bottom - box.Top, box.Right - box.Left));
                Assert.Equal(0.9375, box.Rest(size), 1e-12);
            }
            sum += 1 - box.Rest(size);
        }
        // A center that lies anywhere leaves (1 − side / 4)² of the box on average, side 0.25.
        Assert.Equal(0.0625 * 0.9375 * 0.9375, sum / 2000, 0.001);
        Assert.Equal(1, CutBox.Draw(size, 1, ref random).Rest(size));
    }

    [Fact]
    public void Both_are_chosen_as_often_as_asked()
    {
        var mixing = new Lamina.Mixing
        {
            MixUp = 0.4,
            CutMix = 1,
            Probability = 0.6,
            SwitchProbability = 0.25,
        };
        var counts = new Dictionary<MixingKind, int>();
        for (int i = 0; i < 10_000; i++)
        {
            var random = new RandomStream(4, RandomPurpose.Mixing, 0, i);
            MixingKind kind = mixing.Draw(ref random).Kind;
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
        }
        // Five standard deviations.
        Assert.InRange(counts[MixingKind.None], 3755, 4245);
        Assert.InRange(counts[MixingKind.MixUp], 4250, 4750);
        Assert.InRange(counts[MixingKind.CutMix], 1321, 1679);
    }

    [Fact]
    public void What_is_not_mixed_has_one_hot_labels_all_the_same()
    {
        Batch batch = Epochs(s_mixUp with { Probability = 0 }, 1).Single();
        Assert.Equal(Shape.Of(Classes, Classes), batch.Targets[0].Shape);
        for (int row = 0; row < Classes; row++)
        {
            Assert.All(Pixels(batch, row), p => Assert.Equal(10 * row, p));
            Assert.Equal(1, batch.Targets[0][row, row]);
        }
        Batch single = new MixedBatches(Constants(1, 1), s_mixUp, Classes).Batches(0).First();
        Assert.Equal([1, 0, 0, 0, 0], single.Targets[0].Values.ToArray());
    }

    [Fact]
    public void Labels_that_are_probabilities_are_mixed_as_they_are()
    {
        (NDArray images, NDArray labels) = Arrays(2);
        NDArray soft = new(Shape.Of(2, Classes), new[] { .5f, .5f, 0, 0, 0, 0, 0, .2f, .8f, 0 });
        Batch batch = new MixedBatches(new ArraySource(images, soft, 2), s_mixUp, Classes).Batches(0).Single();
        Batch hard = new MixedBatches(new ArraySource(images, labels, 2), s_mixUp, Classes).Batches(0).Single();
        float lambda = hard.Targets[0][0, 0];
        Assert.Equal(hard.Inputs[0].Values.ToArray(), batch.Inputs[0].Values.ToArray());
        float[] expected = [.5f * lambda, .5f * lambda, .2f * (1 - lambda), .8f * (1 - lambda), 0];
        Assert.Equal(expected, batch.Targets[0].Samples(0, 1).Values.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Mixing_depends_on_seed_epoch_and_place_and_not_on_workers_or_where_it_begins(bool cut)
    {
        Lamina.Mixing mixing = cut ? s_cutMix : s_mixUp;
        float[] all = Values(0, 3, 1, 0);
        Assert.Equal(all, Values(1, 3, 1, 0));
        Assert.Equal(all, Values(2, 3, 1, 0));
        Assert.Equal(all, Values(2, 3, 1, 0, reuse: true));
        Assert.NotEqual(all, Values(2, 4, 1, 0));
        Assert.NotEqual(all, Values(2, 3, 2, 0));
        // The first two batches of 16 left out, as a run that is resumed leaves them.
        int row = (8 * 8 * 3) + 2;
        Assert.Equal(all[(2 * 16 * row)..], Values(2, 3, 1, 2));

        float[] Values(int workers, long seed, int epoch, int skip, bool reuse = false)
        {
            var options = new DataLoaderOptions
            {
                BatchSize = 16,
                Shuffle = true,
                Seed = seed,
                Workers = workers,
                ReuseBuffers = reuse,
                Augmentations = [new RandomFlip(), new RandomRotation(20), new RandomErasing()],
            };
            var loader = new DataLoader(Pictures.Noise(61, 9, 9), new Preprocessing { Height = 8, Width = 8 }, options);
            var mixed = new MixedBatches(loader, mixing, 2, seed) { ReuseBuffers = reuse };
            return
            [
                .. mixed.Batches(epoch, skip).SelectMany(b => (float[])[.. b.Inputs[0].Values, .. b.Targets[0].Values]),
            ];
        }
    }

    [Fact]
    public void The_sources_arrays_stay_as_they_are()
    {
        var whole = new Whole();
        float[] before = whole.Batch.Inputs[0].Values.ToArray();
        Batch mixed = new MixedBatches(whole, s_cutMix, Classes).Batches(0).Single();
        Assert.NotEqual(before, mixed.Inputs[0].Values.ToArray());
        Assert.Equal(before, whole.Batch.Inputs[0].Values.ToArray());
        Assert.Equal(Shape.Of(Classes), whole.Batch.Targets[0].Shape);
    }

    [Fact]
    public void What_cannot_be_mixed_is_refused_in_one_line()
    {
        (NDArray images, NDArray labels) = Arrays(Classes);
        Refused(new ArraySource(images, labels), s_mixUp, 3, "the label 3 is not a class index from 0 to 2");
        Refused(new ArraySource(images, images), s_mixUp, 3, "are neither one class index per sample");
        Refused(new ArraySource(images, null), s_mixUp, 3, "must have one target and one crop");
        var flat = new ArraySource(new NDArray(Shape.Of(Classes, 4)), labels);
        Refused(flat, s_cutMix, Classes, "CutMix requires images (N, height, width, channels)");
        Assert.Single(new MixedBatches(flat, s_mixUp, Classes).Batches(0));

        static void Refused(IBatchSource source, Lamina.Mixing mixing, int classes, string expected)
        {
            var mixed = new MixedBatches(source, mixing, classes);
            string message = Assert.Throws<LaminaException>(() => mixed.Batches(0).ToList()).Message;
            Assert.Contains(expected, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
    }

    [Fact]
    public void Vectors_beside_images_are_mixed_with_the_same_partners_by_the_visible_areas()
    {
        foreach (Lamina.Mixing mixing in (Lamina.Mixing[])[s_mixUp, s_cutMix])
        {
            (NDArray images, NDArray labels) = Arrays(Classes);
            var vectors = new NDArray(Shape.Of(Classes, 2));
            for (int i = 0; i < Classes; i++)
            {
                (vectors[i, 0], vectors[i, 1]) = (i, -i);
            }
            var source = new Several(new Batch([vectors, images], [labels]));
            var alone = new MixedBatches(new ArraySource(images, labels), mixing, Classes, seed: 8);
            var together = new MixedBatches(source, mixing, Classes, seed: 8) { ReuseBuffers = true };
            for (int epoch = 0; epoch < 20; epoch++)
            {
                Batch expected = alone.Batches(epoch).Single();
                Batch mixed = together.Batches(epoch).Single();
                Assert.Equal(expected.Inputs[0].Values.ToArray(), mixed.Inputs[1].Values.ToArray());
                Assert.Equal(expected.Targets[0].Values.ToArray(), mixed.Targets[0].Values.ToArray());
                for (int row = 0; row < Classes; row++)
                {
                    int partner = (row + Classes - 1) % Classes;
                    float own = mixed.Targets[0][row, row];
                    Assert.Equal((own * row) + ((1 - own) * partner), mixed.Inputs[0][row, 0], 1e-5f);
                    Assert.Equal(-mixed.Inputs[0][row, 0], mixed.Inputs[0][row, 1]);
                }
            }
        }
        (NDArray two, NDArray targets) = Arrays(Classes);
        var pair = new MixedBatches(new Several(new Batch([two, two], [targets])), s_cutMix, Classes);
        Assert.Contains(
            "beside them vectors only",
            Assert.Throws<LaminaException>(() => pair.Batches(0).ToList()).Message,
            StringComparison.Ordinal
        );
    }

    private sealed class Several(Batch batch) : IBatchSource
    {
        public int Count => batch.Count;

        public int BatchSize => batch.Count;

        public IEnumerable<Batch> Batches(int epoch, int skip = 0) => [batch];
    }

    private static IEnumerable<Batch> Epochs(Lamina.Mixing mixing, int epochs)
    {
        var source = new MixedBatches(Constants(Classes, Classes), mixing, Classes, seed: 8);
        return Enumerable.Range(0, epochs).Select(e => source.Batches(e).Single());
    }

    private static ArraySource Constants(int count, int batchSize)
    {
        (NDArray images, NDArray labels) = Arrays(count);
        return new ArraySource(images, labels, batchSize);
    }

    /// <summary>Image i has the value 10·i everywhere and the class i.</summary>
    private static (NDArray Images, NDArray Labels) Arrays(int count)
    {
        var images = new NDArray(Shape.Of(count, 13, 17, 3));
        var labels = new NDArray(Shape.Of(count));
        for (int i = 0; i < count; i++)
        {
            images.Samples(i, 1).Values.Fill(10 * i);
            labels[i] = i;
        }
        return (images, labels);
    }

    private static float[] Pixels(Batch batch, int row) => batch.Inputs[0].Samples(row, 1).Values.ToArray();

    private static void AssertIsBox(float[] pixels, Func<float, bool> isPasted)
    {
        List<(int Y, int X)> places =
        [
            .. Enumerable.Range(0, pixels.Length).Where(i => isPasted(pixels[i])).Select(i => (i / 3 / 17, i / 3 % 17)),
        ];
        if (places.Count > 0)
        {
            int height = places.Max(p => p.Y) - places.Min(p => p.Y) + 1;
            int width = places.Max(p => p.X) - places.Min(p => p.X) + 1;
            Assert.Equal(height * width * 3, places.Count);
        }
    }

    /// <summary>A source that hands out its own arrays.</summary>
    private sealed class Whole : IBatchSource
    {
        public Batch Batch { get; } = new(Arrays(Classes).Images, Arrays(Classes).Labels);

        public int Count => Classes;

        public int BatchSize => Classes;

        public IEnumerable<Batch> Batches(int epoch, int skip = 0) => [Batch];
    }
}
