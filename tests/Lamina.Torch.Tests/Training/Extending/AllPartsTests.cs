using CustomLayer;
using Extending;
using Lamina.Torch.Tests.LayerTests;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Extending;

/// <summary>All parts of the samples together: trained, saved, loaded and trained on, on both backends.</summary>
public sealed class AllPartsTests : IDisposable
{
    private const int Batch = 16;

    private readonly string _root = Directory.CreateTempSubdirectory("lamina-parts-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("cpu")]
    [InlineData("portable")]
    public void A_model_of_them_trains_and_survives_its_file(string name)
    {
        var device = Device.Parse(name);
        (NDArray x, NDArray y) = Stripes.Make(64);
        using CompiledModel compiled = Compile(Network(), device);
        Model model = compiled.Model;
        IReadOnlyDictionary<string, double> before = model.Evaluate(x, y);
        model.Fit(new Inverted(x, y), epochs: 12, verbose: 0, cancellation: TestContext.Current.CancellationToken);
        IReadOnlyDictionary<string, double> after = model.Evaluate(x, y);
        Assert.True(after["loss"] < 0.7 * before["loss"], $"{before["loss"]} to {after["loss"]}");
        Assert.InRange(after["f1"], before["f1"] + 0.05, 1);

        string path = Path.Combine(_root, "model.lamina");
        ModelFile.Save(model, path, new SaveOptions { OptimizerState = compiled.GetOptimizerState() });
        SavedModel loaded = ModelFile.Load(path);
        Assert.Equal(model.Predict(x).Values.ToArray(), loaded.Model.Predict(x, device: device).Values.ToArray());
        using CompiledModel resumed = Compile(loaded.Model, device);
        resumed.SetOptimizerState(loaded.OptimizerState!);
        // The momentum and the place in the schedule are those of the first run.
        model.TrainOnBatch(x, y);
        loaded.Model.TrainOnBatch(x, y);
        Assert.Equal(model.Weights.SelectMany(w => w.GetValues()), loaded.Model.Weights.SelectMany(w => w.GetValues()));
    }

    [Fact]
    public void Gradients_of_the_layer_are_those_of_finite_differences() =>
        LayerCheck.Run(
            x => new RmsNormalization().Apply(x[0]),
            [
                [3, 4],
            ]
        );

    [Fact]
    public void Each_part_fits_a_screen()
    {
        string[] parts = ["FocalLoss", "F1", "SignMomentum", "Triangular", "RandomInvert", "LecunNormal"];
        foreach (string part in parts)
        {
            string file = Path.Combine(AppContext.BaseDirectory, "Training", "Extending", $"{part}.cs");
            Assert.True(File.ReadLines(file).Count() < 40, file);
        }
    }

    private static Model Network()
    {
        Session.Clear();
        Session.SetRandomSeed(2);
        Initializers.Register<LecunNormal>();
        LayerRegistry.Register<RmsNormalization>();
        Symbol input = Input(8, 8, 1);
        Symbol x = Conv2D(8, 3, activation: "relu", kernelInitializer: new LecunNormal())(input);
        x = new RmsNormalization().Apply(x);
        return Model(input, Dense(2, activation: "softmax")(Flatten()(x)));
    }

    private static CompiledModel Compile(Model model, Device device) =>
        model.Compile(
            new SignMomentum { Schedule = new Triangular(1e-4, 4e-3, HalfCycle: 8) },
            new FocalLoss(gamma: 2),
            ["accuracy", new F1(positive: 1)],
            device: device
        );

    /// <summary>Batches of images of which the sample's augmentation inverts some.</summary>
    private sealed class Inverted(NDArray x, NDArray y) : IBatchSource
    {
        private readonly RandomInvert _augmentation = new(0.1);

        public int Count => x.Count;

        public int BatchSize => Batch;

        public IEnumerable<Batch> Batches(int epoch, int skip = 0)
        {
            for (int i = skip; i < Count / Batch; i++)
            {
                NDArray images = x.Samples(i * Batch, Batch);
                var changed = new NDArray(images.Shape, images.Values.ToArray());
                for (int k = 0; k < Batch; k++)
                {
                    var random = new RandomStream(1, RandomPurpose.Augmentation, epoch, (i * Batch) + k);
                    _augmentation.ChangePixels(changed.Values.Slice(k * 64, 64), new Size2(8, 8), 1, ref random);
                }
                yield return new Batch(changed, y.Samples(i * Batch, Batch));
            }
        }
    }
}
