using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>What a model takes in the engine is freed when it is unloaded, and nothing of its weights is lost.</summary>
public sealed class UnloadTests
{
    [Fact]
    public void Everything_is_freed_and_the_weights_keep_their_values()
    {
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        Model model = Network();
        model.Compile(new Sgd(0.1, momentum: 0.9) { EmaMomentum = 0.5 }, "sparse_categorical_crossentropy");
        model.TrainOnBatch(Images(), new NDArray([2]));
        float[] before = model.Predict(Images()).Values.ToArray();
        float[][] weights = [.. model.Weights.Select(w => w.GetValues())];
        Assert.True(meter.Bytes > 0);

        model.Unload();

        Assert.Equal((0, 0), (meter.Tensors, meter.Bytes));
        Assert.Null(model.Compiled);
        Assert.All(model.Weights, w => Assert.Null(w.Storage));
        Assert.Equal(weights, model.Weights.Select(w => w.GetValues()));
        Assert.Equal(before, model.Predict(Images()).Values.ToArray());
        model.Unload();
        model.Unload();
        Assert.Equal(0, meter.Tensors);
    }

    [Fact]
    public void A_model_that_never_ran_has_nothing_to_unload()
    {
        Model model = Network();
        model.Unload();
        Assert.Null(model.Compiled);
    }

    [Fact]
    public void Another_model_with_the_same_weights_trains_on_to_the_same_values()
    {
        (float[] Weights, float[] State) Train(bool unload)
        {
            Session.SetRandomSeed(5);
            Model model = Network();
            Model other = Model(model.Inputs[0], model.Outputs[0]);
            using CompiledModel compiled = model.Compile(
                new Sgd(0.1, momentum: 0.9) { EmaMomentum = 0.5 },
                "sparse_categorical_crossentropy"
            );
            for (int step = 0; step < 4; step++)
            {
                model.TrainOnBatch(Images(), new NDArray([2]));
                compiled.SwapAverages();
                _ = other.Predict(Images());
                if (unload)
                {
                    other.Unload();
                    _ = compiled.GetOptimizerState();
                    other.Unload();
                }
            }
            return (
                [.. model.Weights.SelectMany(w => w.GetValues())],
                [.. compiled.GetOptimizerState().Values.SelectMany(a => a.Values.ToArray())]
            );
        }

        (float[] Weights, float[] State) expected = Train(unload: false);
        (float[] Weights, float[] State) actual = Train(unload: true);
        Assert.Equal(expected.Weights, actual.Weights);
        Assert.Equal(expected.State, actual.State);
    }

    [Fact]
    public void A_storage_is_disposed_when_the_weight_moves_on()
    {
        Model model = Network();
        _ = model.Predict(Images());
        var storage = (TorchParameter)model.Weights[0].Storage!;
        model.Weights[0].MoveTo(null);
        Assert.Throws<ObjectDisposedException>(() => storage.Value.Handle);
    }

    [Fact]
    public void First_values_are_drawn_in_the_engine_s_memory_and_are_the_same()
    {
        Session.SetRandomSeed(8);
        float[][] drawn = [.. Network().Weights.Select(w => w.GetValues())];
        Session.SetRandomSeed(8);
        Model model = Network();
        _ = model.Predict(Images());
        Assert.Equal(drawn, model.Weights.Select(w => w.GetValues()));
    }

    private static Model Network()
    {
        Symbol input = Input(6, 6, 3);
        Symbol x = BatchNormalization()(Conv2D(4, 3, activation: "relu")(input));
        return Model(input, Dense(3, activation: "softmax")(Flatten()(x)));
    }

    private static NDArray Images()
    {
        var x = new NDArray([2, 6, 6, 3]);
        for (int i = 0; i < x.Values.Length; i++)
        {
            x.Values[i] = (i % 11) / 11f;
        }
        return x;
    }
}
