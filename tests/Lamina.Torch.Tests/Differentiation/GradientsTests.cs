using static Lamina.Layers;

namespace Lamina.Torch.Tests.Differentiation;

/// <summary>Functions from arrays to gradients, against central differences and closed forms.</summary>
public abstract class GradientsTests(Device device)
{
    private GradientOptions Options => new() { Device = device };

    [Fact]
    public void The_gradient_by_inputs_weights_and_layers_follows_central_differences()
    {
        Session.SetRandomSeed(3);
        Symbol image = Input(8, 8, 2);
        Symbol x = Conv2D(8, 3, padding: "same", activation: "tanh")(image);
        x = BatchNormalization()(x);
        x = AveragePooling2D(2)(x);
        Symbol side = Input(4);
        x = Concatenate()(Flatten()(x), Dense(3, activation: "sigmoid")(side));
        Symbol hidden = Dense(6, activation: "elu")(x);
        Model model = Model([image, side], [Dense(3)(Dropout(0.5)(hidden))]);
        Symbol loss = Ops.Sum(Ops.Square(model.Outputs[0])) / 6;
        Symbol[] by = [image, side, hidden, .. model.TrainableWeights.Select(w => w.Symbol)];
        using GradientFunction function = Gradients.Of(loss, by, Options with { Inputs = [image, side] });

        NDArray[] arrays = [Random([2, 8, 8, 2], 1), Random([2, 4], 2)];
        GradientResult result = function.Run(arrays);
        double Loss() => function.Run(arrays).Loss.Values[0];

        Assert.Equal(Shape.Of(), result.Loss.Shape);
        for (int i = 0; i < 2; i++)
        {
            AssertFollows(arrays[i].Values.Length, result.Gradients[i], Loss, (j, d) => arrays[i].Values[j] += d);
        }
        Assert.Equal(Shape.Of(2, 6), result.Gradients[2].Shape);
        for (int w = 0; w < model.TrainableWeights.Count; w++)
        {
            Weight weight = model.TrainableWeights[w];
            NDArray gradient = result.Gradients[3 + w];
            Assert.Equal(weight.Shape, gradient.Shape);
            AssertFollows(
                (int)weight.Count,
                gradient,
                Loss,
                (j, d) =>
                {
                    float[] values = weight.GetValues();
                    values[j] += d;
                    weight.SetValues(values);
                }
            );
        }
    }

    [Fact]
    public void Elements_of_the_loss_add_up_and_can_be_weighted()
    {
        Symbol x = Input(2);
        Symbol loss = Ops.Square(x);
        using GradientFunction function = Gradients.Of(loss, x, Options);
        NDArray values = NDArray.From(
            new float[,]
            {
                { 1, 2 },
                { 3, -4 },
            }
        );
        Assert.Equal([1f, 4, 9, 16], function.Run(values).Loss.Values.ToArray());
        Assert.Equal([2f, 4, 6, -8], function.Run(values).Gradients[0].Values.ToArray());
        NDArray weights = NDArray.From(
            new float[,]
            {
                { 0, 1 },
                { 0.5f, 0 },
            }
        );
        Assert.Equal([0f, 4, 3, 0], function.Run([values], weights).Gradients[0].Values.ToArray());
        Assert.Throws<ShapeException>(() => function.Run([values], new NDArray([2])));
    }

    [Fact]
    public void The_mean_of_a_batch_divides_by_its_size()
    {
        Symbol x = Input(3);
        using GradientFunction function = Gradients.Of(Ops.Mean(Ops.Square(x)), x, Options);
        foreach (int count in (int[])[2, 5])
        {
            NDArray values = Random([count, 3], count);
            GradientResult result = function.Run(values);
            Assert.Equal(values.Values.ToArray().Average(v => (double)v * v), result.Loss.Values[0], 1e-6);
            Assert.Equal(2 * values.Values[4] / (3 * count), result.Gradients[0].Values[4], 1e-6);
        }
    }

    [Fact]
    public void The_gradient_of_the_loss_by_itself_is_1_and_further_values_are_returned()
    {
        Symbol x = Input(1);
        Symbol y = 3 * x;
        using GradientFunction function = Gradients.Of(y, [y, x], Options with { Values = [x + 1] });
        GradientResult result = function.Run(
            NDArray.From(
                new float[,]
                {
                    { 5 },
                }
            )
        );
        Assert.Equal([1f, 3f], result.Gradients.Select(g => g.Values[0]));
        Assert.Equal([6f], result.Values[0].Values.ToArray());
    }

    [Fact]
    public void A_probability_has_a_gradient_although_its_log_is_computed_from_logits()
    {
        Symbol x = Input(3);
        Symbol p = Softmax()(x);
        using GradientFunction function = Gradients.Of(Ops.Log(p), [p, x], Options);
        GradientResult result = function.Run(
            NDArray.From(
                new float[,]
                {
                    { 0, 0, 0 },
                }
            )
        );
        Assert.Equal([3f, 3f, 3f], result.Gradients[0].Values.ToArray().Select(v => MathF.Round(v, 5)));
        Assert.All(result.Gradients[1].Values.ToArray(), v => Assert.Equal(0, v, 1e-6));
    }

