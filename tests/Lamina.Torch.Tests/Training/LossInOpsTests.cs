using Lamina.Torch.Tests.Training.Optimizers;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>A custom loss of the same ops trains as the built-in one does.</summary>
public class LossInOpsTests
{
    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (string name in (string[])["sparse", "smooth", "dense", "dense smooth", "mse"])
            {
                cases.Add(name, true);
                cases.Add(name, false);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Training_goes_the_same_way(string name, bool softmax)
    {
        Loss loss = name switch
        {
            "sparse" => new SparseCategoricalCrossentropy(fromLogits: !softmax),
            "smooth" => new SparseCategoricalCrossentropy(fromLogits: !softmax, labelSmoothing: 0.1),
            "dense" => new CategoricalCrossentropy(fromLogits: !softmax),
            "dense smooth" => new CategoricalCrossentropy(fromLogits: !softmax, labelSmoothing: 0.1),
            _ => new MeanSquaredError(),
        };
        (NDArray x, NDArray y) = TinyModels.Data(7);
        y = name is "sparse" or "smooth" ? y : Rows(y);
        Model builtIn = Network(softmax);
        Model custom = Network(softmax);
        builtIn.Compile(new Sgd(0.2), loss, ["accuracy"]);
        custom.Compile(new Sgd(0.2), new InOps(loss), ["accuracy"]);
        for (int step = 0; step < 5; step++)
        {
            IReadOnlyDictionary<string, double> a = builtIn.TrainOnBatch(x, y);
            IReadOnlyDictionary<string, double> b = custom.TrainOnBatch(x, y);
            Assert.Equal(a, b);
        }
        for (int i = 0; i < builtIn.Weights.Count; i++)
        {
            Assert.Equal(builtIn.Weights[i].GetValues(), custom.Weights[i].GetValues());
        }
    }

    [Fact]
    public void Targets_may_change_their_shape_between_steps()
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        Model model = Network(softmax: true);
        model.Compile(new Sgd(0.1), new InOps(new SparseCategoricalCrossentropy()));
        double sparse = model.TestOnBatch(x, y)["loss"];
        Assert.Equal(sparse, model.TestOnBatch(x, Rows(y))["loss"], 1e-6);
        double first = model.TrainOnBatch(x, y)["loss"];
        double second = model.TrainOnBatch(x, Rows(y))["loss"];
        double third = model.TrainOnBatch(x, y)["loss"];
        Assert.True(first > second && second > third, $"{first}, {second}, {third}");
    }

    [Fact]
    public void The_log_of_a_softmax_is_exact_where_probabilities_round_to_0()
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        Model model = Network(softmax: true);
        Weight kernel = model.Weights.Single(w => w.Path == "scores/kernel");
        kernel.SetValues([.. kernel.GetValues().Select(v => v * 1000)]);
        model.Compile(new Sgd(1e-9), new LogOfOutput());
        double expected = model.TestOnBatch(x, y)["loss"];
        model.Compile(new Sgd(1e-9), new SparseCategoricalCrossentropy());
        Assert.Equal(model.TestOnBatch(x, y)["loss"], expected, 1e-4 * expected);
        Assert.True(expected > 88, $"no probability rounds to 0: {expected}");
    }

    private static Model Network(bool softmax)
    {
        Session.SetRandomSeed(6);
        Symbol input = Input(6, 6, 2);
        Symbol x = Dense(5, activation: "tanh")(Flatten()(input));
        return Model(input, Dense(3, activation: softmax ? "softmax" : "linear", name: "scores")(x));
    }

    private static NDArray Rows(NDArray labels)
    {
        var rows = new NDArray([labels.Count, 3]);
        for (int i = 0; i < labels.Count; i++)
        {
            rows[i, (int)labels.Values[i]] = 1;
        }
        return rows;
    }

    private sealed class InOps(Loss loss) : Loss("in_ops")
    {
        public override Symbol Call(Symbol target, Symbol output) => loss.Call(target, output);
    }

    private sealed class LogOfOutput : Loss
    {
        public override Symbol Call(Symbol target, Symbol output) =>
            -Ops.Sum(Ops.Sum(Ops.OneHot(target, 3), [1]) * Ops.Log(output), [-1]);
    }
}
