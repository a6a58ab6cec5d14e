using Lamina.Torch.Tests.Kernels;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Differentiation;

/// <summary>
/// Gradients as symbols: each op's against the kernels' backward, gradients of gradients against closed forms and central
/// differences.
/// </summary>
public abstract class GradientOfGradientTests(Device device)
{
    /// <summary>The ops whose gradients cannot be written in ops.</summary>
    private static readonly string[] s_refused =
    [
        "max_pool",
        "average_pool",
        "adaptive_average_pool",
        "local_response_normalization",
        "gelu",
        "sample",
        "convolution by its kernel",
        "convolution_transpose by its kernel",
    ];

    private GradientOptions Options => new() { Device = device };

    public static TheoryData<string> Ops64 =>
        [
            .. OpExamples
                .All.Where(e => e.Op.IsDifferentiable && e.Sizes.Length > 0)
                .Select(e => $"{e} {(e.Op as ActivationOp)?.Kind}")
                .Distinct(),
        ];

    [Theory]
    [MemberData(nameof(Ops64))]
    public void The_gradient_of_each_op_is_that_of_its_kernel_or_refused_by_name(string name)
    {
        OpExample example = OpExamples.All.First(e => $"{e} {(e.Op as ActivationOp)?.Kind}" == name);
        OpNode node = OpLayer.Node(example.Op, example.Sizes, example.Weights, trainable: true);
        int data = example.Sizes.Length - example.Weights;
        Symbol loss = Weighted(node.Output);
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            Symbol by = i < data ? node.Inputs[i] : new Symbol(node.Inputs[i].Shape, node.Inputs[i].Producer);
            if (HasNone(example.Op, i))
            {
                continue;
            }
            Symbol gradient;
            try
            {
                gradient = Ops.Gradient(loss, by);
            }
            catch (GraphException e)
            {
                Assert.Contains("cannot be differentiated again", e.Message, StringComparison.Ordinal);
                Assert.Contains(s_refused, r => e.Message.Contains($"of {r} cannot", StringComparison.Ordinal));
                continue;
            }
            Assert.Equal(by.Shape, gradient.Shape);
            AssertSame(example, node, loss, by, gradient);
        }
    }

    private void AssertSame(OpExample example, OpNode node, Symbol loss, Symbol by, Symbol gradient)
    {
        int data = example.Sizes.Length - example.Weights;
        NDArray[] values = [.. example.Sizes.Take(data).Select((s, i) => Random(Shape.Of(s), i + 1, 0.2f, 1.1f))];
        foreach ((Symbol weight, int i) in node.Inputs.Skip(data).Select((w, i) => (w, i)))
        {
            var owner = (ParameterOp)weight.Producer.Op;
            owner.Weight.SetValues(Random(weight.Shape, i + 9, 0.4f, 0.9f).Values);
        }
        Symbol[] inputs = [.. node.Inputs.Take(data)];
        using GradientFunction kernels = Gradients.Of(loss, by, Options with { Inputs = inputs });
        using GradientFunction symbols = Gradients.Of(loss, by, Options with { Inputs = inputs, Values = [gradient] });
        float[] expected = kernels.Run(values).Gradients[0].Values.ToArray();
        float[] actual = symbols.Run(values).Values[0].Values.ToArray();
        Assert.Equal(expected.Length, actual.Length);
        // The examples' condition holds everywhere.
        Assert.True(example.Op is WhereOp || expected.Any(v => v != 0));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5 + (1e-4 * Math.Abs(expected[i])));
        }
    }

    private static bool HasNone(Op op, int input) =>
        op switch
        {
            WhereOp => input == 0,
            SampleOp => input == 1,
            PhaseOp => input == 0,
            BatchNormalizationOp => input is 1 or 2,
            _ => false,
        };

    [Fact]
    public void Second_and_third_derivatives_are_those_of_the_closed_form()
    {
        Symbol x = Input(1);
        Symbol first = Ops.Gradient(Ops.Power(x, 4.0), x);
        Symbol second = Ops.Gradient(first, x);
        using GradientFunction third = Gradients.Of(second, x, Options with { Values = [first] });
        GradientResult result = third.Run(Column(1.5f, -2));
        Assert.Equal([4 * 3.375f, 4 * -8f], result.Values[0].Values.ToArray());
        Assert.Equal([27f, 48f], result.Loss.Values.ToArray());
        Assert.Equal([36f, -48f], result.Gradients[0].Values.ToArray());
    }

    [Fact]
    public void A_gradient_penalty_of_a_convolutional_critic_follows_central_differences()
    {
        Session.SetRandomSeed(5);
        Symbol image = Input(7, 7, 2);
        Symbol x = Conv2D(4, 3, strides: 2, padding: "same", activation: "tanh")(image);
        x = Conv2D(4, 3, groups: 2, padding: "same", activation: "silu")(x);
        x = LayerNormalization()(x);
        x = AveragePooling2D(2)(Conv2DTranspose(3, 3, strides: 2, padding: "same", activation: "sigmoid")(x));
        Symbol score = Dense(1)(Dense(5, activation: "softplus")(Flatten()(x)));
        Model critic = Model(image, score);
        Symbol gradient = Ops.Gradient(critic.Outputs[0], critic.Inputs[0]);
        Symbol norm = Ops.Sqrt(Ops.Sum(Ops.Square(gradient), [1, 2, 3]));
        Symbol penalty = Ops.Square(norm - 1);
        // The bias of the last layer does not change the slope.
        Weight[] weights = [.. critic.TrainableWeights.SkipLast(1)];
        using GradientFunction function = Gradients.Of(Ops.Sum(penalty), weights, Options);
        NDArray images = Random([3, 7, 7, 2], 8, -1, 1);
        GradientResult result = function.Run(images);
        for (int w = 0; w < weights.Length; w++)
        {
            for (int i = 0; i < weights[w].Count; i += Math.Max(1, (int)weights[w].Count / 5))
            {
                double slope = (Moved(weights[w], i, 0.002f) - Moved(weights[w], i, -0.002f)) / 0.004;
                Assert.Equal(slope, result.Gradients[w].Values[i], 2e-3 + (2e-2 * Math.Abs(slope)));
            }
        }

        double Moved(Weight weight, int index, float by)
        {
            float[] before = weight.GetValues();
            float[] values = [.. before];
            values[index] += by;
            weight.SetValues(values);
            double loss = function.Run(images).Loss.Values[0];
            weight.SetValues(before);
            return loss;
        }
    }

    [Fact]
    public void A_last_bias_has_no_part_in_a_slope()
    {
        Symbol x = Input(2);
        Dense dense = new(1, name: "last");
        Symbol slope = Ops.Gradient(dense.Apply(x), x);
        GraphException e = Assert.Throws<GraphException>(() => Gradients.Of(slope, dense.Weights[1], Options));
        Assert.StartsWith("last/bias: no gradient of", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void The_mask_of_dropout_is_that_of_the_forward_pass_and_statistics_are_those_of_the_batch()
    {
        Symbol x = Input(40);
        Symbol y = Dropout(0.4)(BatchNormalization()(Dropout(0.3)(x)));
        Symbol gradient = Ops.Gradient(Weighted(y), x);
        foreach (bool training in (bool[])[true, false])
        {
            using GradientFunction function = Gradients.Of(
                Weighted(y),
                x,
                Options with
                {
                    Values = [gradient],
                    Training = training,
                    Seed = 3,
                }
            );
            GradientResult result = function.Run(Random([6, 40], 2, -1, 1));
            for (int i = 0; i < 240; i++)
            {
                Assert.Equal(result.Gradients[0].Values[i], result.Values[0].Values[i], 2e-5);
            }
            Assert.Equal(training, result.Gradients[0].Values.Contains(0));
        }
    }

    [Fact]
    public void A_model_can_predict_its_slope_and_is_applied_again()
    {
        Symbol x = Input(3);
        Symbol y = Dense(1, useBias: false, activation: "tanh")(x);
        Model model = Model(x, Ops.Gradient(y, x));
        Symbol other = Input(3);
        Model twice = Model(other, model.Apply(other * 2));
        NDArray values = Random([2, 3], 1, -1, 1);
        NDArray doubled = new([2, 3], values.Values.ToArray().Select(v => 2 * v).ToArray());
        Assert.Equal(
            model.Predict(doubled, device: device).Values.ToArray(),
            twice.Predict(values, device: device).Values.ToArray()
        );
        float[] w = model.Weights[0].GetValues();
        double z = w.Zip(doubled.Values.ToArray()).Sum(p => p.First * p.Second);
        Assert.Equal(w[1] * (1 - Math.Pow(Math.Tanh(z), 2)), model.Predict(doubled, device: device).Values[1], 1e-5);
        Assert.Contains("cannot be saved", Assert.Throws<ConfigException>(() => model.ToJson()).Message);
    }

    [Fact]
    public void An_op_that_reads_the_kernel_of_a_convolution_sees_it_in_its_shape()
    {
        Symbol image = Input(5, 5, 2);
        Conv2D conv = new(3, (2, 3));
        Symbol y = conv.Apply(image);
        Weight kernel = conv.TrainableWeights[0];
        NDArray factors = Random(kernel.Shape, 4, -1, 1);
        Symbol loss = Ops.Sum(y * 0) + Ops.Sum(Ops.Multiply(kernel.Symbol, Ops.Constant(factors)));
        using GradientFunction function = Gradients.Of(loss, kernel, Options);
        GradientResult result = function.Run(new NDArray([1, 5, 5, 2]));
        Assert.Equal(factors.Values.ToArray(), result.Gradients[0].Values.ToArray());
        double expected = kernel.GetValues().Zip(factors.Values.ToArray()).Sum(p => (double)p.First * p.Second);
        Assert.Equal(expected, result.Loss.Values[0], 1e-5);
    }

    // A sum in which each element has its own factor, so that no mistake cancels.
    private static Symbol Weighted(Symbol y)
    {
        int[] dims = [.. y.Shape.Skip(y.Shape.HasUnknownBatch ? 1 : 0).Select(d => d!.Value)];
        return Ops.Sum(Ops.Square(y) * Ops.Constant(Random(Shape.Of(dims), 77, 0.5f, 1.5f)));
    }

    private static NDArray Column(params float[] values) => new([values.Length, 1], values);

    private static NDArray Random(Shape shape, long seed, float low, float high)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        var result = new NDArray(shape);
        foreach (ref float value in result.Values)
        {
            value = low + ((high - low) * random.NextSingle());
        }
        return result;
    }
}

/// <inheritdoc/>
public sealed class GradientOfGradientOnCpuTests() : GradientOfGradientTests(Device.Cpu);

/// <inheritdoc/>
public sealed class GradientOfGradientOnPortableTests() : GradientOfGradientTests(Device.Portable);
