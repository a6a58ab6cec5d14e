using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Goldens;

/// <summary>The goldens are whole, and PyTorch's first forward is the one that the references compute.</summary>
public class GoldenTests
{
    [Fact]
    public void The_first_loss_and_gradient_of_PyTorch_are_those_of_the_references()
    {
        Golden golden = Golden.Load("network.json");
        NDArray images = golden["pixels"].Pixels;
        int[] batch = golden["batches"].Items.First().Integers;
        int[] labels = [.. batch.Select(i => golden["labels"].Integers[i])];
        Dictionary<string, Array64> weights = golden["initial"]
            .Parts.ToDictionary(p => p.Name, p => Wide(p.Part.Tensor));
        var x = new Array64(
            [batch.Length, 28, 18, 3],
            [.. batch.SelectMany(i => images.Samples(i, 1).Values.ToArray()).Select(v => (double)v)]
        );

        Assert.Equal(golden["losses"].Numbers[0], Loss(), 1e-6);
        foreach ((string name, Golden gradient) in golden["gradients"].Parts)
        {
            double[] values = weights[name].Values;
            float[] expected = gradient.Tensor.Values.ToArray();
            for (int i = 0; i < values.Length; i += Math.Max(1, values.Length / 6))
            {
                double at = values[i];
                values[i] = at + 1e-5;
                double up = Loss();
                values[i] = at - 1e-5;
                double down = Loss();
                values[i] = at;
                Assert.Equal(expected[i], (up - down) / 2e-5, 1e-6);
            }
        }

        double Loss()
        {
            var pads = Pads2.Same(28, 18, 7, 4, 1);
            Assert.Equal(new Pads2(1, 2, 2, 3), pads);
            var relu = new ActivationOp(ActivationKind.Relu);
            Array64 y = Run(new ConvolutionOp(4, pads, 1, 1), x, weights["conv2d/kernel"], weights["conv2d/bias"]);
            string[] names = ["moving_mean", "moving_variance", "gamma", "beta"];
            Array64[] normalization = [.. names.Select(n => weights[$"batch_normalization/{n}"])];
            y = Run(new BatchNormalizationOp(.99, 1e-3, true, true, true), [Run(relu, y), .. normalization]);
            y = Run(new MaxPoolOp(3, 2, Pads2.None), y);
            y = Run(new ReshapeOp(Shape.Of(36)), y);
            y = Run(relu, Run(new LinearOp(), y, weights["dense/kernel"], weights["dense/bias"]));
            y = Run(new LinearOp(), y, weights["dense_1/kernel"], weights["dense_1/bias"]);
            y = Run(new SoftmaxOp(), y);
            return labels.Select((label, row) => -Math.Log(y[row, label])).Average();
        }

        static Array64 Run(Op op, params Array64[] inputs) => Reference.Forward(op, true, inputs);
    }

    [Fact]
    public void Every_file_is_whole()
    {
        Golden network = Golden.Load("network.json");
        Assert.Equal(10, network["losses"].Numbers.Length);
        Assert.Equal(10, network["batches"].Items.Count());
        Assert.Equal([16, 28, 18, 3], network["pixels"].Pixels.Shape);
        Assert.Equal([16, 5], network["probabilities"].Tensor.Shape);
        Assert.Equal(network["initial"].Parts.Select(p => p.Name), network["final"].Parts.Select(p => p.Name));

        Golden optimizers = Golden.Load("optimizers.json");
        Assert.Equal(5, optimizers["gradients"].Items.Count());
        foreach ((_, Golden rule) in optimizers["cases"].Parts)
        {
            Assert.True(rule["options"].Has("rate"));
            Assert.Equal(5, rule["weights"].Items.Count(w => w.Tensor.Shape == Shape.Of(7)));
        }

        foreach ((_, Golden loss) in Golden.Load("losses.json").Parts)
        {
            Assert.Equal(loss["output"].Tensor.Shape, loss["gradient"].Tensor.Shape);
            Assert.True(loss["loss"].Number > 0);
        }
    }

    private static Array64 Wide(NDArray array) =>
        new(array.Shape.ToArray(), [.. array.Values.ToArray().Select(v => (double)v)]);
}
