using static Lamina.Layers;

namespace Lamina.Torch.Tests.Goldens;

/// <summary>Gradients of a class's score against PyTorch's autograd, to 1e-5.</summary>
public abstract class GradientGoldenTests(Device device)
{
    private readonly Golden _network = Golden.Load("network.json");
    private readonly Golden _golden = Golden.Load("gradients.json");

    [Fact]
    public void Gradients_by_images_maps_and_weights_are_those_of_PyTorch()
    {
        (Model model, Symbol maps) = Build("final");
        Weight[] weights = [.. _golden["weights"].Parts.Select(p => model.Weights.Single(w => w.Path == p.Name))];
        GradientResult result = Run(
            model,
            [model.Inputs[0], maps, .. weights.Select(w => w.Symbol)],
            ReluRule.Derivative
        );
        AssertClose(_golden["input"].Tensor, result.Gradients[0]);
        AssertClose(_golden["maps"].Tensor, result.Gradients[1]);
        for (int i = 0; i < weights.Length; i++)
        {
            AssertClose(_golden["weights"][weights[i].Path].Tensor, result.Gradients[2 + i]);
        }
    }

    [Fact]
    public void Guided_backpropagation_is_that_of_PyTorch()
    {
        Model model = Build("final").Model;
        GradientResult result = Run(model, [model.Inputs[0]], ReluRule.Guided);
        AssertClose(_golden["guided"].Tensor, result.Gradients[0]);
    }

    [Fact]
    public void Gradients_of_a_batch_in_training_are_those_of_the_first_step()
    {
        Model model = Build("initial").Model;
        Symbol target = Input(1);
        Symbol hot = Ops.Reshape(Ops.OneHot(target, 5), [5]);
        Symbol loss = Ops.Sum(Ops.LogSoftmax(model.Outputs[0]) * hot) / -8;
        var options = new GradientOptions
        {
            Inputs = [model.Inputs[0], target],
            Training = true,
            Device = device,
        };
        using GradientFunction function = Gradients.Of(loss, model.TrainableWeights, options);
        int[] rows = _network["batches"].Items.First().Integers;
        NDArray images = _network["pixels"].Pixels;
        int[] labels = _network["labels"].Integers;
        var x = new NDArray(
            images.Shape.WithBatch(rows.Length),
            rows.SelectMany(r => images.Samples(r, 1).Values.ToArray()).ToArray()
        );
        var y = new NDArray(Shape.Of(rows.Length, 1), rows.Select(r => (float)labels[r]).ToArray());
        GradientResult result = function.Run(x, y);
        Assert.Equal(_network["losses"].Numbers[0], result.Loss.Values[0], 1e-5);
        for (int i = 0; i < result.Gradients.Count; i++)
        {
            AssertClose(_network["gradients"][model.TrainableWeights[i].Path].Tensor, result.Gradients[i]);
        }
    }

    private GradientResult Run(Model model, Symbol[] by, ReluRule rule)
    {
        using GradientFunction function = Gradients.Of(
            model.Outputs[0],
            by,
            new GradientOptions { ReluRule = rule, Device = device }
        );
        int count = (int)_golden["images"].Number;
        var weights = new NDArray(Shape.Of(count, 5));
        for (int i = 0; i < count; i++)
        {
            weights[i, (int)_golden["class"].Number] = 1;
        }
        return function.Run([_network["pixels"].Pixels.Samples(0, count)], weights);
    }

    private (Model Model, Symbol Maps) Build(string weights)
    {
        Symbol input = Input(28, 18, 3);
        Symbol maps = Conv2D(6, 7, strides: 4, padding: "same", activation: "relu", name: "conv2d")(input);
        Symbol x = BatchNormalization(unbiasedMovingVariance: true, name: "batch_normalization")(maps);
        x = Flatten()(MaxPool2D(3, strides: 2)(x));
        x = Dense(12, activation: "relu", name: "dense")(x);
        Model model = Model(input, Dense(5, name: "dense_1")(x));
        foreach (Weight weight in model.Weights)
        {
            weight.SetValues(_network[weights][weight.Path].Tensor.Values);
        }
        return (model, maps);
    }

    private static void AssertClose(NDArray expected, NDArray actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        for (int i = 0; i < expected.Values.Length; i++)
        {
            Assert.Equal(expected.Values[i], actual.Values[i], 1e-5f);
        }
    }
}

/// <inheritdoc/>
public sealed class GradientGoldenOnCpuTests() : GradientGoldenTests(Device.Cpu);

/// <inheritdoc/>
public sealed class GradientGoldenOnPortableTests() : GradientGoldenTests(Device.Portable);
