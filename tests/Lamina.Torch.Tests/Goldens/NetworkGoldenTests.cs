using static Lamina.Layers;

namespace Lamina.Torch.Tests.Goldens;

/// <summary>Ten training steps of a small network against PyTorch's, to 1e-5.</summary>
public abstract class NetworkGoldenTests(Device device)
{
    private const double Tolerance = 1e-5;

    // Ten steps apart, with the sums of batch normalization in float32.
    private readonly double _last = device == Device.Cpu ? Tolerance : 2 * Tolerance;
    private readonly Golden _golden = Golden.Load("network.json");

    [Fact]
    public void Ten_steps_are_those_of_PyTorch()
    {
        Model model = Build();
        model.Compile(Optimizer(), "sparse_categorical_crossentropy", ["accuracy"], device: device);
        foreach ((int step, NDArray x, NDArray y) in Batches())
        {
            IReadOnlyDictionary<string, double> logs = model.TrainOnBatch(x, y);
            Assert.Equal(_golden["losses"].Numbers[step], logs["loss"], Tolerance);
            Assert.Equal(_golden["accuracies"].Numbers[step], logs["accuracy"], 1e-6);
            if (step == 0)
            {
                AssertWeights(_golden["afterFirstStep"], model);
            }
        }
        AssertWeights(_golden["final"], model);

        NDArray images = _golden["pixels"].Pixels;
        AssertClose(_golden["probabilities"].Tensor, model.Predict(images).Values, "probabilities");
        AssertClose(_golden["probabilities"].Tensor, model.Predict(images, batchSize: 5).Values, "in batches of 5");
        NDArray labels = Labels([.. Enumerable.Range(0, images.Count)]);
        double expected = Enumerable
            .Range(0, images.Count)
            .Average(i => -Math.Log(_golden["probabilities"].Tensor[i, (int)labels.Values[i]]));
        Assert.Equal(expected, model.Evaluate(images, labels, 5)["loss"], Tolerance);
    }

    [Fact]
    public void Without_a_softmax_the_loss_from_logits_takes_the_same_steps()
    {
        Model model = Build(softmax: false);
        model.Compile(Optimizer(), new SparseCategoricalCrossentropy(fromLogits: true), device: device);
        foreach ((int step, NDArray x, NDArray y) in Batches())
        {
            Assert.Equal(_golden["losses"].Numbers[step], model.TrainOnBatch(x, y)["loss"], Tolerance);
        }
        AssertWeights(_golden["final"], model);
        AssertClose(_golden["logits"].Tensor, model.Predict(_golden["pixels"].Pixels).Values, "logits", _last);
    }

    [Fact]
    public void The_biased_moving_variance_of_Keras_3_differs_in_that_alone()
    {
        Model model = Build(unbiased: false);
        model.Compile(Optimizer(), "sparse_categorical_crossentropy", device: device);
        foreach ((int step, NDArray x, NDArray y) in Batches())
        {
            Assert.Equal(_golden["losses"].Numbers[step], model.TrainOnBatch(x, y)["loss"], Tolerance);
        }
        const string variance = "batch_normalization/moving_variance";
        AssertWeights(_golden["final"], model, except: variance);
        float[] values = model.Weights.Single(w => w.Path == variance).GetValues();
        AssertClose(_golden["finalBiasedMovingVariance"].Tensor, values, variance);
    }

    [Fact]
    public void Frozen_layers_stay_and_the_others_take_the_same_first_step()
    {
        Model model = Build();
        model.GetLayer("conv2d").Trainable = false;
        model.GetLayer("dense").Trainable = false;
        model.Compile(Optimizer(), "sparse_categorical_crossentropy", device: device);
        (_, NDArray x, NDArray y) = Batches().First();
        Assert.Equal(_golden["losses"].Numbers[0], model.TrainOnBatch(x, y)["loss"], Tolerance);
        foreach (Weight weight in model.Weights)
        {
            bool frozen =
                weight.Path.StartsWith("conv2d/", StringComparison.Ordinal)
                || weight.Path.StartsWith("dense/", StringComparison.Ordinal);
            Golden expected = _golden[frozen ? "initial" : "afterFirstStep"][weight.Path];
            AssertClose(expected.Tensor, weight.GetValues(), weight.Path, frozen ? 0 : Tolerance);
        }
    }

    private Sgd Optimizer() => new(_golden["rate"].Number, momentum: _golden["momentum"].Number);

    private Model Build(bool softmax = true, bool unbiased = true)
    {
        Symbol input = Input(28, 18, 3);
        Symbol x = Conv2D(6, 7, strides: 4, padding: "same", activation: "relu", name: "conv2d")(input);
        x = BatchNormalization(unbiasedMovingVariance: unbiased, name: "batch_normalization")(x);
        x = MaxPool2D(3, strides: 2)(x);
        x = Flatten()(x);
        x = Dense(12, activation: "relu", name: "dense")(x);
        Symbol output = Dense(5, activation: softmax ? "softmax" : "linear", name: "dense_1")(x);
        Model model = Model(input, output);
        foreach (Weight weight in model.Weights)
        {
            NDArray values = _golden["initial"][weight.Path].Tensor;
            Assert.Equal(values.Shape, weight.Shape);
            weight.SetValues(values.Values);
        }
        return model;
    }

    private IEnumerable<(int Step, NDArray X, NDArray Y)> Batches()
    {
        NDArray images = _golden["pixels"].Pixels;
        int step = 0;
        foreach (Golden batch in _golden["batches"].Items)
        {
            int[] rows = batch.Integers;
            float[] x = [.. rows.SelectMany(i => images.Samples(i, 1).Values.ToArray())];
            yield return (step++, new NDArray(images.Shape.WithBatch(rows.Length), x), Labels(rows));
        }
    }

    private NDArray Labels(int[] rows)
    {
        int[] labels = _golden["labels"].Integers;
        return new NDArray(Shape.Of(rows.Length), rows.Select(i => (float)labels[i]).ToArray());
    }

    private static void AssertWeights(Golden expected, Model model, string? except = null)
    {
        Assert.Equal(expected.Parts.Select(p => p.Name).Order(), model.Weights.Select(w => w.Path).Order());
        foreach (Weight weight in model.Weights.Where(w => w.Path != except))
        {
            AssertClose(expected[weight.Path].Tensor, weight.GetValues(), weight.Path);
        }
    }

    private static void AssertClose(
        NDArray expected,
        ReadOnlySpan<float> actual,
        string what,
        double tolerance = Tolerance
    )
    {
        Assert.Equal(expected.Values.Length, actual.Length);
        for (int i = 0; i < actual.Length; i++)
        {
            float e = expected.Values[i];
            Assert.True(Math.Abs(e - actual[i]) <= tolerance, $"{what} at {i}: expected {e}, got {actual[i]}");
        }
    }
}

/// <inheritdoc/>
public sealed class NetworkGoldenOnCpuTests() : NetworkGoldenTests(Device.Cpu);

/// <inheritdoc/>
public sealed class NetworkGoldenOnPortableTests() : NetworkGoldenTests(Device.Portable);
