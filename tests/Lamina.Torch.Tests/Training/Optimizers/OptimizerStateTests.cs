using System.Text.Json.Nodes;

namespace Lamina.Torch.Tests.Training.Optimizers;

/// <summary>A state continues a run bit for bit, wherever it was taken.</summary>
public class OptimizerStateTests
{
    private const string Everything =
        ""","rules":[{"weights":"bias","learning_rate":2,"weight_decay":0}],"gradient_accumulation_steps":3,"ema_momentum":0.9}""";

    public static TheoryData<string> Configs =>
        [
            """{"name":"sgd"}""",
            """{"name":"sgd","momentum":0.9,"nesterov":true,"weight_decay":0.01}""",
            """{"name":"adam"}""",
            """{"name":"adamw","clipnorm":0.5}""",
            """{"name":"lars","learning_rate":5}""",
            """{"name":"sgd","momentum":0.9,"rule":"paper","weight_decay":0.01""" + Everything,
            """{"name":"adam","clipvalue":0.01""" + Everything,
            """{"name":"adamw","learning_rate":{"name":"cosine_decay","initial_learning_rate":0.01,"decay_steps":3}"""
                + Everything,
            """{"name":"lars","learning_rate":{"name":"polynomial_decay","initial_learning_rate":9,"decay_steps":4,"power":2}"""
                + Everything,
            """{"name":"rmsprop","momentum":0.5,"centered":true,"epsilon":0.001,"weight_decay":0.01""" + Everything,
            """{"name":"rmsprop","centered":true,"epsilon":0.001}""",
            """{"name":"adagrad","learning_rate":0.05}""",
            """{"name":"adadelta","learning_rate":1""" + Everything,
            """{"name":"nadam","learning_rate":0.01,"weight_decay":0.01""" + Everything,
            """{"name":"adamax","learning_rate":0.01,"clipnorm":0.5}""",
            """{"name":"lion","weight_decay":0.1,"clipvalue":0.01""" + Everything,
            """{"name":"lamb","learning_rate":{"name":"cosine_decay_restarts","initial_learning_rate":0.01,"first_decay_steps":2}"""
                + Everything,
        ];

    [Theory]
    [MemberData(nameof(Configs))]
    public void A_run_goes_on_bit_for_bit_from_any_step(string config)
    {
        (NDArray x, NDArray y) = TinyModels.Data(4);
        const int Steps = 6;
        // Before all, between two updates of three batches, after one, and just after that.
        foreach (int stop in (int[])[0, 2, 3, 4])
        {
            Model whole = TinyModels.Network(5, noisy: true);
            using CompiledModel first = Compile(whole, config);
            Train(whole, x, y, stop);
            if (first.Optimizer.EmaMomentum is not null && stop % 2 == 0)
            {
                first.SwapAverages();
            }
            IReadOnlyDictionary<string, NDArray> state = first.GetOptimizerState();
            float[][] weights = [.. whole.Weights.Select(w => w.GetValues())];
            double rate = first.Optimizer.LearningRate;
            Train(whole, x, y, Steps - stop);

            Model resumed = TinyModels.Network(6, noisy: true);
            using CompiledModel second = Compile(resumed, config);
            Train(resumed, x, y, 2);
            for (int i = 0; i < weights.Length; i++)
            {
                resumed.Weights[i].SetValues(weights[i]);
            }
            second.SetOptimizerState(state);
            Assert.Equal(stop, second.Step);
            Assert.Equal(rate, second.Optimizer.LearningRate);
            AssertSame(state, second.GetOptimizerState());
            Train(resumed, x, y, Steps - stop);

            Assert.Equal(TinyModels.Bytes(whole), TinyModels.Bytes(resumed));
            Assert.Equal(first.Updates, second.Updates);
            AssertSame(first.GetOptimizerState(), second.GetOptimizerState());
        }
    }

    [Fact]
    public void A_rate_that_was_set_comes_back_to_the_bit()
    {
        Model model = TinyModels.Network(5);
        using CompiledModel first = Compile(model, """{"name":"sgd"}""");
        first.Optimizer.LearningRate = 0.1 / 3;
        IReadOnlyDictionary<string, NDArray> state = first.GetOptimizerState();
        using CompiledModel second = Compile(model, """{"name":"sgd"}""");
        second.SetOptimizerState(state);
        Assert.Equal(0.1 / 3, second.Optimizer.LearningRate);
    }

    [Theory]
    [InlineData("{\"name\":\"sgd\"}", "matches no weight")]
    [InlineData("{\"name\":\"sgd\",\"momentum\":0.9,\"ema_momentum\":0.5}", "sum of 2 batches")]
    [InlineData("{\"name\":\"sgd\",\"momentum\":0.9,\"gradient_accumulation_steps\":3}", "EmaMomentum")]
    public void A_state_of_another_optimizer_is_refused_and_changes_nothing(string config, string message)
    {
        (NDArray x, NDArray y) = TinyModels.Data(4);
        Model model = TinyModels.Network(5);
        bool plain = config.Length < 20;
        using CompiledModel saved = Compile(
            model,
            """{"name":"sgd","momentum":0.9"""
                + (plain ? "}" : ""","gradient_accumulation_steps":3,"ema_momentum":0.9}""")
        );
        Train(model, x, y, 2);
        if (!plain)
        {
            saved.SwapAverages();
        }
        IReadOnlyDictionary<string, NDArray> state = saved.GetOptimizerState();
        Model other = TinyModels.Network(5);
        using CompiledModel compiled = Compile(other, config);
        Train(other, x, y, 1);
        IReadOnlyDictionary<string, NDArray> before = compiled.GetOptimizerState();
        var error = Assert.Throws<LaminaException>(() => compiled.SetOptimizerState(state));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        AssertSame(before, compiled.GetOptimizerState());
    }

    private static CompiledModel Compile(Model model, string config) =>
        model.Compile(
            Optimizer.FromConfig((JsonObject)JsonNode.Parse(config)!),
            new SparseCategoricalCrossentropy(labelSmoothing: 0.1),
            seed: 7
        );

    private static void Train(Model model, NDArray x, NDArray y, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            model.TrainOnBatch(x, y);
        }
    }

    private static void AssertSame(
        IReadOnlyDictionary<string, NDArray> expected,
        IReadOnlyDictionary<string, NDArray> got
    )
    {
        Assert.Equal(expected.Keys.Order(), got.Keys.Order());
        foreach ((string key, NDArray values) in expected)
        {
            Assert.Equal(values.Shape, got[key].Shape);
            Assert.Equal(values.Values.ToArray(), got[key].Values.ToArray());
        }
    }
}
