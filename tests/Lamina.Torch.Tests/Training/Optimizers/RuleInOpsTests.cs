using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Optimizers;

/// <summary>Update rules and constraints in ops, as plans on the device that trains.</summary>
public abstract class RuleInOpsTests(Device device)
{
    public static TheoryData<string> Known =>
        [
            """{"name":"sgd","weight_decay":0.1}""",
            """{"name":"sgd","momentum":0.9,"weight_decay":0.1}""",
            """{"name":"sgd","momentum":0.9,"nesterov":true,"weight_decay":0.1}""",
            """{"name":"sgd","momentum":0.9,"rule":"pytorch","weight_decay":0.1}""",
            """{"name":"sgd","momentum":0.9,"rule":"pytorch","nesterov":true,"weight_decay":0.1}""",
            """{"name":"sgd","momentum":0.9,"rule":"paper","weight_decay":0.1}""",
            """{"name":"adam"}""",
            """{"name":"adamw"}""",
            """{"name":"nadam","weight_decay":0.1}""",
            """{"name":"adamax"}""",
            """{"name":"adagrad"}""",
            """{"name":"adadelta"}""",
            """{"name":"rmsprop"}""",
            """{"name":"rmsprop","centered":true}""",
            """{"name":"rmsprop","momentum":0.9,"weight_decay":0.1}""",
            """{"name":"rmsprop","centered":true,"momentum":0.9}""",
            """{"name":"lion","weight_decay":0.1}""",
            """{"name":"lamb","weight_decay":0.1}""",
            """{"name":"lars"}""",
            """{"name":"lars","momentum":0,"adapt_vectors":true}""",
        ];

    [Theory]
    [MemberData(nameof(Known))]
    public void A_known_rule_is_that_of_its_kernel(string config)
    {
        JsonObject options = JsonNode.Parse(config)!.AsObject();
        options["learning_rate"] = 0.02;
        options["clipnorm"] = 0.5;
        options["rules"] = new JsonArray(
            new JsonObject
            {
                ["weights"] = "bias",
                ["learning_rate"] = 2,
                ["weight_decay"] = 0.5,
            }
        );
        Model[] models = [Network(), Network()];
        (NDArray x, NDArray y) = TinyModels.Data(6);
        var known = Optimizer.FromConfig(options);
        models[0].Compile(known, "sparse_categorical_crossentropy");
        models[1]
            .Compile(
                new InOps(known) { ClipNorm = 0.5, Rules = known.Rules },
                "sparse_categorical_crossentropy",
                device: device
            );
        for (int step = 0; step < 5; step++)
        {
            Array.ForEach(models, m => m.TrainOnBatch(x, y));
        }
        for (int i = 0; i < models[0].Weights.Count; i++)
        {
            double[] expected = [.. models[0].Weights[i].GetValues().Select(v => (double)v)];
            TinyModels.AssertNear(expected, models[1].Weights[i], 1e-5);
        }
    }

    [Fact]
    public void Axes_are_those_of_the_public_shape()
    {
        Model model = Network();
        float[] before = model.Weights[0].GetValues();
        model.Compile(new Centralized(), "sparse_categorical_crossentropy", device: device);
        (NDArray x, NDArray y) = TinyModels.Data(6);
        model.TrainOnBatch(x, y);
        float[] after = model.Weights[0].GetValues();
        // The step of each filter has a mean of 0.
        for (int filter = 0; filter < 4; filter++)
        {
            double[] steps = [.. after.Zip(before, (a, b) => (double)a - b).Where((_, i) => i % 4 == filter)];
            Assert.Equal(0, steps.Average(), 1e-6);
            Assert.True(steps.Max() > 1e-4);
        }
    }

    [Fact]
    public void Slots_can_change_places()
    {
        Model model = TinyModels.Line(1, 2, 3);
        using CompiledModel compiled = model.Compile(new Swapping(), "mse", device: device);
        var x = new NDArray([1, 2], (float[])[1, 0]);
        model.TrainOnBatch(x, new NDArray([1, 1]));
        model.TrainOnBatch(x, new NDArray([1, 1]));
        model.TrainOnBatch(x, new NDArray([1, 1]));
        // a, b ← b, a + 1: (0, 1), (1, 1), (1, 2).
        Assert.Equal(1, compiled.GetOptimizerState()["line/kernel/a"].Values[0]);
        Assert.Equal(2, compiled.GetOptimizerState()["line/kernel/b"].Values[0]);
    }

    [Fact]
    public void Random_numbers_differ_by_weight_and_step_and_repeat()
    {
        float[][] Walk()
        {
            Session.Clear();
            Session.SetRandomSeed(1);
            Symbol input = Input(3);
            Symbol h = Dense(3, kernelInitializer: "zeros", useBias: false)(input);
            Model model = Model(input, Dense(3, kernelInitializer: "zeros", useBias: false)(h));
            model.Compile(new Noise(), "mse", seed: 5, device: device);
            float[] At() => [.. model.Weights.SelectMany(w => w.GetValues())];
            model.TrainOnBatch(new NDArray([2, 3]), new NDArray([2, 3]));
            float[] first = At();
            model.TrainOnBatch(new NDArray([2, 3]), new NDArray([2, 3]));
            return [first, At()];
        }

        float[][] walk = Walk();
        Assert.Equal(18, walk[0].Distinct().Count());
        Assert.All(walk[1].Zip(walk[0], (b, a) => b - a), s => Assert.DoesNotContain(s, walk[0]));
        Assert.Equal(walk, Walk());
    }

