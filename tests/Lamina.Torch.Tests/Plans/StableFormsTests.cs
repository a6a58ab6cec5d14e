using Lamina.Torch.Tests.Training.Losses;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Plans;

/// <summary>
/// Losses that a program writes by hand on probabilities: exact and with a stable gradient at any logits, like the
/// built-in ones, against definitions in float64.
/// </summary>
public class StableFormsTests
{
    private const int Classes = 4;

    private static readonly Dictionary<string, Func<Symbol, Symbol, Symbol>> s_softmax = new()
    {
        ["log"] = (t, p) => -Ops.Sum(t * Ops.Log(p), [-1]),
        ["log, negated inside"] = (t, p) => Ops.Sum(t * -Ops.Log(p), [-1]),
        ["clipped"] = (t, p) => -Ops.Sum(t * Ops.Log(Ops.Clip(p, 1e-7, 1 - 1e-7)), [-1]),
        ["clipped after adding"] = (t, p) => -Ops.Sum(Ops.Log(Ops.Clip(p + 1e-9, 1e-7, 1)) * t, [-1]),
        ["shifted"] = (t, p) => -Ops.Sum(t * Ops.Log(p + 1e-7), [-1]),
        ["at least"] = (t, p) => -Ops.Sum(t * Ops.Log(Ops.Maximum(1e-8, p)), [-1]),
        ["scaled to 1"] = (t, p) => -Ops.Sum(t * Ops.Log(p / Ops.Sum(p, [-1], keepDims: true)), [-1]),
        ["class weights"] = (t, p) => -Ops.Sum(Weights() * (t * Ops.Log(p)), [-1]),
        ["Keras's"] = (t, p) => new CategoricalCrossentropy().Call(t, p),
        ["the divergence of Keras"] = (t, p) => new KLDivergence().Call(t, p),
    };

    private static readonly Dictionary<string, Func<Symbol, Symbol, Symbol>> s_logits = new()
    {
        ["log sum exp"] = (t, x) => -Ops.Sum(t * (x - Ops.LogSumExp(x, [-1], keepDims: true)), [-1]),
        ["log of a sum of exp"] = (t, x) =>
            -Ops.Sum(t * (x - Ops.Log(Ops.Sum(Ops.Exp(x), [-1], keepDims: true))), [-1]),
        ["softmax by hand"] = (t, x) =>
            -Ops.Sum(t * Ops.Log(Ops.Exp(x) / Ops.Sum(Ops.Exp(x), [-1], keepDims: true)), [-1]),
        ["the right score"] = (t, x) => Ops.Log(Ops.Sum(Ops.Exp(x), [-1])) - Ops.Sum(t * x, [-1]),
    };

    private static readonly Dictionary<string, Func<Symbol, Symbol, Symbol>> s_sigmoid = new()
    {
        ["logs"] = (t, p) => -((t * Ops.Log(p)) + ((1 - t) * Ops.Log(1 - p))),
        ["clipped"] = (t, p) =>
            -((t * Ops.Log(Ops.Clip(p, 1e-7, 1))) + ((1 - t) * Ops.Log(1 - Ops.Clip(p, 0, 1 - 1e-7)))),
        ["shifted"] = (t, p) => -((t * Ops.Log(p + 1e-8)) + ((1 - t) * Ops.Log(1 - p + 1e-8))),
        ["log1p"] = (t, p) => -((t * Ops.Log(p)) + ((1 - t) * Ops.Log1p(-p))),
        ["Keras's"] = (t, p) => new BinaryCrossentropy().Call(t, p),
    };

    public static TheoryData<string> OfSoftmax => [.. s_softmax.Keys];

    public static TheoryData<string> OfLogits => [.. s_logits.Keys];

    public static TheoryData<string> OfSigmoid => [.. s_sigmoid.Keys];

    private static NDArray Logits =>
        new([3, Classes], (float[])[1000, -1000, 0, 3, -1000, -999, -1001, -1000, 0.5f, -0.25f, 1000, 2]);

    private static NDArray Targets => new([3, Classes], (float[])[0, 1, 0, 0, 0.25f, 0.25f, 0, 0.5f, 1, 0, 0, 0]);

    [Theory]
    [MemberData(nameof(OfSoftmax))]
    public void A_crossentropy_of_a_softmax_is_exact_at_any_logits(string name) =>
        RequireCrossentropy(s_softmax[name], s => Activation("softmax")(s), name == "class weights");

