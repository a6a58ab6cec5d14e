using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Losses;

/// <summary>Losses where shapes, extremes or names are unusual.</summary>
public class LossShapeTests
{
    [Fact]
    public void A_sigmoid_that_rounds_to_0_or_1_has_an_exact_binary_crossentropy()
    {
        Symbol input = Input(1);
        Model model = Model(input, Dense(1, activation: "sigmoid")(input));
        model.Weights[0].SetValues([1]);
        foreach (Loss loss in (Loss[])["binary_crossentropy", new BinaryFocalCrossentropy(gamma: 0)])
        {
            model.Compile(new Sgd(0), loss);
            var x = new NDArray([2, 1], (float[])[200, -150]);
            var y = new NDArray([2], (float[])[0, 1]);
            Assert.Equal((200 + 150) / 2.0, model.TrainOnBatch(x, y)["loss"], 1e-4);
        }
    }

    [Fact]
    public void Rows_of_classes_in_images_have_the_mean_of_their_losses()
    {
        Session.SetRandomSeed(1);
        Symbol input = Input(2, 3, 2);
        Model model = Model(input, Conv2D(4, 1, activation: "softmax", name: "scores")(input));
        var x = new NDArray([2, 2, 3, 2], (float[])[.. Enumerable.Range(0, 24).Select(i => MathF.Sin(i))]);
        float[] labels = [.. Enumerable.Range(0, 12).Select(i => (float)(i % 4))];
        var dense = new NDArray([2, 2, 3, 4]);
        for (int i = 0; i < 12; i++)
        {
            dense.Values[(4 * i) + (int)labels[i]] = 1;
        }
        float[] p = model.Predict(x).Values.ToArray();
        double expected = Enumerable.Range(0, 12).Average(i => -Math.Log(p[(4 * i) + (int)labels[i]]));
        double right = Enumerable
            .Range(0, 12)
            .Average(i => Array.IndexOf(p, p[(4 * i)..((4 * i) + 4)].Max(), 4 * i) % 4 == labels[i] ? 1 : 0);
        foreach (Shape shape in (Shape[])[Shape.Of(2, 2, 3), Shape.Of(2, 2, 3, 1)])
        {
            model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", ["accuracy"]);
            IReadOnlyDictionary<string, double> logs = model.TestOnBatch(x, new NDArray(shape, labels));
            Assert.Equal(expected, logs["loss"], 1e-6);
            Assert.Equal(right, logs["accuracy"], 1e-9);
        }
        model.Compile(new Sgd(0.1), "categorical_crossentropy");
        Assert.Equal(expected, model.TestOnBatch(x, dense)["loss"], 1e-6);
        double first = model.TrainOnBatch(x, dense)["loss"];
        Assert.True(model.TrainOnBatch(x, dense)["loss"] < first);
    }

    [Fact]
    public void Targets_of_another_shape_are_refused_with_the_outputs_name()
    {
        Symbol input = Input(2);
        Model model = Model([input], [Dense(3, name: "first")(input), Dense(2, name: "second")(input)]);
        model.Compile(new Sgd(), ["mae", "kl_divergence"]);
        var x = new NDArray([4, 2]);
        string message = Refused(() => model.TrainOnBatch(x, (NDArray[])[new([4, 3]), new([4, 3])]));
        Assert.Equal(
            "second: kl_divergence: targets (None, 3) do not match the output (None, 2). Pass targets of the output's shape, or another loss.",
            message
        );
        // One value for three outputs would broadcast.
        Assert.StartsWith(
            "first: mean_absolute_error: targets (None, 1)",
            Refused(() => model.TrainOnBatch(x, (NDArray[])[new([4]), new([4, 2])])),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("mse", "mean_squared_error")]
    [InlineData("bce", "binary_crossentropy")]
    [InlineData("mape", "mean_absolute_percentage_error")]
    [InlineData("kld", "kl_divergence")]
    public void Names_and_configs_are_read(string name, string full)
    {
        Loss loss = name;
        Assert.Equal(full, loss.Name);
        Assert.Equal(loss.GetConfig().ToJsonString(), Loss.FromConfig(loss.GetConfig()).GetConfig().ToJsonString());
    }

    [Fact]
    public void Arguments_survive_a_config()
    {
        foreach (
            Loss loss in (Loss[])
                [
                    new BinaryFocalCrossentropy(true, 0.3, 1.5, true, 0.1),
                    new CategoricalFocalCrossentropy(0.3, 1.5, true, 0.1),
                    new Huber(0.5),
                    new BinaryCrossentropy(true, 0.2),
                ]
        )
        {
            Assert.Equal(loss.GetConfig().ToJsonString(), Loss.FromConfig(loss.GetConfig()).GetConfig().ToJsonString());
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new Huber(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BinaryFocalCrossentropy(alpha: 2));
    }

    private static string Refused(Action act) => Assert.Throws<LaminaException>(act).Message;
}
