using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Interop;

/// <summary>Layers that contain layers, trained a few steps, in every format: the same outputs afterwards.</summary>
public class ComposedLayerTests
{
    static ComposedLayerTests()
    {
        LayerRegistry.Register<Block>();
        LayerRegistry.Register<Tower>();
        LayerRegistry.Register<Residual>();
        LayerRegistry.Register<Tied>();
        LayerRegistry.Register<Backbone>();
    }

    public static TheoryData<string> Kinds =>
        ["block", "blocks in blocks", "wrapper", "wrapper of a block", "tied", "nested", "a model inside"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_model_computes_the_same_read_back(string kind)
    {
        (Model model, NDArray x) = Trained(kind);
        using var output = new InteropOutput("composed", kind.Replace(' ', '-'));
        foreach (string file in (string[])["model.lamina", "model.keras", "model.h5"])
        {
            model.Save(output[file]);
            var again = Lamina.Model.Load(output[file]);
            SameOutputs.Of(model, again, [x]);
            Assert.Equal(model.Weights.Select(w => w.Path), again.Weights.Select(w => w.Path));
            Assert.Equal(model.TrainableWeights.Count, again.TrainableWeights.Count);
        }
        SameOutputs.Of(model, Lamina.Model.FromConfig(model.GetConfig()).With(model.GetWeights()), [x]);
        SameOutputs.Of(model, Lamina.Model.FromJson(model.ToJson()).With(model.GetWeights()), [x]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Weights_alone_fit_a_copy(string kind)
    {
        (Model model, NDArray x) = Trained(kind);
        using var output = new InteropOutput("composed", $"weights-{kind.Replace(' ', '-')}");
        foreach (string file in (string[])["w.weights.h5", "legacy.h5", "w.safetensors", "w.pth"])
        {
            if (file == "legacy.h5")
            {
                KerasFile.SaveWeights(model, output[file]);
            }
            else
            {
                model.SaveWeights(output[file]);
            }
            Model other = model.Clone(copyWeights: false);
            other.LoadWeights(output[file]);
            SameOutputs.Of(model, other, [x]);
        }
        SameOutputs.Of(model, model.Clone(), [x]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Training_goes_on_the_same_after_loading(string kind)
    {
        (Model model, NDArray x) = Trained(kind);
        using var output = new InteropOutput("composed", $"resumed-{kind.Replace(' ', '-')}");
        model.Save(output["model.lamina"]);
        var again = Lamina.Model.Load(output["model.lamina"]);
        NDArray y = new([4, 2]);
        double[] losses = new double[2];
        foreach ((Model each, int i) in new[] { (model, 0), (again, 1) })
        {
            each.Compile(new Sgd(0.1), "mse");
            each.TrainOnBatch(x, y);
            losses[i] = each.TrainOnBatch(x, y)["loss"];
        }
        Assert.Equal(losses[0], losses[1], 1e-6);
        SameOutputs.Of(model, again, [x]);
    }

    // The second model's layers have other numbers, as those of another process.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_second_model_of_the_same_code_has_the_same_names(string kind)
    {
        (Model model, NDArray x) = Trained(kind);
        (Model second, _) = Trained(kind);
        string[] inside = [.. model.Weights.Select(w => w.Path.Split('/', 2)[1])];
        Assert.Equal(inside, second.Weights.Select(w => w.Path.Split('/', 2)[1]));
        using var output = new InteropOutput("composed", $"second-{kind.Replace(' ', '-')}");
        model.Save(output["model.lamina"]);
        second.LoadWeights(output["model.lamina"]);
        SameOutputs.Of(model, second, [x]);
        CompiledModel compiled = model.Compile(new Adam(0.05), "mse");
        model.TrainOnBatch(x, new NDArray([4, 2]));
        second.Compile(new Adam(0.05), "mse").SetOptimizerState(compiled.GetOptimizerState());
    }

    [Fact]
    public void A_layer_inside_that_is_not_registered_is_named()
    {
        Symbol input = Input(6);
        Model model = Model(input, Dense(2)(new Residual(new Unregistered()).Apply(input)));
        JsonObject config = model.GetConfig();
        ConfigException error = Assert.Throws<ConfigException>(() => Lamina.Model.FromConfig(config));
        Assert.Contains("unknown layer class 'Unregistered'", error.Message, StringComparison.Ordinal);
    }

    private static (Model Model, NDArray X) Trained(string kind)
    {
        Session.SetRandomSeed(3);
        Symbol input = Input(Shape.Of(6), name: "x");
        Symbol inside = Input(Shape.Of(6), name: "inside");
        Symbol hidden = kind switch
        {
            "block" => new Block(5).Apply(input),
            "blocks in blocks" => new Tower(3).Apply(input),
            "wrapper" => new Residual(Dense(6, "tanh", kernelRegularizer: new L2(0.01)).Layer).Apply(input),
            "wrapper of a block" => new Residual(new Block(6)).Apply(new Residual(new Dense(6)).Apply(input)),
            "tied" => new Tied().Apply(input),
            "a model inside" => new Backbone().Apply(new Backbone().Apply(input)),
            _ => Model(inside, new Block(4).Apply(new Tied().Apply(inside)), "inner").Apply(input),
        };
        Model model = Model(input, Dense(2, name: "scores")(hidden), "composed");
        NDArray x = new([4, 6]);
        var random = new RandomStream(5, RandomPurpose.User);
        foreach (ref float value in x.Values)
        {
            value = random.NextSingle() - 0.5f;
        }
        model.Compile(new Adam(0.05), "mse");
        for (int i = 0; i < 5; i++)
        {
            model.TrainOnBatch(x, new NDArray([4, 2]));
        }
        return (model, x);
    }

    /// <summary>Two dense layers with normalization, which has weights that are not trained, between them.</summary>
    private sealed class Block(int units, string? name = null) : Layer(name), IFromConfig<Block>
    {
        private readonly Dense _first = new(units, activation: "relu");
        private readonly BatchNormalization _norm = new(momentum: 0.5);
        private readonly Dense _second = new(units);

        protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
            _second.Apply(_norm.Apply(_first.Apply(inputs[0])));

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["units"] = units;
            return config;
        }

        public static Block FromConfig(LayerConfigReader config) => new(config.Int("units"), config.Name);
    }

    /// <summary>Blocks of layers, with a weight of its own between them.</summary>
    private sealed class Tower(int blocks, string? name = null) : Layer(name), IFromConfig<Tower>
    {
        private readonly Block[] _blocks = [.. Enumerable.Range(0, blocks).Select(i => new Block(4 + i))];
        private Weight? _scale;

        protected override void Build(IReadOnlyList<Shape> inputs) => _scale = AddWeight("scale", Shape.Of(1), "ones");

        protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
            _blocks.Aggregate(inputs[0], (x, b) => b.Apply(x) * _scale!.Symbol);

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["blocks"] = blocks;
            return config;
        }

        public static Tower FromConfig(LayerConfigReader config) => new(config.Int("blocks"), config.Name);
    }

    /// <summary>A wrapper of any layer, which its config contains.</summary>
    private sealed class Residual(Layer layer, string? name = null) : Layer(name), IFromConfig<Residual>
    {
        protected override Symbol Call(IReadOnlyList<Symbol> inputs) => inputs[0] + layer.Apply(inputs[0]);

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["layer"] = LayerRegistry.ToConfig(layer);
            return config;
        }

        public static Residual FromConfig(LayerConfigReader config) => new(config.Layer("layer"), config.Name);
    }

    /// <summary>A layer that applies another twice.</summary>
    private sealed class Tied(string? name = null) : Layer(name), IFromConfig<Tied>
    {
        private readonly Dense _dense = new(6, activation: "tanh");

        protected override Symbol Call(IReadOnlyList<Symbol> inputs) => _dense.Apply(_dense.Apply(inputs[0]));

        public static Tied FromConfig(LayerConfigReader config) => new(config.Name);
    }

    /// <summary>A layer that applies a model, which contains another.</summary>
    private sealed class Backbone : Layer, IFromConfig<Backbone>
    {
        private readonly Model _model;

        public Backbone(string? name = null)
            : base(name)
        {
            Symbol x = Input(6);
            Model inner = Sequential([Input(5), Dense(5), BatchNormalization()]);
            _model = Model(x, Dense(6)(inner.Apply(Dense(5)(x))));
        }

        protected override Symbol Call(IReadOnlyList<Symbol> inputs) => _model.Apply(inputs[0]);

        public static Backbone FromConfig(LayerConfigReader config) => new(config.Name);
    }

    private sealed class Unregistered() : Layer(null)
    {
        protected override Symbol Call(IReadOnlyList<Symbol> inputs) => inputs[0] * 2;
    }
}

internal static class ModelWeights
{
    /// <summary>Returns the model after setting its weights.</summary>
    public static Model With(this Model model, IReadOnlyList<NDArray> weights)
    {
        model.SetWeights(weights);
        return model;
    }
}