    [Theory]
    [MemberData(nameof(OfLogits))]
    public void A_crossentropy_of_logits_is_exact_at_any_logits(string name) =>
        RequireCrossentropy(s_logits[name], s => Activation("linear")(s), false);

    [Theory]
    [MemberData(nameof(OfSigmoid))]
    public void A_crossentropy_of_a_sigmoid_is_exact_at_any_logits(string name)
    {
        float[] x = [1000, -1000, 0.5f, -20, 30, -1000];
        float[] t = [0, 1, 0.25f, 1, 0, 0];
        foreach (Device device in TestDevices.All)
        {
            LossRun run = LossRun.Of(
                new Custom((target, p) => s_sigmoid[name](target, p)),
                new NDArray([3, 2], x),
                new NDArray([3, 2], t),
                device,
                s => Activation("sigmoid")(s)
            );
            Assert.Equal(
                x.Zip(t, (z, y) => Math.Max(z, 0) - (z * (double)y) + Log1pExp(-Math.Abs(z))).Average(),
                run.Value,
                1e-4
            );
            for (int i = 0; i < x.Length; i++)
            {
                Assert.Equal(((1 / (1 + Math.Exp(-(double)x[i]))) - t[i]) / 6, run.Gradient[i], 1e-6);
            }
        }
    }

    [Fact]
    public void A_focal_loss_of_a_softmax_has_the_gradient_of_float64()
    {
        const double gamma = 2;
        foreach (Device device in TestDevices.All)
        {
            LossRun run = LossRun.Of(
                new Custom((t, p) => -Ops.Sum(0.5 * Ops.Power(1 - p, gamma) * (t * Ops.Log(p)), [-1])),
                Logits,
                Targets,
                device,
                s => Activation("softmax")(s)
            );
            double[] x = [.. Logits.Values.ToArray().Select(v => (double)v)];
            Assert.Equal(Focal(x), run.Value, 1e-3);
            for (int i = 0; i < x.Length; i++)
            {
                double h = 1e-5 * Math.Max(1, Math.Abs(x[i]));
                double slope = (Focal(With(x, i, x[i] + h)) - Focal(With(x, i, x[i] - h))) / (2 * h);
                Assert.Equal(slope, run.Gradient[i], 1e-5);
            }
        }

        static double Focal(double[] x) =>
            -Rows(x)
                .Zip(
                    Rows(Targets),
                    (r, t) => r.Zip(t, (l, q) => q == 0 ? 0 : 0.5 * Math.Pow(1 - Math.Exp(l), gamma) * q * l).Sum()
                )
                .Average();

        static IEnumerable<double[]> Rows(object of) =>
            of is NDArray a
                ? a.Values.ToArray().Select(v => (double)v).Chunk(Classes)
                : ((double[])of).Chunk(Classes).Select(LogSoftmax);
    }

    [Fact]
    public void A_loss_by_hand_runs_the_ops_of_the_built_in_one()
    {
        Symbol input = Input(Classes);
        Symbol output = Dense(Classes, activation: "softmax")(input);
        Shape target = Shape.Of(3, Classes);
        string[] builtIn = LossRun.OpsOf(new CategoricalCrossentropy(), input, output, target);
        Assert.Contains("log_likelihood", builtIn);
        Assert.DoesNotContain("softmax", builtIn);
        foreach (string name in (string[])["log", "clipped", "shifted", "scaled to 1"])
        {
            Assert.Equal(builtIn, LossRun.OpsOf(new Custom(s_softmax[name]), input, output, target));
        }
        string[] focal = LossRun.OpsOf(new CategoricalFocalCrossentropy(), input, output, target);
        Assert.Contains("log_likelihood", focal);
        Assert.DoesNotContain("log", focal);
    }

    [Fact]
    public void A_bound_that_is_a_function_of_its_own_stays()
    {
        LossRun run = LossRun.Of(
            new Custom((t, p) => -Ops.Sum(t * Ops.Log(Ops.Clip(p, 0.1, 1)), [-1])),
            Logits,
            Targets,
            head: s => Activation("softmax")(s)
        );
        // 1: the class has nothing. 2: three classes have 0.21, 0.58 and 0.21. 3: nothing.
        double[] row = LogSoftmax([-1000, -999, -1001, -1000]);
        double second = -((0.25 * row[0]) + (0.25 * row[1]) + (0.5 * row[3]));
        Assert.Equal(((2 * -Math.Log(0.1)) + second) / 3, run.Value, 1e-5);
    }

