using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>Batch normalization's statistics are those of the weights, after any number of steps.</summary>
public abstract class StatisticsTests(Device device)
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(5, true)]
    [InlineData(64, true)]
    [InlineData(5, false)]
    public void Statistics_are_the_mean_and_variance_of_all_rows_whatever_the_batches(int batch, bool unbiased)
    {
        NDArray x = Pixels(23);
        Symbol input = Input(4, 4, 3);
        Model model = Model(
            input,
            Dense(2)(Flatten()(BatchNormalization(unbiasedMovingVariance: unbiased, name: "norm")(input)))
        );
        model.EstimateStatistics(x, batch);
        (double[] mean, double[] variance) = Moments(x, unbiased ? 1 : 0);
        AssertClose(mean, Norm(model, "norm", 2));
        AssertClose(variance, Norm(model, "norm", 3));
    }

    [Fact]
    public void A_layer_that_is_applied_twice_has_the_rows_of_both()
    {
        NDArray x = Pixels(10);
        Symbol input = Input(4, 4, 3);
        Call<BatchNormalization> norm = BatchNormalization(name: "norm");
        Symbol shifted = Rescaling(1, 5)(input);
        Model model = Model(input, Dense(2)(Flatten()(Add()(norm(input), norm(shifted)))));
        model.EstimateStatistics(x, 3);
        (double[] mean, double[] variance) = Moments(x, 0);
        // Half of the rows are 5 higher: the mean moves by 2.5, the variance grows by 2.5².
        double rows = 2.0 * 10 * 16;
        AssertClose([.. mean.Select(m => m + 2.5)], Norm(model, "norm", 2));
        AssertClose([.. variance.Select(v => (v + 6.25) * rows / (rows - 1))], Norm(model, "norm", 3));
    }

    [Fact]
    public void Layers_above_see_what_layers_below_normalize_by_their_batches()
    {
        Symbol input = Input(4, 4, 3);
        Model model = Model(
            input,
            Dense(2)(
                Flatten()(BatchNormalization(name: "upper")(BatchNormalization(epsilon: 1e-9, name: "lower")(input)))
            )
        );
        model.GetLayer("lower").Weights[0].SetValues([2, 3, 4]);
        model.GetLayer("lower").Weights[1].SetValues([-1, 0, 1]);
        model.EstimateStatistics(Pixels(32), 8);
        AssertClose([-1, 0, 1], Norm(model, "upper", 2));
        double bessel = 512.0 / 511;
        AssertClose([4 * bessel, 9 * bessel, 16 * bessel], Norm(model, "upper", 3));
    }

    [Fact]
    public void A_frozen_layer_keeps_its_statistics()
    {
        Symbol input = Input(4, 4, 3);
        Model model = Model(
            input,
            Dense(2)(Flatten()(BatchNormalization(name: "upper")(BatchNormalization(name: "lower")(input))))
        );
        model.GetLayer("lower").Trainable = false;
        model.EstimateStatistics(Pixels(8));
        Assert.Equal([0, 0, 0, 1, 1, 1], Norm(model, "lower", 2).Concat(Norm(model, "lower", 3)));
        Assert.NotEqual([0, 0, 0], Norm(model, "upper", 2));
        model.GetLayer("upper").Trainable = false;
        float[] before = Norm(model, "upper", 2);
        model.EstimateStatistics(Pixels(9));
        Assert.Equal(before, Norm(model, "upper", 2));
    }

    [Fact]
    public void Only_as_many_batches_are_read_as_hold_the_samples()
    {
        NDArray x = Pixels(20);
        Symbol input = Input(4, 4, 3);
        Model model = Model(input, Flatten()(BatchNormalization(name: "norm")(input)));
        model.EstimateStatistics(new ArraySource(x, null, 4), samples: 9);
        AssertClose(Moments(x.Samples(0, 12), 1).Mean, Norm(model, "norm", 2));
    }

    [Fact]
    public void Data_without_a_sample_changes_nothing()
    {
        Symbol input = Input(4, 4, 3);
        Model model = Model(input, Flatten()(BatchNormalization(name: "norm")(input)));
        Assert.Throws<LaminaException>(() => model.EstimateStatistics(new Empty()));
        Assert.Equal([1, 1, 1], Norm(model, "norm", 3));
    }

    [Fact]
    public void After_few_steps_evaluation_is_what_training_sees()
    {
        (Model model, History history) = Fit(statisticsSamples: 64);
        (Model lagging, _) = Fit(statisticsSamples: 0);
        (NDArray x, NDArray y) = TwoKinds(64);
        double right = model.Evaluate(x, y, 64)["accuracy"];
        Assert.Equal(right, history.Epochs[^1].Logs["val_accuracy"]);
        Assert.Equal(1, right);
        // Eight steps at a momentum of 0.99 leave 92 % of the first values: all inputs look alike.
        Assert.InRange(lagging.Evaluate(x, y, 64)["accuracy"], 0, 0.75);
        // Training reads none of it.
        IEnumerable<float[]> Trained(Model m) => m.TrainableWeights.Select(w => w.GetValues());
        Assert.Equal(Trained(lagging), Trained(model));
        model.Compiled!.Dispose();
        lagging.Compiled!.Dispose();
    }

    [Fact]
    public void Averaged_weights_have_statistics_of_their_own()
    {
        (Model model, _) = Fit(statisticsSamples: 64, ema: 0.8);
        Assert.True(model.Compiled!.AveragesIn);
        float[] fitted = Stored(model);
        model.EstimateStatistics(TwoKinds(64).X);
        AssertClose([.. fitted.Select(f => (double)f)], Stored(model));
        model.Compiled!.SwapAverages();
        model.EstimateStatistics(TwoKinds(64).X);
        Assert.NotEqual(fitted[0], Norm(model, "norm", 2)[0], 1e-4f);
        model.Compiled!.Dispose();
    }

    [Fact]
    public void An_estimate_that_is_cancelled_changes_nothing()
    {
        (Model model, _) = Fit(statisticsSamples: 64);
        float[] before = Stored(model);
        using var source = new CancellationTokenSource();
        (NDArray x, _) = TwoKinds(8);
        var asked = new Cancelling(new ArraySource(x, null, 4), source);
        Assert.False(model.Compiled!.EstimateStatistics(asked, 0, source.Token));
        Assert.Equal(before, Stored(model));
        model.Compiled!.Dispose();
    }

    [Fact]
    public void Statistics_on_another_device_are_merged_alike()
    {
        double[] mean = [1, 2];
        double[] variance = [3, 4];
        using Tensor storedMean = Tensor.Zeros([2], DType.Float32);
        using Tensor storedVariance = Tensor.Zeros([2], DType.Float32);
        using Tensor batchMean = Tensor.FromSpan([3, 2], [2]);
        using Tensor batchVariance = Tensor.FromSpan([5, 6], [2]);
        using Tensor input = Tensor.Zeros([6, 2], DType.Float32);
        var estimate = new StatisticsEstimate();
        estimate.Add(storedMean, storedVariance, mean, variance, rows: 2, unbiased: false);
        estimate.Add(null, [input, storedMean, storedVariance], batchMean, batchVariance, unbiased: false);
        // A quarter and three quarters: 0.25 · 3 + 0.75 · 5 + 0.25 · 0.75 · 2².
        Assert.Equal([2.5f, 2f], storedMean.AsSpan().ToArray());
        Assert.Equal([5.25f, 5.5f], storedVariance.AsSpan().ToArray());
    }

    private (Model Model, History History) Fit(int statisticsSamples, double? ema = null)
    {
        Session.SetRandomSeed(3);
        Symbol input = Input(1);
        Symbol x = BatchNormalization(name: "norm")(Dense(8, name: "hidden")(input));
        Model model = Model(input, Dense(2, activation: "softmax", name: "top")(x));
        model.Compile(
            new Sgd(0.5) { EmaMomentum = ema },
            "sparse_categorical_crossentropy",
            ["accuracy"],
            statisticsSamples: statisticsSamples,
            device: device
        );
        (NDArray values, NDArray labels) = TwoKinds(64);
        var data = new ArraySource(values, labels, 16);
        return (model, model.Fit(data, epochs: 2, validation: data, verbose: 0));
    }

    // Numbers far from 0, so that the first moving statistics, 0 and 1, are far from theirs.
    private static (NDArray X, NDArray Y) TwoKinds(int count)
    {
        var random = new RandomStream(8, RandomPurpose.User);
        var x = new NDArray([count, 1]);
        var y = new NDArray([count]);
        for (int i = 0; i < count; i++)
        {
            y.Values[i] = i % 2;
            x.Values[i] = 1000 + (50 * (i % 2)) + random.NextSingle();
        }
        return (x, y);
    }

    private static NDArray Pixels(int count)
    {
        var random = new RandomStream(5, RandomPurpose.User);
        var x = new NDArray([count, 4, 4, 3]);
        for (int i = 0; i < x.Values.Length; i++)
        {
            x.Values[i] = (10 * (i % 3)) + ((1 + (i % 3)) * random.NextSingle());
        }
        return x;
    }

    private static (double[] Mean, double[] Variance) Moments(NDArray x, int freedom)
    {
        float[] values = x.Values.ToArray();
        double[][] channels =
        [
            .. Enumerable.Range(0, 3).Select(c => values.Where((_, i) => i % 3 == c).Select(v => (double)v).ToArray()),
        ];
        return (
            [.. channels.Select(c => c.Average())],
            [.. channels.Select(c => c.Sum(v => Math.Pow(v - c.Average(), 2)) / (c.Length - freedom))]
        );
    }

    private static float[] Norm(Model model, string layer, int weight) =>
        model.GetLayer(layer).Weights[weight].GetValues();

    private static float[] Stored(Model model) => [.. Norm(model, "norm", 2), .. Norm(model, "norm", 3)];

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 2e-5 * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    private sealed class Empty : IBatchSource
    {
        public int Count => 0;

        public int BatchSize => 1;

        public IEnumerable<Batch> Batches(int epoch, int skip = 0) => [];
    }

    private sealed class Cancelling(IBatchSource source, CancellationTokenSource cancellation) : IBatchSource
    {
        public int Count => source.Count;

        public int BatchSize => source.BatchSize;

        public IEnumerable<Batch> Batches(int epoch, int skip = 0)
        {
            foreach (Batch batch in source.Batches(epoch, skip))
            {
                yield return batch;
                cancellation.Cancel();
            }
        }
    }
}

/// <inheritdoc/>
public sealed class StatisticsOnCpuTests() : StatisticsTests(Device.Cpu);

/// <inheritdoc/>
public sealed class StatisticsOnPortableTests() : StatisticsTests(Device.Portable);
