namespace Lamina.Torch.Tests.Training.Optimizers;

/// <summary>Moving averages of the weights.</summary>
public abstract class AveragesTests(Device device)
{
    private const double Momentum = 0.75;

    [Fact]
    public void Averages_follow_the_weights_and_swapping_loses_nothing()
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        Model model = TinyModels.Network(4, noisy: true);
        using CompiledModel compiled = Compile(model);
        double[][] averages = [.. model.Weights.Select(w => w.GetValues().Select(v => (double)v).ToArray())];
        for (int step = 0; step < 5; step++)
        {
            model.TrainOnBatch(x, y);
            for (int w = 0; w < averages.Length; w++)
            {
                float[] values = model.Weights[w].GetValues();
                for (int i = 0; i < values.Length; i++)
                {
                    averages[w][i] = model.Weights[w].IsTrained
                        ? (Momentum * averages[w][i]) + ((1 - Momentum) * values[i])
                        : values[i];
                }
            }
        }
        float[] weights = TinyModels.Bytes(model);
        compiled.SwapAverages();
        Assert.True(compiled.AveragesIn);
        Assert.NotEqual(weights, TinyModels.Bytes(model));
        for (int w = 0; w < averages.Length; w++)
        {
            TinyModels.AssertNear(averages[w], model.Weights[w], 1e-6);
        }
        compiled.SwapAverages();
        Assert.False(compiled.AveragesIn);
        Assert.Equal(weights, TinyModels.Bytes(model));
    }

    [Fact]
    public void Averages_move_with_updates_not_with_batches()
    {
        // Plain SGD of rate 1 from w = 0: the gradients of x = (1, 0) at t = 1 and t = 2 are −2 and −4, on average −3.
        Model model = TinyModels.Line(0, 0, 0);
        var sgd = new Sgd(1)
        {
            GradientAccumulationSteps = 2,
            EmaMomentum = 0.5,
            Rules = [new("bias", 0)],
        };
        using CompiledModel compiled = model.Compile(sgd, "mse", device: device);
        var x = new NDArray([1, 2], new float[] { 1, 0 });
        model.TrainOnBatch(x, new NDArray([1, 1], new float[] { 1 }));
        model.TrainOnBatch(x, new NDArray([1, 1], new float[] { 2 }));
        TinyModels.AssertNear([3, 0], model.Weights[0]);
        compiled.SwapAverages();
        TinyModels.AssertNear([1.5, 0], model.Weights[0]);
    }

    [Fact]
    public void Fit_shows_the_averages_after_each_epoch_and_leaves_them_in()
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        Model model = TinyModels.Network(4, noisy: true);
        using CompiledModel compiled = Compile(model);
        var seen = new Watch(model);
        var validation = new ArraySource(x, y, 6);
        History history = model.Fit(
            x,
            y,
            2,
            3,
            validation: validation,
            callbacks: [seen],
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken
        );

        Assert.Equal(["b", "b", "b", "E", "b", "b", "b", "E", "b", "b", "b", "E"], seen.Events);
        Assert.True(compiled.AveragesIn);
        Assert.Equal(history.Epochs[^1].Logs["val_loss"], model.Evaluate(validation)["loss"]);
        float[] averages = TinyModels.Bytes(model);
        compiled.SwapAverages();
        Assert.NotEqual(averages, TinyModels.Bytes(model));
        Assert.NotEqual(history.Epochs[^1].Logs["val_loss"], model.Evaluate(validation)["loss"]);
    }

    [Fact]
    public void Fit_that_goes_on_is_as_one_that_was_never_left()
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        Model whole = TinyModels.Network(4, noisy: true);
        using CompiledModel first = Compile(whole);
        whole.Fit(x, y, 2, 3, verbose: 0, cancellation: TestContext.Current.CancellationToken);
        Model parts = TinyModels.Network(4, noisy: true);
        using CompiledModel second = Compile(parts);
        parts.Fit(x, y, 2, 1, verbose: 0, cancellation: TestContext.Current.CancellationToken);
        parts.Fit(x, y, 2, 3, initialEpoch: 1, verbose: 0, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(TinyModels.Bytes(whole), TinyModels.Bytes(parts));
    }

    [Fact]
    public void A_cancelled_Fit_leaves_the_averages_in_and_the_weights_in_the_state()
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        Model model = TinyModels.Network(4, noisy: true);
        using CompiledModel compiled = Compile(model);
        using var source = new CancellationTokenSource();
        var seen = new Watch(model) { Then = source.Cancel };
        History history = model.Fit(x, y, 2, 3, callbacks: [seen], verbose: 0, cancellation: source.Token);

        Assert.True(history.Cancelled);
        Assert.Equal(["b"], seen.Events);
        Assert.True(compiled.AveragesIn);
        Assert.Equal(seen.Weights, compiled.GetOptimizerState()["hidden/kernel/average"].Values.ToArray());
    }

    [Fact]
    public void There_is_nothing_to_swap_without_averages()
    {
        Model model = TinyModels.Network(4);
        using CompiledModel compiled = model.Compile(new Sgd(), "sparse_categorical_crossentropy", device: device);
        Assert.Throws<InvalidOperationException>(compiled.SwapAverages);
    }

    private CompiledModel Compile(Model model) =>
        model.Compile(
            new Sgd(0.1, momentum: 0.9) { EmaMomentum = Momentum },
            "sparse_categorical_crossentropy",
            device: device
        );

    /// <summary>Notes which of weights and averages each event saw: a letter in lower case for weights, else averages.</summary>
    private sealed class Watch(Model model) : Callback
    {
        public List<string> Events { get; } = [];

        public Action? Then { get; init; }

        public float[] Weights { get; private set; } = [];

        public override void OnTrainBatchEnd(BatchLog log)
        {
            Events.Add(model.Compiled!.AveragesIn ? "B" : "b");
            Weights = model.Weights.Single(w => w.Path == "hidden/kernel").GetValues();
            Then?.Invoke();
        }

        public override void OnEpochEnd(EpochLog log) => Events.Add(model.Compiled!.AveragesIn ? "E" : "e");
    }
}

/// <inheritdoc/>
public sealed class AveragesOnCpuTests() : AveragesTests(Device.Cpu);

/// <inheritdoc/>
public sealed class AveragesOnPortableTests() : AveragesTests(Device.Portable);
