using Lamina.Torch.Tests.Training.Optimizers;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>The loss of validation, and the logits that it can be computed from afterwards.</summary>
public class ValidationLossTests
{
    private static readonly Loss s_smooth = new SparseCategoricalCrossentropy(labelSmoothing: 0.2);

    [Theory]
    [InlineData(1)]
    [InlineData(400)]
    public void A_validation_loss_of_its_own_has_no_label_smoothing(float scale)
    {
        (NDArray x, NDArray y) = TinyModels.Data(7);
        Model model = Diverged(scale);
        using CompiledModel compiled = model.Compile(
            new Sgd(0.01),
            s_smooth,
            validationLoss: "sparse_categorical_crossentropy"
        );
        History history = model.Fit(
            x,
            y,
            3,
            validation: new ArraySource(x, y, 3),
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken
        );
        double expected = Crossentropy(model.PredictLogits(x), y);
        Assert.True(scale == 1 || expected > 16.2);
        Assert.Equal(expected, history.Epochs[0].Logs["val_loss"], 1e-6 * expected);
        // The compiled loss is what Evaluate reports, as in Keras.
        Assert.NotEqual(expected, model.Evaluate(x, y)["loss"], 1e-2 * expected);
        Assert.Equal(model.TestOnBatch(x, y)["loss"], model.Evaluate(x, y, 7)["loss"], 1e-12);
    }

    [Fact]
    public void Without_one_validation_has_the_compiled_loss()
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        Model model = Diverged(1);
        using CompiledModel compiled = model.Compile(new Sgd(0), s_smooth);
        Assert.Same(compiled.Loss, compiled.ValidationLoss);
        History history = model.Fit(
            x,
            y,
            validation: new ArraySource(x, y, 6),
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal(model.Evaluate(x, y)["loss"], history.Epochs[0].Logs["val_loss"]);
    }

    [Fact]
    public void A_validation_loss_may_read_the_output_where_the_loss_reads_logits()
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        var dense = new NDArray([6, 3]);
        for (int i = 0; i < 6; i++)
        {
            dense[i, (int)y.Values[i]] = 1;
        }
        Model model = Diverged(1);
        using CompiledModel compiled = model.Compile(new Sgd(0), "categorical_crossentropy", validationLoss: "mse");
        History history = model.Fit(
            x,
            dense,
            validation: new ArraySource(x, dense, 6),
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken
        );
        float[] outputs = model.Predict(x).Values.ToArray();
        double expected = outputs.Zip(dense.Values.ToArray(), (p, t) => Math.Pow(p - t, 2)).Average();
        Assert.Equal(expected, history.Epochs[0].Logs["val_loss"], 1e-6);
    }

    [Fact]
    public void Logits_are_what_goes_into_the_softmax_before_and_after_Predict()
    {
        (NDArray x, _) = TinyModels.Data(5);
        Model model = Diverged(1);
        float[] before = model.Predict(x, 2).Values.ToArray();
        NDArray logits = model.PredictLogits(x, 2);
        Assert.Equal(before, model.Predict(x, 2).Values.ToArray());
        AssertSoftmax(logits, before);
        using QuantizedModel quantized = model.Quantize(x, cancellation: TestContext.Current.CancellationToken);
        AssertSoftmax(quantized.PredictLogits(x, 2), quantized.Predict(x, 2).Values.ToArray());
        model.DensePrecision = WeightPrecision.Float16;
        AssertSoftmax(model.PredictLogits(x, 2), model.Predict(x, 2).Values.ToArray());
    }

    [Fact]
    public void Without_a_softmax_the_output_is_the_logits()
    {
        Model line = TinyModels.Line(1, 2, 3);
        var x = new NDArray([1, 2], (float[])[4, 5]);
        Assert.Equal(line.Predict(x).Values.ToArray(), line.PredictLogits(x).Values.ToArray());
        Symbol input = Input(2);
        Model two = Model([input], [Dense(1)(input), Dense(1)(input)]);
        Assert.Contains(
            "2 outputs",
            Assert.Throws<ShapeException>(() => two.PredictLogits(x)).Message,
            StringComparison.Ordinal
        );
    }

    private static Model Diverged(float scale)
    {
        Model model = TinyModels.Network(4);
        Weight kernel = model.Weights.Single(w => w.Path == "scores/kernel");
        kernel.SetValues([.. kernel.GetValues().Select(v => v * scale)]);
        return model;
    }

    private static void AssertSoftmax(NDArray logits, float[] probabilities)
    {
        for (int i = 0; i < logits.Count; i++)
        {
            double sum = Enumerable.Range(0, 3).Sum(c => Math.Exp(logits[i, c]));
            for (int c = 0; c < 3; c++)
            {
                Assert.Equal(Math.Exp(logits[i, c]) / sum, probabilities[(i * 3) + c], 1e-6);
            }
        }
    }

    private static double Crossentropy(NDArray logits, NDArray labels) =>
        Enumerable
            .Range(0, logits.Count)
            .Average(i =>
            {
                double largest = Enumerable.Range(0, 3).Max(c => logits[i, c]);
                double sum = Enumerable.Range(0, 3).Sum(c => Math.Exp(logits[i, c] - largest));
                return largest + Math.Log(sum) - logits[i, (int)labels.Values[i]];
            });
}