    [Fact]
    public void A_guard_in_a_layer_stays_because_it_is_what_the_model_computes()
    {
        Symbol input = Input(Classes);
        Symbol p = Activation("softmax")(input);
        Model model = Model(input, Ops.Log(Ops.Clip(p, 1e-7, 1)));
        float[] logs = model.Predict(Logits).Values.ToArray();
        Assert.Equal(Math.Log(1e-7), logs[1], 1e-4);
        Assert.Equal(-2000, Model(input, Ops.Log(p)).Predict(Logits).Values[1], 1e-3);
    }

    [Fact]
    public void A_gradient_by_the_probabilities_passes_through_them()
    {
        Symbol x = Input(3);
        Symbol p = Ops.Softmax(LossTerm.Detached(x));
        using GradientFunction function = Gradients.Of(
            Ops.Sum(Ops.Log(p), [-1]),
            [p],
            new GradientOptions { Inputs = [x] }
        );
        GradientResult result = function.Run(new NDArray([1, 3], (float[])[0, 0, 0]));
        Assert.All(result.Gradients[0].Values.ToArray(), g => Assert.Equal(3, g, 1e-5));
    }

    [Fact]
    public void A_logit_of_minus_infinity_leaves_its_class_out()
    {
        var x = new NDArray([1, 3], (float[])[0, 0, float.NegativeInfinity]);
        foreach (Device device in TestDevices.All)
        {
            LossRun run = LossRun.Of(
                new SparseCategoricalCrossentropy(),
                x,
                new NDArray([1], (float[])[0]),
                device,
                s => Activation("softmax")(s)
            );
            Assert.Equal(Math.Log(2), run.Value, 1e-6);
            Assert.Equal([-0.5f, 0.5f, 0], run.Gradient);
        }
    }

    private static void RequireCrossentropy(
        Func<Symbol, Symbol, Symbol> loss,
        Func<Symbol, Symbol> head,
        bool isWeighted
    )
    {
        float[] w = isWeighted ? [2, 1, 0.5f, 3] : [1, 1, 1, 1];
        double[][] logs = [.. Logits.Values.ToArray().Select(v => (double)v).Chunk(Classes).Select(LogSoftmax)];
        double[][] targets = [.. Targets.Values.ToArray().Select(v => (double)v).Chunk(Classes)];
        foreach (Device device in TestDevices.All)
        {
            LossRun run = LossRun.Of(new Custom(loss), Logits, Targets, device, head);
            double expected = logs.Zip(targets, (l, t) => -l.Select((v, c) => w[c] * t[c] * v).Sum()).Average();
            // The divergence subtracts the targets' own entropy.
            double entropy = expected - run.Value is > 0.01 and var rest ? rest : 0;
            Assert.True(entropy == 0 || Math.Abs(entropy - Entropy(targets)) < 1e-3, $"{run.Value}, not {expected}");
            Assert.True(Math.Abs(expected - entropy - run.Value) <= 1e-3, $"{run.Value}, not {expected}");
            for (int i = 0; i < run.Gradient.Length; i++)
            {
                (int row, int c) = (i / Classes, i % Classes);
                double mass = targets[row].Select((t, k) => w[k] * t).Sum();
                double slope = ((mass * Math.Exp(logs[row][c])) - (w[c] * targets[row][c])) / 3;
                Assert.Equal(slope, run.Gradient[i], 1e-6);
            }
        }
    }

    private static double Entropy(double[][] targets) =>
        targets.Average(r => r.Sum(t => t == 0 ? 0 : -t * Math.Log(t)));

    private static Symbol Weights() => Ops.Constant(new NDArray([Classes], (float[])[2, 1, 0.5f, 3]));

    private static double[] With(double[] x, int index, double value)
    {
        double[] copy = [.. x];
        copy[index] = value;
        return copy;
    }

    private static double[] LogSoftmax(double[] row)
    {
        double most = row.Max();
        double sum = most + Math.Log(row.Sum(v => Math.Exp(v - most)));
        return [.. row.Select(v => v - sum)];
    }

    private static double Log1pExp(double x) => Math.Log(1 + Math.Exp(x));

    private sealed class Custom(Func<Symbol, Symbol, Symbol> call) : Loss("custom")
    {
        public override Symbol Call(Symbol target, Symbol output) => call(target, output);
    }
}
