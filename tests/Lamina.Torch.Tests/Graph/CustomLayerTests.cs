using System.Text.Json.Nodes;
using CustomLayer;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Graph;

/// <summary>Layers, activations and initializers of a program's own, trained, saved and loaded.</summary>
public sealed class CustomLayerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-custom-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_samples_layer_normalizes_trains_and_survives_its_file()
    {
        LayerRegistry.Register<RmsNormalization>();
        Symbol input = Input(6);
        Symbol hidden = new RmsNormalization(1e-3).Apply(Dense(12)(input));
        Model model = Model(input, Dense(1)(hidden));
        Model loaded = TrainAndLoad(model, [6]);
        Assert.Equal(1e-3, Assert.IsType<RmsNormalization>(loaded.Layers[2]).Epsilon);
        Assert.NotEqual(1, loaded.Layers[2].Weights[0].GetValues()[0]);
        Assert.True(File.ReadLines(Sample()).Count() < 40);

        // Rows of one root mean square, which 1e-6 hardly moves.
        Symbol rows = Input(4);
        NDArray y = Model(rows, new RmsNormalization().Apply(rows)).Predict(Draw([3, 4], 5));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(4, y.Samples(i, 1).Values.ToArray().Sum(v => v * v), 1e-3);
        }
    }

    [Fact]
    public void Attention_of_ops_trains_and_survives_its_file()
    {
        LayerRegistry.Register<Attention>();
        LayerRegistry.Register<Attention>();
        Symbol input = Input(5, 3);
        Symbol seen = new Attention(4).Apply(input);
        Model model = Model(input, Dense(1)(Flatten()(seen)));
        Model loaded = TrainAndLoad(model, [5, 3]);
        Assert.Equal(4, Assert.IsType<Attention>(loaded.Layers[1]).Size);
    }

    [Fact]
    public void Activations_and_initializers_of_ones_own_survive_their_file()
    {
        Activation mish = Activation.Register(
            "test_mish",
            x => x * Ops.Activate(Ops.Log1p(Ops.Exp(x)), ActivationKind.Tanh)
        );
        Initializers.Register<Alternating>();
        Symbol input = Input(6);
        Symbol hidden = Dense(8, mish, kernelInitializer: new Alternating(0.5))(input);
        Model model = Model(input, Dense(1)(hidden));
        Model loaded = TrainAndLoad(model, [6]);
        var dense = (Dense)loaded.Layers[1];
        Assert.Same(mish, dense.Activation);
        Assert.Equal(new Alternating(0.5), dense.KernelInitializer);
        Assert.Throws<ArgumentException>(() => Activation.Register("relu", x => x));
        Assert.Throws<ArgumentException>(() => Activation.Register("test_mish", x => x));
    }

    [Fact]
    public void Unknown_classes_say_how_to_register_them()
    {
        Symbol input = Input(3);
        string path = Path.Combine(_folder, "unknown.lamina");
        ModelFile.Save(Model(input, new Unregistered().Apply(input)), path);
        string message = Assert.ThrowsAny<LaminaException>(() => ModelFile.Load(path)).Message;
        Assert.Contains("LayerRegistry.Register<Unregistered>()", message, StringComparison.Ordinal);

        Model model = Model(input, Dense(1, kernelInitializer: new UnregisteredOnes())(input));
        message = Assert.ThrowsAny<LaminaException>(() => ModelFile.Save(model, path)).Message;
        Assert.Contains("Initializers.Register<UnregisteredOnes>()", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(LayerRegistry.Register<Flatten>);
    }

    private Model TrainAndLoad(Model model, int[] sample)
    {
        NDArray x = Draw([64, .. sample], 1);
        var y = new NDArray(Shape.Of(64, 1));
        for (int i = 0; i < 64; i++)
        {
            ReadOnlySpan<float> row = x.Samples(i, 1).Values;
            y[i, 0] = row[0] - row[1];
        }
        model.Compile(new Adam(0.01), "mean_squared_error");
        double before = model.Evaluate(x, y)["loss"];
        model.Fit(x, y, epochs: 12, verbose: 0, cancellation: TestContext.Current.CancellationToken);
        Assert.True(model.Evaluate(x, y)["loss"] < 0.7 * before);

        string path = Path.Combine(_folder, "model.lamina");
        ModelFile.Save(model, path);
        Model loaded = ModelFile.Load(path).Model;
        Assert.Equal(model.Predict(x).Values.ToArray(), loaded.Predict(x).Values.ToArray());
        return loaded;
    }

    private static NDArray Draw(int[] sizes, int seed)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        var x = new NDArray(Shape.Of(sizes));
        foreach (ref float value in x.Values)
        {
            value = (2 * random.NextSingle()) - 1;
        }
        return x;
    }

    private static string Sample() => Path.Combine(AppContext.BaseDirectory, "Graph", "RmsNormalization.cs");

    /// <summary>Scaled dot-product self-attention of one head (Vaswani et al. 2017). (N, T, C) to (N, T, size).</summary>
    private sealed class Attention(int size, string? name = null) : Layer(name), IFromConfig<Attention>
    {
        private readonly Weight[] _kernels = new Weight[3];

        public int Size { get; } = size;

        protected override void Build(IReadOnlyList<Shape> inputs)
        {
            for (int i = 0; i < 3; i++)
            {
                _kernels[i] = AddWeight($"kernel{i}", Shape.Of(inputs[0][^1]!.Value, Size), "glorot_uniform");
            }
        }

        protected override Symbol Call(IReadOnlyList<Symbol> inputs)
        {
            Symbol[] parts = [.. _kernels.Select(k => Ops.MatMul(inputs[0], k.Symbol))];
            Symbol scores = Ops.MatMul(parts[0], Ops.Transpose(parts[1], 2, 1)) / Math.Sqrt(Size);
            return Ops.MatMul(Ops.Exp(Ops.LogSoftmax(scores)), parts[2]);
        }

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["size"] = Size;
            return config;
        }

        public static Attention FromConfig(LayerConfigReader config) => new(config.Int("size"), config.Name);
    }

    private sealed class Unregistered() : Layer(null)
    {
        protected override Symbol Call(IReadOnlyList<Symbol> inputs) => -inputs[0];
    }

    private sealed record Alternating(double Value) : Initializer, IFromConfig<Alternating>
    {
        public override void Fill(Span<float> values, Shape shape, ref RandomStream random)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)(i % 3 == 0 ? Value : -Value / 2);
            }
        }

        public override JsonObject GetConfig() => new() { ["value"] = Value };

        public static Alternating FromConfig(LayerConfigReader config) => new(config.Double("value"));
    }

    private sealed record UnregisteredOnes : Initializer
    {
        public override void Fill(Span<float> values, Shape shape, ref RandomStream random) => values.Fill(1);
    }
}
