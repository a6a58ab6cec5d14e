using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>Mistakes in Compile, Fit and loops of a program's own end in one line that names what and where.</summary>
public sealed class BadUseTests
{
    [Fact]
    public void A_loss_or_metric_for_an_output_that_is_not_there()
    {
        Model model = TwoOutputs();
        One<LaminaException>(
            "has no output 'mian'. Its outputs are main, side",
            () => model.Compile("sgd", namedLosses: new() { ["mian"] = "mse" })
        );
        One<LaminaException>("got 3 losses", () => model.Compile("sgd", losses: ["mse", "mse", "mse"]));
        One<LaminaException>("1 loss weights", () => model.Compile("sgd", losses: ["mse", "mse"], lossWeights: [1]));
        One<LaminaException>(
            "has no output 'none'",
            () => model.Compile("sgd", namedLosses: new() { ["main"] = "mse" }, metrics: new() { ["none"] = ["mae"] })
        );
        One<LaminaException>(
            "belongs to an output without a loss",
            () => model.Compile("sgd", namedLosses: new() { ["main"] = "mse" }, metrics: new() { ["side"] = ["mae"] })
        );
        One<LaminaException>("has 2 outputs: main, side", () => model.Compile("sgd", "mse"));
        model.Compile("sgd", namedLosses: new() { ["main"] = "mse" });
        One<LaminaException>(
            "'side'",
            () =>
                model.TrainOnBatch(
                    new NDArray([4, 3]),
                    new Dictionary<string, NDArray> { ["main"] = new([4, 2]), ["side"] = new([4, 2]) }
                )
        );
    }

    [Fact]
    public void A_negative_number_of_epochs_or_batches_of_nothing()
    {
        Model model = TwoOutputs();
        model.Compile("sgd", losses: ["mse", "mse"]);
        NDArray x = new([4, 3]);
        NDArray[] y = [new([4, 2]), new([4, 2])];
        One<ArgumentOutOfRangeException>(
            "epochs is -1; it must be at least 0.",
            () => model.Fit(x, y, epochs: -1, verbose: 0)
        );
        One<ArgumentOutOfRangeException>(
            "batchSize is 0; it must be at least 1.",
            () => model.Fit(x, y, batchSize: 0, verbose: 0)
        );
        One<ArgumentOutOfRangeException>(
            "stepsPerEpoch is 0; it must be at least 1.",
            () => model.Fit(x, y, stepsPerEpoch: 0, verbose: 0)
        );
        One<ArgumentOutOfRangeException>("batchSize is 0", () => model.PredictAll([x], batchSize: 0));
    }

    [Fact]
    public void Weights_of_the_wrong_length()
    {
        Model model = TwoOutputs();
        One<ShapeException>(
            "main/kernel (3, 2) requires 6 values, got 5",
            () => model.Weights[0].SetValues(new float[5])
        );
        One<ShapeException>("4", () => model.SetWeights([new NDArray([3, 2])]));
        NDArray[] turned = [new([2, 3]), new([2]), new([3, 2]), new([2])];
        One<ShapeException>("main/kernel", () => model.SetWeights(turned));
        model.Compile("sgd", losses: ["mse", "mse"]);
        NDArray x = new([4, 3]);
        NDArray[] y = [new([4, 2]), new([4, 2])];
        One<LaminaException>(
            "Sample weights (3,) do not match 4 samples",
            () => model.TrainOnBatch(x, y, sampleWeight: new NDArray([3]))
        );
        One<LaminaException>(
            "3 arrays of sample weights",
            () => model.TrainOnBatch(x, y, sampleWeight: new NDArray[] { new([4]), new([4]), new([4]) })
        );
    }

    [Fact]
    public void A_metric_for_the_wrong_shape()
    {
        Symbol input = Input(3);
        Model model = Model(input, Dense(5, activation: "softmax", name: "scores")(input));
        NDArray x = new([4, 3]);
        NDArray classes = new([4]);
        model.Compile("sgd", "sparse_categorical_crossentropy", ["mae"]);
        One<LaminaException>("The metric mae: ", () => model.TrainOnBatch(x, classes));
        One<LaminaException>("precision", () => new Precision().Update(new NDArray([4, 5]), new NDArray([4, 3])));
        One<LaminaException>("recall", () => new Recall().Update(new NDArray([4, 5]), new NDArray([3])));
        model.Compile("sgd", "sparse_categorical_crossentropy", [new MeanOf((_, o) => Ops.Slice(o, 1, 4, 3), "part")]);
        One<LaminaException>("The metric part: ", () => model.TrainOnBatch(x, classes));
    }

    // Every prediction would count as right, which looks like a good result.
    [Fact]
    public void A_top_k_of_more_than_all_classes()
    {
        Symbol input = Input(3);
        Model model = Model(input, Dense(4, activation: "softmax", name: "scores")(input));
        foreach (string name in (string[])["top_5_accuracy", "sparse_top_k_categorical_accuracy"])
        {
            One<LaminaException>(
                $"{name}: the output has 4 classes, fewer than k = 5",
                () => model.Compile("sgd", "sparse_categorical_crossentropy", [name])
            );
        }
        One<LaminaException>(
            "fewer than k = 3",
            () => new TopKCategoricalAccuracy(3).Update(new NDArray([2, 2]), new NDArray([2]))
        );
        model.Compile("sgd", "sparse_categorical_crossentropy", [new TopKCategoricalAccuracy(4)]);
        Assert.Equal(1, model.TestOnBatch(new NDArray([2, 3]), new NDArray([2]))["top_4_accuracy"]);
    }

    [Fact]
    public void A_gradient_that_does_not_reach_a_variable()
    {
        Symbol input = Input(3);
        Symbol hidden = Dense(2, name: "before")(input);
        Symbol output = Dense(1, name: "after")(Ops.OneHot(Ops.ArgMax(hidden), 2));
        Model model = Model(input, output);
        One<GraphException>("before/kernel: no gradient of", () => Gradients.Of(output, model.TrainableWeights));
        One<GraphException>(
            "before/kernel: no gradient of",
            () => new Sgd(0.1).Minimize(output, model.TrainableWeights)
        );
        One<GraphException>("before", () => Ops.Gradient(output, hidden));
        model.Compile("sgd", "mse");
        model.GetLayer("after").Trainable = false;
        model.Compile("sgd", "mse");
        One<LaminaException>(
            "Nothing can be trained",
            () => model.TrainOnBatch(new NDArray([2, 3]), new NDArray([2, 1]))
        );
    }

    private static Model TwoOutputs()
    {
        Symbol input = Input(3);
        return Model([input], [Dense(2, name: "main")(input), Dense(2, name: "side")(input)]);
    }

    private static void One<T>(string part, Action action)
        where T : Exception
    {
        T e = Assert.ThrowsAny<T>(action);
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