    [Fact]
    public void A_rule_that_does_not_fit_is_refused_by_Compile()
    {
        Model model = TinyModels.Line(1, 2, 3);
        AssertRefused("short: Update returned 1 slots of 2 (a, b)", u => new(u.Weight, u.Slots[0]));
        AssertRefused("the new values have the shape ()", u => new(Ops.Sum(u.Weight), u.Slots));
        Symbol other = Input(2);
        AssertRefused("is not a part of this update", u => new(u.Weight + Ops.Sum(other), u.Slots));
        AssertRefused(
            "short, for a weight of shape (2, 1): multiply",
            u => new(u.Weight * Ops.Constant(new NDArray([5, 7])), u.Slots)
        );

        void AssertRefused(string expected, Func<WeightUpdate, UpdatedWeight> rule)
        {
            string message = Assert
                .ThrowsAny<LaminaException>(() => model.Compile(new Short(rule), "mse", device: device))
                .Message;
            Assert.Contains(expected, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Norms_of_constraints_are_along_axes()
    {
        Assert.Equal([0.6f, 0, 0.8f, 0.1f], Constrained(new MaxNorm(1), 3, 0, 4, 0.1f));
        // 5 moves half the way to 2, 0.5 half the way to 1.
        Assert.Equal([2.1f, 2.8f, 0, 0.75f], Constrained(new MinMaxNorm(1, 2, 0.5, [-1]), 3, 4, 0, 0.5f));
        Assert.Equal([0, float.NaN, 2, 0], Constrained(new NonNeg(), -1, float.NaN, 2, -0f));
        string message = Assert.Throws<LaminaException>(() => Constrained(new UnitNorm([2]), 1, 2, 3, 4)).Message;
        Assert.Equal(
            "square/kernel: UnitNorm: the axis 2 is not one of a weight of shape (2, 2). Use another axis.",
            message
        );
    }

    private float[] Constrained(Constraint constraint, params float[] values)
    {
        Session.Clear();
        Symbol input = Input(2);
        Model model = Model(input, Dense(2, useBias: false, kernelConstraint: constraint, name: "square")(input));
        model.Weights[0].SetValues(values);
        using var rules = new WeightRules(new Sgd(), device, null);
        TorchParameter storage = TorchParameter.Of(model.Weights[0], isKernel: false, device);
        rules.Constrain(model.Weights[0], storage);
        return [.. model.Weights[0].GetValues().Select(v => MathF.Round(v, 5))];
    }

    private static Model Network()
    {
        Session.Clear();
        Session.SetRandomSeed(5);
        Symbol input = Input(6, 6, 2);
        Symbol x = Conv2D(4, 3, activation: "relu")(input);
        return Model(input, Dense(3, activation: "softmax")(Flatten()(x)));
    }

    /// <summary>The rule of another optimizer without its kernels.</summary>
    private sealed class InOps(Optimizer inner) : Optimizer("in_ops", inner.LearningRate)
    {
        protected override IReadOnlyList<string> SlotNames => inner.Slots;

        protected override UpdatedWeight Update(WeightUpdate update) => inner.InOps(update);
    }

    /// <summary>Gradient centralization (Yong et al. 2020): the gradient of each filter less its mean.</summary>
    private sealed class Centralized() : Optimizer("centralized", 0.5)
    {
        protected override UpdatedWeight Update(WeightUpdate update)
        {
            Symbol g = update.Gradient;
            if (g.Shape.Rank > 1)
            {
                int[] axes = [.. Enumerable.Range(0, g.Shape.Rank - 1)];
                double count = axes.Aggregate(1.0, (n, a) => n * g.Shape[a]!.Value);
                g -= Ops.Sum(g, axes, keepDims: true) / count;
            }
            return new(update.Weight - (update.LearningRate * g));
        }
    }

    private sealed class Swapping() : Optimizer("swapping", 0)
    {
        protected override IReadOnlyList<string> SlotNames => ["a", "b"];

        protected override UpdatedWeight Update(WeightUpdate update) =>
            new(update.Weight, update.Slots[1], update.Slots[0] + 1);
    }

    private sealed class Noise() : Optimizer("noise", 1)
    {
        protected override UpdatedWeight Update(WeightUpdate update)
        {
            Symbol noise = Ops.RandomNormal(update.Weight, Shape.Of(3), 0, 1);
            return new(update.Weight + noise);
        }
    }

    private sealed class Short(Func<WeightUpdate, UpdatedWeight> rule) : Optimizer("short", 1)
    {
        protected override IReadOnlyList<string> SlotNames => ["a", "b"];

        protected override UpdatedWeight Update(WeightUpdate update) => rule(update);
    }
}

/// <inheritdoc/>
public sealed class RuleInOpsOnCpuTests() : RuleInOpsTests(Device.Cpu);

/// <inheritdoc/>
public sealed class RuleInOpsOnPortableTests() : RuleInOpsTests(Device.Portable);
