using Lamina.Torch.Tests.Training.Optimizers;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>Penalties on weights and outputs, losses that layers add, and conditions on weights.</summary>
public abstract class RegularizerTests(Device device) : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-penalties-").FullName;

    public void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_penalty_on_weights_adds_its_sum_and_its_slope()
    {
        (NDArray x, NDArray y) = TinyModels.Data(5);
        Model plain = Network(null);
        Model penalized = Network("l2");
        plain.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", device: device);
        penalized.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", device: device);
        double penalty = 0;
        float[][] start = [.. plain.Weights.Select(w => w.GetValues())];
        foreach (string path in (string[])["conv/kernel", "scores/kernel"])
        {
            penalty += plain.Weights.Single(w => w.Path == path).GetValues().Sum(v => 0.01 * v * v);
        }
        penalty += 0.05 * plain.Weights.Single(w => w.Path == "scores/bias").GetValues().Sum(v => Math.Abs((double)v));
        Assert.Equal(plain.TestOnBatch(x, y)["loss"] + penalty, penalized.TestOnBatch(x, y)["loss"], 1e-5);
        double loss = plain.TrainOnBatch(x, y)["loss"];
        Assert.Equal(loss + penalty, penalized.TrainOnBatch(x, y)["loss"], 1e-5);
        for (int w = 0; w < start.Length; w++)
        {
            float[] moved = plain.Weights[w].GetValues();
            Func<float, double> slope = plain.Weights[w].Path switch
            {
                "conv/kernel" or "scores/kernel" => v => 0.02 * v,
                "scores/bias" => v => 0.05 * Math.Sign(v),
                _ => _ => 0,
            };
            TinyModels.AssertNear(
                [.. moved.Select((v, i) => v - (0.1 * slope(start[w][i])))],
                penalized.Weights[w],
                1e-6
            );
        }
    }

    // Two samples, (1, −2) and (3, 0): 0.1 · 3 + 0.5 · 5 and 0.1 · 3 + 0.5 · 9, on average.
    [Fact]
    public void A_layer_penalizes_what_passes_through_it()
    {
        Symbol input = Input(2);
        Model model = Model(input, ActivityRegularization(0.1, 0.5)(Dense(2, kernelInitializer: "identity")(input)));
        model.Compile(new Sgd(0.1), "mse", device: device);
        NDArray x = NDArray.From(
            new float[,]
            {
                { 1, -2 },
                { 3, 0 },
            }
        );
        Assert.Equal(x.Values.ToArray(), model.Predict(x).Values.ToArray());
        Assert.Equal(0.3 + (0.5 * 7), model.TrainOnBatch(x, x)["loss"], 1e-5);
        // The slope of the bias: 0.1 · sign(x) + x, on average over samples.
        TinyModels.AssertNear([-0.1f * (0.1f + 2), 0.1f * (0.05f + 1)], model.Weights[1], 1e-6);
        Assert.Equal(0.5, model.Clone().Layers.OfType<ActivityRegularization>().Single().L2);
    }

    // Rows (1, 0), (1, 1) and (0, −2): the cosines of the pairs are 1/√2, 0 and −1/√2.
    [Fact]
    public void Rows_or_columns_that_are_not_orthogonal_are_penalized()
    {
        Symbol input = Input(3);
        Dense rows = new(2, name: "rows");
        rows.SetRegularizer("kernel", new OrthogonalRegularizer(0.3));
        Dense columns = new(2);
        columns.SetRegularizer("kernel", new OrthogonalRegularizer(0.3, "columns"));
        Model model = Model([input], [rows.Apply(input), columns.Apply(input)]);
        float[] kernel = [1, 0, 1, 1, 0, -2];
        rows.Weights[0].SetValues(kernel);
        columns.Weights[0].SetValues(kernel);
        using GradientFunction function = Gradients.Of(
            model.Losses[0],
            rows.Weights[0],
            new GradientOptions { Device = device, Values = [model.Losses[1]] }
        );
        GradientResult result = function.Run();
        Assert.Equal(0.3 * Math.Sqrt(2) / 3, result.Loss.Values[0], 1e-6);
        // Columns (1, 1, 0) and (0, 1, −2).
        Assert.Equal(0.3 / Math.Sqrt(10), result.Values[0].Values[0], 1e-6);
        for (int i = 0; i < kernel.Length; i++)
        {
            Assert.Equal((Moved(i, 0.01f) - Moved(i, -0.01f)) / 0.02, result.Gradients[0].Values[i], 2e-3);
        }
        ShapeException e = Assert.Throws<ShapeException>(() => new OrthogonalRegularizer().Call(input));
        Assert.Contains("weights of two dimensions", e.Message, StringComparison.Ordinal);

        double Moved(int index, float by)
        {
            float[] values = [.. kernel];
            values[index] += by;
            rows.Weights[0].SetValues(values);
            return function.Run().Loss.Values[0];
        }
    }

    [Fact]
    public void Penalties_of_separable_convolutions_have_Keras_names_and_count()
    {
        Symbol input = Input(4, 4, 2);
        Model model = Model(
            input,
            SeparableConv2D(
                3,
                2,
                depthwiseRegularizer: new L2(0.1),
                pointwiseRegularizer: new L1(0.2),
                depthwiseConstraint: new NonNeg()
            )(DepthwiseConv2D(2, depthwiseRegularizer: new L2(0.3))(input))
        );
        Assert.Contains("\"depthwise_regularizer\":{\"class_name\":\"L2\"", model.ToJson(), StringComparison.Ordinal);
        Model again = Lamina.Model.FromJson(model.ToJson());
        foreach (Model each in (Model[])[model, again])
        {
            foreach ((Weight weight, Weight source) in each.Weights.Zip(model.Weights))
            {
                weight.SetValues(source.GetValues());
            }
            double expected =
                (0.3 * Sum(each.Weights[0], v => v * v))
                + (0.1 * Sum(each.Weights[2], v => v * v))
                + (0.2 * Sum(each.Weights[3], Math.Abs));
            each.Compile("sgd", "mse", device: device);
            NDArray x = new([1, 4, 4, 2]);
            // Of zeros the output is the bias, which is 0.
            Assert.Equal(expected, each.TestOnBatch(x, new NDArray([1, 2, 2, 3]))["loss"], 1e-5);
            Assert.IsType<NonNeg>(each.Weights[2].Constraint);
        }

        static double Sum(Weight weight, Func<double, double> of) => weight.GetValues().Sum(v => of(v));
    }

    [Fact]
    public void A_frozen_weight_has_no_penalty()
    {
        (NDArray x, NDArray y) = TinyModels.Data(5);
        Model model = Network("l2");
        model.GetLayer("conv").Trainable = false;
        model.GetLayer("scores").Trainable = false;
        model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", device: device);
        Model plain = Network(null);
        plain.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", device: device);
        Assert.Equal(plain.TestOnBatch(x, y)["loss"], model.TestOnBatch(x, y)["loss"], 1e-6);
    }

    // y = x · w + b: the outputs are 1 and 3, so the penalty is 0.1 · (1 + 9) / 2 and its slope by y 0.2 · y / 2.
    [Fact]
    public void A_penalty_on_outputs_is_the_mean_over_samples()
    {
        Symbol input = Input(2);
        Model model = Model(input, Dense(1, activityRegularizer: new L2(0.1), name: "line")(input));
        model.Weights[0].SetValues([1, 1]);
        model.Compile(new Sgd(1), "mse", device: device);
        var x = new NDArray([2, 2], (float[])[1, 0, 1, 2]);
        Assert.Equal(0.5, model.TrainOnBatch(x, new NDArray([2, 1], (float[])[1, 3]))["loss"], 1e-6);
        TinyModels.AssertNear([1 - 0.1 - 0.3, 1 - 0.6], model.Weights[0]);
        TinyModels.AssertNear([-0.4], model.Weights[1]);
    }

    [Fact]
    public void A_layer_adds_to_the_loss_wherever_it_is_applied()
    {
        Symbol inner = Input(2);
        Model nested = Model(inner, new Pulled().Apply(inner));
        Symbol left = Input(2);
        Symbol right = Input(2);
        Model model = Model([left, right], [Add()(nested.Apply(left), nested.Apply(right))]);
        model.Compile(new Sgd(0.5), "mse", device: device);
        var a = new NDArray([2, 2], (float[])[1, 2, 3, 4]);
        var b = new NDArray([2, 2], (float[])[0, 0, 2, 0]);
        // 2 of both applications' scale, and the means of the squares: (1 + 4 + 9 + 16) / 2 and 4 / 2.
        Assert.Equal(15 + 2 + (2 * 2), Loss(), 1e-5);
        model.TrainOnBatch((NDArray[])[a, b], new NDArray([2, 2], (float[])[1, 2, 5, 4]));
        // The slope of the scale is that of the mean squares, 2 · 17, and of 2 · scale twice; mse has none at the start.
        TinyModels.AssertNear([1 - (0.5 * ((2 * 17) + 4))], model.Weights[0], 1e-4);

        double Loss() => model.TestOnBatch((NDArray[])[a, b], new NDArray([2, 2], (float[])[1, 2, 5, 4]))["loss"];
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("lion")]
    public void A_condition_holds_after_each_update(string optimizer)
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        Session.SetRandomSeed(5);
        Symbol input = Input(6, 6, 2);
        Symbol h = Conv2D(4, 3, kernelConstraint: new MaxNorm(0.5, [0, 1, 2]), name: "conv")(input);
        h = Dense(5, kernelConstraint: "unit_norm", biasConstraint: "non_neg")(Flatten()(h));
        Model model = Model(input, Dense(3, activation: "softmax", kernelConstraint: new Halved())(h));
        model.Compile(
            optimizer == "sgd" ? new Sgd(0.3, momentum: 0.9) { GradientAccumulationSteps = 2 } : new Lion(0.1),
            "sparse_categorical_crossentropy",
            device: device
        );
        for (int step = 0; step < 4; step++)
        {
            model.TrainOnBatch(x, y);
        }
        float[] conv = model.Weights[0].GetValues();
        double[] norms = [.. Enumerable.Range(0, 4).Select(f => Norm(conv, f, 4))];
        Assert.All(norms, n => Assert.InRange(n, 0, 0.5 + 1e-5));
        Assert.Contains(norms, n => n > 0.49);
        float[] dense = model.Weights[2].GetValues();
        Assert.All(Enumerable.Range(0, 5), u => Assert.Equal(1, Norm(dense, u, 5), 1e-5));
        Assert.All(model.Weights[3].GetValues(), v => Assert.True(v >= 0));
        Assert.All(model.Weights[4].GetValues(), v => Assert.InRange(v, -0.5f, 0.5f));
    }

    [Fact]
    public void A_stopped_run_goes_on_to_the_same_bytes()
    {
        float[] whole = Run("whole", null)!;
        Assert.Null(Run("stopped", 3));
        string message = Assert.Throws<LaminaException>(() => Run("stopped", null, new L2(0.02))).Message;
        Assert.Contains("model", message, StringComparison.Ordinal);
        Assert.Equal(whole, Run("stopped", null));
    }

    private float[]? Run(string name, int? stopAt, Regularizer? regularizer = null)
    {
        (NDArray x, NDArray y) = TinyModels.Data(8);
        Model model = Network(regularizer ?? "l2");
        model.Weights[0].Constraint = "unit_norm";
        model.Compile(new Adam(0.01), "sparse_categorical_crossentropy", device: device);
        using var source = new CancellationTokenSource();
        int steps = 0;
        var stopper = new LambdaCallback(onTrainBatchEnd: _ =>
        {
            if (++steps == stopAt)
            {
                source.Cancel();
            }
        });
        History history = model.Fit(
            x,
            y,
            4,
            2,
            callbacks: [stopper, new BackupAndRestore(Path.Combine(_root, name))],
            verbose: 0,
            cancellation: source.Token
        );
        return history.Cancelled ? null : TinyModels.Bytes(model);
    }

    private static double Norm(float[] values, int column, int columns) =>
        Math.Sqrt(values.Where((_, i) => i % columns == column).Sum(v => (double)v * v));

    private static Model Network(Regularizer? regularizer)
    {
        Session.SetRandomSeed(3);
        Symbol input = Input(6, 6, 2);
        Symbol x = Conv2D(4, 3, activation: "tanh", kernelRegularizer: regularizer, name: "conv")(input);
        x = Dense(
            3,
            activation: "softmax",
            biasInitializer: "random_normal",
            kernelRegularizer: regularizer,
            biasRegularizer: regularizer is null ? null : new L1(0.05),
            name: "scores"
        )(Flatten()(x));
        return Model(input, x);
    }

    private sealed class Pulled() : Layer("pulled")
    {
        private Weight? _scale;

        protected override void Build(IReadOnlyList<Shape> inputs) => _scale = AddWeight("scale", Shape.Of(1), "ones");

        protected override Symbol Call(IReadOnlyList<Symbol> inputs)
        {
            Symbol y = inputs[0] * _scale!.Symbol;
            AddLoss(2 * Ops.Sum(_scale.Symbol));
            AddLoss(Ops.Sum(Ops.Square(y), [1]));
            return y;
        }
    }

    private sealed record Halved : Constraint
    {
        public override Symbol Call(Symbol weight) => Ops.Clip(weight, -0.5, 0.5);
    }
}

/// <inheritdoc/>
public sealed class RegularizerOnCpuTests() : RegularizerTests(Device.Cpu);

/// <inheritdoc/>
public sealed class RegularizerOnPortableTests() : RegularizerTests(Device.Portable);