    [Fact]
    public void In_training_layers_drop_and_move_their_averages_and_else_they_do_not()
    {
        Symbol x = Input(64);
        BatchNormalization norm = new();
        Symbol y = Dropout(0.5)(norm.Apply(x));
        NDArray values = Random([8, 64], 4);
        using GradientFunction still = Gradients.Of(y, x, Options);
        float[] once = still.Run(values).Gradients[0].Values.ToArray();
        Assert.Equal(once, still.Run(values).Gradients[0].Values.ToArray());
        Assert.All(once, v => Assert.Equal(1 / Math.Sqrt(1.001), v, 1e-6));
        Assert.All(norm.Weights[2].GetValues(), m => Assert.Equal(0, m));

        using GradientFunction moving = Gradients.Of(y, norm.Weights[1], Options with { Training = true });
        NDArray first = moving.Run(values).Gradients[0];
        NDArray second = moving.Run(values).Gradients[0];
        // Each unit kept by dropout counts twice; another step drops others.
        Assert.All(first.Values.ToArray(), v => Assert.Equal(0, v % 2));
        Assert.NotEqual(first.Values.ToArray(), second.Values.ToArray());
        Assert.Contains(norm.Weights[2].GetValues(), m => m != 0);
    }

    [Fact]
    public void A_loop_of_ones_own_fits_a_line()
    {
        Symbol x = Input(1);
        Dense line = new(1);
        Symbol target = Input(1);
        Symbol loss = Ops.Sum(Ops.Square(line.Apply(x) - target)) / 4;
        using GradientFunction step = Gradients.Of(loss, line.TrainableWeights, Options with { Inputs = [x, target] });
        NDArray xs = NDArray.From(
            new float[,]
            {
                { -1 },
                { 0 },
                { 1 },
                { 2 },
            }
        );
        NDArray ys = NDArray.From(
            new float[,]
            {
                { -1 },
                { 1 },
                { 3 },
                { 5 },
            }
        );
        for (int i = 0; i < 200; i++)
        {
            IReadOnlyList<NDArray> gradients = step.Run(xs, ys).Gradients;
            for (int w = 0; w < gradients.Count; w++)
            {
                float[] values = line.TrainableWeights[w].GetValues();
                values[0] -= 0.2f * gradients[w].Values[0];
                line.TrainableWeights[w].SetValues(values);
            }
        }
        Assert.Equal([2f, 1f], line.TrainableWeights.Select(w => MathF.Round(w.GetValues()[0], 3)));
    }

    [Fact]
    public void A_gradient_that_reaches_nothing_is_refused_with_its_reason()
    {
        Symbol x = Input(4);
        Dense used = new(2, name: "used");
        Dense other = new(2, name: "other");
        Symbol y = used.Apply(x);
        other.Apply(x);
        BatchNormalization norm = new(name: "norm");
        Symbol z = norm.Apply(y);
        Assert.Contains("does not depend on it", Error(z, other.TrainableWeights[0].Symbol));
        Assert.Contains("moving statistics", Error(z, norm.Weights[2].Symbol));
        Assert.Contains("op without a gradient", Error(Ops.ArgMax(y), x));
        Assert.Contains(
            "nothing to compute",
            Assert.Throws<GraphException>(() => Gradients.Of(z, Array.Empty<Symbol>())).Message
        );
        Symbol second = Input(2);
        GradientOptions one = Options with { Inputs = [x] };
        Assert.Contains(
            "Add it to the inputs",
            Assert.Throws<GraphException>(() => Gradients.Of(y + second, x, one)).Message
        );
        GradientOptions wrong = Options with { Inputs = [y] };
        Assert.Contains("is not an input", Assert.Throws<GraphException>(() => Gradients.Of(y, x, wrong)).Message);
        using GradientFunction function = Gradients.Of(y, x, Options);
        Assert.Contains(
            "requires (None, 4)",
            Assert.Throws<ShapeException>(() => function.Run(new NDArray([2, 5]))).Message
        );
        Assert.Contains("1 array", Assert.Throws<ShapeException>(() => function.Run()).Message);
        function.Dispose();
        Assert.Throws<ObjectDisposedException>(() => function.Run(new NDArray([2, 4])));

        string Error(Symbol loss, Symbol by) =>
            Assert.Throws<GraphException>(() => Gradients.Of(loss, by, Options)).Message;
    }

    private static void AssertFollows(int count, NDArray gradient, Func<double> loss, Action<int, float> move)
    {
        const float Step = 0.02f;
        for (int i = 0; i < count; i += Math.Max(1, count / 7))
        {
            move(i, Step);
            double above = loss();
            move(i, -2 * Step);
            double below = loss();
            move(i, Step);
            double slope = (above - below) / (2 * Step);
            Assert.Equal(slope, gradient.Values[i], 4e-4 + (3e-3 * Math.Abs(slope)));
        }
    }

    private static NDArray Random(Shape shape, long seed)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        var result = new NDArray(shape);
        foreach (ref float value in result.Values)
        {
            value = (2 * random.NextSingle()) - 1;
        }
        return result;
    }
}

/// <inheritdoc/>
public sealed class GradientsOnCpuTests() : GradientsTests(Device.Cpu);

/// <inheritdoc/>
public sealed class GradientsOnPortableTests() : GradientsTests(Device.Portable);
