using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>Steps of a program's own loop: minimizers, and updates by gradients in arrays.</summary>
public sealed class MinimizerTests
{
    private static readonly Shape s_rows = [16, 6];

    [Fact]
    public void Minimizing_a_loss_takes_the_steps_of_Fit()
    {
        (Model ours, Model compiled) = TwoOfOne();
        Symbol target = Input(1);
        Symbol loss = ((Loss)"mse").Call(target, ours.Outputs[0]);
        using Minimizer step = new Adam(0.01) { EmaMomentum = 0.5 }.Minimize(
            loss,
            ours.TrainableWeights,
            [ours.Inputs[0], target]
        );
        compiled.Compile(new Adam(0.01) { EmaMomentum = 0.5 }, "mse");
        (NDArray x, NDArray y) = Data();
        for (int i = 0; i < 5; i++)
        {
            double expected = compiled.TrainOnBatch(x, y)["loss"];
            Assert.Equal(expected, step.Run(x, y).Loss, 1e-6);
        }
        Assert.Equal(5, step.Steps);
        AssertSame(compiled, ours, 1e-6);
    }

    [Fact]
    public void Applying_gradients_takes_the_same_steps()
    {
        (Model ours, Model compiled) = TwoOfOne();
        Symbol target = Input(1);
        Symbol loss = Ops.Sum(Ops.Square(ours.Outputs[0] - target)) / 16;
        using GradientFunction gradients = Gradients.Of(
            loss,
            ours.TrainableWeights,
            new GradientOptions { Training = true, Inputs = [ours.Inputs[0], target] }
        );
        using GradientUpdater updater = new Sgd(0.05, momentum: 0.9).UpdaterOf(ours.TrainableWeights);
        compiled.Compile(new Sgd(0.05, momentum: 0.9), "mse");
        (NDArray x, NDArray y) = Data();
        for (int i = 0; i < 4; i++)
        {
            compiled.TrainOnBatch(x, y);
            updater.Apply(gradients.Run(x, y).Gradients);
        }
        AssertSame(compiled, ours, 1e-5);
        Assert.Contains(
            "need 4 gradients, got 1",
            Assert.Throws<ShapeException>(() => updater.Apply([x])).Message,
            StringComparison.Ordinal
        );
        NDArray[] wrong = [.. ours.TrainableWeights.Select(_ => x)];
        Assert.Contains(
            "its gradient has the shape (16, 6)",
            Assert.Throws<ShapeException>(() => updater.Apply(wrong)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_values_that_layers_add_can_be_added_to_a_loss()
    {
        Session.SetRandomSeed(2);
        Symbol x = Input(6);
        Symbol hidden = Dense(3, kernelRegularizer: new L2(0.1), activityRegularizer: new L1(0.01))(x);
        Model ours = Model(x, Dense(1)(hidden));
        Model compiled = ours.Clone();
        Symbol target = Input(1);
        Symbol loss = ((Loss)"mse").Call(target, ours.Outputs[0]);
        foreach (Symbol added in ours.Losses)
        {
            loss += added;
        }
        Assert.Equal(2, ours.Losses.Count);
        using Minimizer step = new Sgd(0.05).Minimize(loss, ours.TrainableWeights, [x, target]);
        compiled.Compile(new Sgd(0.05), "mse");
        (NDArray data, NDArray y) = Data();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(compiled.TrainOnBatch(data, y)["loss"], step.Run(data, y).Loss, 1e-5);
        }
        AssertSame(compiled, ours, 1e-6);
    }

    [Fact]
    public void Bad_use_is_one_line()
    {
        Symbol x = Input(6);
        Dense used = new(1, name: "used");
        Dense other = new(1, name: "other");
        Symbol loss = Ops.Square(used.Apply(x));
        other.Apply(x);
        Optimizer sgd = new Sgd(0.1);
        GraphException e = Assert.Throws<GraphException>(() =>
            sgd.Minimize(loss, [.. used.TrainableWeights, .. other.TrainableWeights])
        );
        Assert.StartsWith("other/kernel: the loss", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<GraphException>(() => sgd.Minimize(Ops.ArgMax(used.Output), used.TrainableWeights));
        Assert.StartsWith("used/kernel: no gradient of", e.Message, StringComparison.Ordinal);
        Assert.Throws<GraphException>(() => sgd.Minimize(loss, []));

        using Minimizer step = sgd.Minimize(loss, used.TrainableWeights);
        Assert.Contains(
            "requires (None, 6)",
            Assert.Throws<ShapeException>(() => step.Run(new NDArray([2, 5]))).Message
        );
        float[] before = used.TrainableWeights[0].GetValues();
        var infinite = new NDArray([1, 6]);
        infinite.Values.Fill(float.PositiveInfinity);
        LossException failed = Assert.Throws<LossException>(() => step.Run(infinite));
        Assert.DoesNotContain('\n', failed.Message);
        Assert.Equal(before, used.TrainableWeights[0].GetValues());
        Assert.Equal(0, step.Steps);
        step.Dispose();
        Assert.Throws<ObjectDisposedException>(() => step.Run(infinite));
    }

    private static (Model, Model) TwoOfOne()
    {
        Session.SetRandomSeed(1);
        Symbol x = Input(6);
        Model model = Model(x, Dense(1)(Dense(4, activation: "tanh")(x)));
        return (model, model.Clone());
    }

    private static (NDArray X, NDArray Y) Data()
    {
        var random = new RandomStream(1, RandomPurpose.User);
        var x = new NDArray(s_rows);
        var y = new NDArray([16, 1]);
        for (int i = 0; i < 96; i++)
        {
            x.Values[i] = random.NextSingle() - 0.5f;
            y.Values[i / 6] += x.Values[i] * (i % 6);
        }
        return (x, y);
    }

    private static void AssertSame(Model expected, Model actual, double tolerance)
    {
        foreach ((Weight a, Weight b) in expected.Weights.Zip(actual.Weights))
        {
            float[] values = b.GetValues();
            Assert.All(a.GetValues().Select((v, i) => v - values[i]), d => Assert.Equal(0, d, tolerance));
        }
    }
}
