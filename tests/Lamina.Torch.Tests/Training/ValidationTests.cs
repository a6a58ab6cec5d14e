using Lamina.Torch.Tests.Training.Optimizers;

namespace Lamina.Torch.Tests.Training;

/// <summary>The last validation of a training is what Evaluate and Predict then say of the same weights.</summary>
public class ValidationTests
{
    private static Optimizer Create(string name, double? momentum) =>
        name switch
        {
            "sgd" => new Sgd(0.05, momentum: 0.9) { EmaMomentum = momentum },
            "nesterov" => new Sgd(0.05, momentum: 0.9, nesterov: true) { EmaMomentum = momentum },
            "clipped" => new Sgd(0.05) { EmaMomentum = momentum, ClipNorm = 0.1 },
            "accumulated" => new Sgd(0.05) { EmaMomentum = momentum, GradientAccumulationSteps = 2 },
            "adam" => new Adam(0.01) { EmaMomentum = momentum },
            "adamw" => new AdamW(0.01) { EmaMomentum = momentum },
            "lars" => new Lars(0.1) { EmaMomentum = momentum },
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };

    public static TheoryData<string, double?, WeightPrecision> Cases
    {
        get
        {
            var cases = new TheoryData<string, double?, WeightPrecision>();
            foreach (string name in (string[])["sgd", "nesterov", "clipped", "accumulated", "adam", "adamw", "lars"])
            {
                foreach (double? momentum in (double?[])[null, 0.8])
                {
                    cases.Add(name, momentum, WeightPrecision.Float32);
                    cases.Add(name, momentum, WeightPrecision.Float16);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_last_validation_is_what_Evaluate_says(string optimizer, double? momentum, WeightPrecision precision)
    {
        (NDArray x, NDArray y) = TinyModels.Data(9);
        Model model = TinyModels.Network(4, noisy: true);
        model.DensePrecision = precision;
        using CompiledModel compiled = model.Compile(
            Create(optimizer, momentum),
            "sparse_categorical_crossentropy",
            ["accuracy"]
        );
        var predictions = new Predictions(model, x);
        History history = model.Fit(
            x,
            y,
            3,
            4,
            validation: new ArraySource(x, y, 4),
            callbacks: [predictions],
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken
        );

        // The same weights in a model that has never seen others.
        Model fresh = TinyModels.Network(5, noisy: true);
        for (int i = 0; i < fresh.Weights.Count; i++)
        {
            fresh.Weights[i].SetValues(model.Weights[i].GetValues());
        }
        fresh.DensePrecision = precision;
        using CompiledModel other = fresh.Compile(new Sgd(0), "sparse_categorical_crossentropy", ["accuracy"]);
        IReadOnlyDictionary<string, double> values = fresh.Evaluate(x, y, 4);
        Assert.Equal(values["loss"], history.Epochs[^1].Logs["val_loss"]);
        Assert.Equal(values["accuracy"], history.Epochs[^1].Logs["val_accuracy"]);
        Assert.Equal(fresh.Predict(x, 4).Values.ToArray(), predictions.Last);
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("nesterov")]
    [InlineData("clipped")]
    [InlineData("accumulated")]
    [InlineData("adam")]
    [InlineData("adamw")]
    [InlineData("lars")]
    public void An_update_counts_as_a_write_to_the_weight_and_to_its_average(string optimizer)
    {
        (NDArray x, NDArray y) = TinyModels.Data(4);
        Model model = TinyModels.Network(4);
        using CompiledModel compiled = model.Compile(Create(optimizer, 0.8), "sparse_categorical_crossentropy");
        Weight weight = model.Weights.Single(w => w.Path == "hidden/kernel");
        model.TrainOnBatch(x, y);
        Tensor value = ((TorchParameter)weight.Storage!).Value;
        compiled.SwapAverages();
        Tensor average = ((TorchParameter)weight.Storage!).Value;
        compiled.SwapAverages();
        foreach (Tensor tensor in (Tensor[])[value, average])
        {
            float[] before = tensor.AsSpan().ToArray();
            long version = tensor.Version;
            model.TrainOnBatch(x, y);
            model.TrainOnBatch(x, y);
            Assert.NotEqual(before, tensor.AsSpan().ToArray());
            Assert.NotEqual(version, tensor.Version);
        }
    }

    [Fact]
    public void A_write_through_a_view_counts_for_all_that_share_the_storage()
    {
        using Tensor x = Tensor.Zeros([6]);
        using Tensor view = x.View(2, 3);
        using Tensor second = view.Duplicate();
        long version = x.Version;
        second.WriteSpan()[0] = 1;
        Assert.True(x.Version > version);
        Assert.Equal(x.Version, view.Version);
        version = x.Version;
        Aten.MulInPlace(view, 2);
        Assert.True(x.Version > version);
    }

    /// <summary>Predicts at the end of each epoch, so that packed weights of the epoch before are there.</summary>
    private sealed class Predictions(Model model, NDArray x) : Callback
    {
        public float[] Last { get; private set; } = [];

        public override void OnEpochEnd(EpochLog log) => Last = model.Predict(x, 4).Values.ToArray();
    }
}
