using Extending;
using Lamina.Torch.Tests.Training.Optimizers;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Extending;

/// <summary>A loss of a program's own, in ops.</summary>
public sealed class FocalLossTests : IDisposable
{
    private const int Inputs = 3;
    private const int Classes = 4;
    private const int Samples = 5;

    private readonly string _root = Directory.CreateTempSubdirectory("lamina-focal-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 60)]
    [InlineData(1.5, 1)]
    public void Value_and_gradient_are_those_of_the_formula(double gamma, float scale)
    {
        foreach (Device device in TestDevices.All)
        {
            AssertFormula(gamma, scale, device);
        }
    }

    private static void AssertFormula(double gamma, float scale, Device device)
    {
        (NDArray x, NDArray y) = Data();
        Model model = Network(scale);
        float[] before = model.Weights[0].GetValues();
        float[] bias = model.Weights[1].GetValues();
        model.Compile(new Sgd(1), new FocalLoss(gamma), device: device);
        double expected = Loss(before.Select(v => (double)v).ToArray(), bias, x, y, gamma);
        Assert.Equal(expected, model.TestOnBatch(x, y)["loss"], 1e-5 * Math.Max(1, expected));
        Assert.Equal(expected, model.Evaluate(x, y, 2)["loss"], 1e-5 * Math.Max(1, expected));
        Assert.Equal(expected, model.TrainOnBatch(x, y)["loss"], 1e-5 * Math.Max(1, expected));
        float[] after = model.Weights[0].GetValues();
        for (int i = 0; i < before.Length; i++)
        {
            double[] up = [.. before.Select((v, k) => v + (k == i ? 1e-5 : 0))];
            double[] down = [.. before.Select((v, k) => v - (k == i ? 1e-5 : 0))];
            double slope = (Loss(up, bias, x, y, gamma) - Loss(down, bias, x, y, gamma)) / 2e-5;
            Assert.Equal(slope, (double)before[i] - after[i], 1e-4 * Math.Max(1, scale));
        }
    }

    [Fact]
    public void Without_gamma_it_is_the_crossentropy()
    {
        (NDArray x, NDArray y) = TinyModels.Data(7);
        Model focal = TinyModels.Network(4, noisy: true);
        Model plain = TinyModels.Network(4, noisy: true);
        focal.Compile(new Sgd(0.1), new FocalLoss(0), ["accuracy"]);
        plain.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", ["accuracy"]);
        for (int step = 0; step < 4; step++)
        {
            IReadOnlyDictionary<string, double> a = focal.TrainOnBatch(x, y);
            IReadOnlyDictionary<string, double> b = plain.TrainOnBatch(x, y);
            Assert.Equal(b["loss"], a["loss"], 1e-5);
            Assert.Equal(b["accuracy"], a["accuracy"]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stopped_run_goes_on_to_the_same_bytes(bool recompute)
    {
        (NDArray x, NDArray y) = TinyModels.Data(11);
        float[] whole = Run("whole", stopAt: null)!;
        Assert.Null(Run("stopped", stopAt: 4));
        Assert.Equal(whole, Run("stopped", stopAt: null));

        float[]? Run(string name, int? stopAt)
        {
            Model model = TinyModels.Network(4, noisy: true);
            model.Compile(new SignMomentum(0.01), new FocalLoss(), ["accuracy"], recompute: recompute);
            using var source = new CancellationTokenSource();
            int steps = 0;
            var stopper = new LambdaCallback(onTrainBatchEnd: _ =>
            {
                if (++steps == stopAt)
                {
                    source.Cancel();
                }
            });
            History history = model.Fit(
                x,
                y,
                4,
                3,
                validation: new ArraySource(x, y, 4),
                callbacks: [stopper, new BackupAndRestore(Path.Combine(_root, name))],
                verbose: 0,
                cancellation: source.Token
            );
            return history.Cancelled ? null : TinyModels.Bytes(model);
        }
    }

    [Fact]
    public void A_checkpoint_is_of_one_gamma()
    {
        (NDArray x, NDArray y) = TinyModels.Data(8);
        Fit(2, stop: true);
        string message = Assert.Throws<LaminaException>(() => Fit(3, stop: false)).Message;
        Assert.Contains("loss's gamma (2, now 3)", message, StringComparison.Ordinal);

        void Fit(double gamma, bool stop)
        {
            Model model = TinyModels.Network(4);
            model.Compile(new Sgd(0.1), new FocalLoss(gamma));
            using var source = new CancellationTokenSource();
            var stopper = new LambdaCallback(onTrainBatchEnd: _ =>
            {
                if (stop)
                {
                    source.Cancel();
                }
            });
            model.Fit(
                x,
                y,
                4,
                2,
                callbacks: [stopper, new BackupAndRestore(_root)],
                verbose: 0,
                cancellation: source.Token
            );
        }
    }

    [Fact]
    public void A_loss_must_have_one_value_for_each_sample()
    {
        (NDArray x, NDArray y) = Data();
        Model model = Network(1);
        model.Compile(new Sgd(1), new Summed());
        string message = Assert.Throws<LaminaException>(() => model.TrainOnBatch(x, y)).Message;
        Assert.Contains("Summed: Call returned ()", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_config_that_is_registered_is_read()
    {
        Lamina.Loss.Register("focal", c => new FocalLoss(c["gamma"]!.GetValue<double>()));
        var loss = new FocalLoss(1.5);
        Assert.Equal(
            loss.GetConfig().ToJsonString(),
            Lamina.Loss.FromConfig(loss.GetConfig()).GetConfig().ToJsonString()
        );
    }

    private static (NDArray X, NDArray Y) Data()
    {
        var random = new RandomStream(5, RandomPurpose.User);
        var x = new NDArray([Samples, Inputs]);
        foreach (ref float value in x.Values)
        {
            value = (2 * random.NextSingle()) - 1;
        }
        var y = new NDArray([Samples]);
        for (int i = 0; i < Samples; i++)
        {
            y.Values[i] = i % Classes;
        }
        return (x, y);
    }

    private static Model Network(float scale)
    {
        Session.SetRandomSeed(3);
        Symbol input = Input(Inputs);
        Model model = Model(input, Dense(Classes, activation: "softmax")(input));
        model.Weights[0].SetValues([.. model.Weights[0].GetValues().Select(v => v * scale)]);
        return model;
    }

    private static double Loss(double[] kernel, float[] bias, NDArray x, NDArray y, double gamma)
    {
        double sum = 0;
        for (int i = 0; i < Samples; i++)
        {
            double[] logits =
            [
                .. Enumerable
                    .Range(0, Classes)
                    .Select(c => bias[c] + Enumerable.Range(0, Inputs).Sum(k => x[i, k] * kernel[(k * Classes) + c])),
            ];
            double most = logits.Max();
            double log = logits[(int)y.Values[i]] - most - Math.Log(logits.Sum(l => Math.Exp(l - most)));
            sum -= Math.Pow(1 - Math.Exp(log), gamma) * log;
        }
        return sum / Samples;
    }

    private sealed class Summed : Lamina.Loss
    {
        public override Symbol Call(Symbol target, Symbol output) => Ops.Sum(Ops.Square(output));
    }
}
