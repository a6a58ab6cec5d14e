using static Lamina.Layers;

namespace Lamina.Torch.Tests.LayerTests;

/// <summary>Predictions of models of any size, which equal those of the model built for that size.</summary>
public class UnknownSizesTests
{
    [Fact]
    public void Predictions_equal_those_of_a_model_of_that_size()
    {
        Session.Clear();
        Model any = Build(Input(null, null, 3));
        foreach (
            (int height, int width) in ((int, int)[])[(9, 7), (12, 12), (9, 7), (5, 20), (6, 6), (7, 7), (8, 8), (9, 7)]
        )
        {
            Model known = Build(Input(height, width, 3));
            for (int i = 0; i < any.Weights.Count; i++)
            {
                known.Weights[i].SetValues(any.Weights[i].GetValues());
            }
            var images = new NDArray([2, height, width, 3]);
            var random = new RandomStream(height, RandomPurpose.User);
            foreach (ref float value in images.Values)
            {
                value = random.NextSingle();
            }
            NDArray y = any.Predict(images);
            Assert.Equal(known.Outputs[0].Shape.Sample, y.Shape.Sample);
            Assert.Equal(known.Predict(images).Values.ToArray(), y.Values.ToArray());
        }
    }

    [Fact]
    public void Training_asks_for_a_size_and_then_moves_the_shared_weights()
    {
        Model any = Build(Input(null, null, 3));
        LaminaException error = Assert.ThrowsAny<LaminaException>(() =>
        {
            any.Compile(new Sgd(0.1), "mse");
            any.TrainOnBatch(new NDArray([2, 8, 8, 3]), new NDArray([2, 8, 8, 2]));
        });
        Assert.Contains("ForInput", error.Message, StringComparison.Ordinal);
        Model sized = any.ForInput(Shape.Of(8, 8, 3));
        sized.Compile(new Sgd(0.1), "mse");
        float[] before = any.Weights[0].GetValues();
        var images = new NDArray([2, 8, 8, 3]);
        images.Values.Fill(1);
        var targets = new NDArray(sized.Outputs[0].Shape.WithBatch(2));
        targets.Values.Fill(1);
        sized.TrainOnBatch(images, targets);
        Assert.NotEqual(before, any.Weights[0].GetValues());
    }

    private static Model Build(Symbol input)
    {
        Symbol x = MaxPool2D(2, padding: "same")(Conv2D(4, 3, padding: "same", activation: "relu")(input));
        x = UpSampling2D(2, "bilinear")(BatchNormalization()(x)) * GlobalMaxPooling2D(keepDims: true)(x);
        return new Model(input, Conv2D(2, 1)(x));
    }
}
