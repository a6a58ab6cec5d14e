using Guides;
using Lamina.Inspect;

namespace Lamina.Samples.Tests;

/// <summary>Runs each guide for a few steps, and checks what it reports.</summary>
public sealed class GuideTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-guide-").FullName;
    private readonly StringWriter _output = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Functional()
    {
        Dictionary<string, double> r = Run("functional");
        AssertFalls(r, "loss");
        AssertFalls(r, "priority_loss");
        AssertFalls(r, "shelf_loss");
        Assert.Equal(0, r["sum of losses"], 1e-6);
        Assert.Equal(0, r["difference after loading"], 1e-6);
        Assert.Equal(r["encoder and decoder weights"], r["autoencoder weights"]);
        Assert.Equal(0, r["ensemble minus mean"], 1e-6);
        Assert.Equal((2, 10), (r["weights of two calls"], r["units after from_config"]));
        Assert.True(r["test accuracy"] > 0.3, $"{r["test accuracy"]}");
        Assert.Contains("mnist_model", _output.ToString(), StringComparison.Ordinal);
        AssertPicture("multi_input_and_output_model.png");
    }

    [Fact]
    public void Layers()
    {
        Dictionary<string, double> r = Run("layers");
        Assert.Equal((2, 0, 4), (r["weights of a linear layer"], r["trained weights of a sum"], r["sum of twos"]));
        Assert.Equal((6, 6), (r["weights of a block"], r["trained weights of a block"]));
        Assert.Equal(0, r["trained weights of a frozen block"]);
        Assert.Equal(0.01, r["loss of an activity"], 1e-6);
        AssertFalls(r, "loss");
        AssertPicture("reconstructed.png");
    }

    [Fact]
    public void TrainStep()
    {
        Dictionary<string, double> r = Run("train-step");
        AssertFalls(r, "loss");
        AssertFalls(r, "mae");
        Assert.Equal(r["val_loss"], r["evaluated"], 1e-6);
        // Weights from 0 to 1 halve the loss.
        Assert.InRange(r["last loss"], 0.4 * r["val_loss"], 0.8 * r["val_loss"]);
    }

    [Fact]
    public void TrainingLoop()
    {
        Dictionary<string, double> r = Run("training-loop");
        AssertFalls(r, "loss");
        Assert.True(r["validation accuracy"] > 0.3, $"{r["validation accuracy"]}");
        Assert.True(double.IsFinite(r["discriminator loss"]) && r["adversarial loss"] > 0);
    }

    [Fact]
    public void TransferLearning()
    {
        Dictionary<string, double> r = Run("transfer-learning");
        Assert.Equal((0, 0), (r["frozen layer moved"], r["trained weights of a frozen model"]));
        AssertFalls(r, "loss");
        // Neither weights nor moving averages; then the two kernels, as normalization stays frozen.
        Assert.Equal((0, 2), (r["trunk moved"], r["trunk moved by fine-tuning"]));
        Assert.True(r["fine-tuned loss"] < r["first loss"]);
    }

    [Fact]
    public void Classification()
    {
        Dictionary<string, double> r = Run("classification");
        AssertFalls(r, "loss");
        Assert.Equal(1, r["sum of probabilities"], 1e-5);
        Assert.Contains("The first test image is 'Ankle boot'", _output.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "best.lamina")));
    }

    [Fact]
    public void GradCam()
    {
        Dictionary<string, double> r = Run("grad-cam");
        AssertFalls(r, "loss");
        Assert.Equal((14, 1, 0), (r["rows of the heat map"], r["greatest heat"], r["least heat"]));
        Assert.Equal(1, r["maps that differ"]);
        AssertPicture("grad-cam.png");
    }

    [Fact]
    public void Its_heat_map_is_that_of_the_library()
    {
        Session.SetRandomSeed(3);
        Symbol input = Lamina.Layers.Input(8, 8, 1);
        Symbol x = Lamina.Layers.Conv2D(6, 3, activation: "relu", name: "last_conv")(input);
        Model model = new(input, Lamina.Layers.Dense(3)(Lamina.Layers.GlobalAveragePooling2D()(x)));
        NDArray image = GuideRun.Uniform(new RandomStream(1, RandomPurpose.User), 1, 8, 8, 1);
        using var attributor = new Attributor(model);
        int seen = 0;
        for (int @class = 0; @class < 3; @class++)
        {
            NDArray map = GradCamGuide.MakeHeatmap(image, model, "last_conv", @class);
            float[] expected = attributor.GradCam(image, @class, "last_conv").Values.Values.ToArray();
            float most = expected.Max();
            seen += most > 0 ? 1 : 0;
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i] / Math.Max(most, 1e-12f), map.Values[i], 1e-4);
            }
        }
        Assert.True(seen > 0);
    }

    [Fact]
    public void Autoencoder()
    {
        Dictionary<string, double> r = Run("autoencoder");
        AssertFalls(r, "loss");
        AssertFalls(r, "val_loss");
        AssertPicture("cleaned.png");
    }

    [Fact]
    public void Siamese()
    {
        Dictionary<string, double> r = Run("siamese");
        AssertFalls(r, "loss");
        // Both towers are the same 14 weights.
        Assert.Equal(14, r["weights of two towers"]);
        Assert.True(r["test accuracy"] > 0.6, $"{r["test accuracy"]}");
    }

    [Fact]
    public void Gan()
    {
        Dictionary<string, double> r = Run("gan");
        AssertFalls(r, "d_loss");
        Assert.True(double.IsFinite(r["last g_loss"]));
        AssertPicture("generated_001.png");
    }

    [Fact]
    public void WganGp()
    {
        Dictionary<string, double> r = Run("wgan-gp");
        AssertFalls(r, "d_loss");
        AssertFalls(r, "penalty");
        AssertPicture("generated_001.png");
    }

    [Fact]
    public void The_penalty_is_that_of_a_slope_worked_by_hand()
    {
        // A critic that adds up its pixels, each times w, has the slope w everywhere.
        Symbol image = Lamina.Layers.Input(28, 28, 1);
        Lamina.Dense dense = new(1, kernelInitializer: new Lamina.Constant(0.05));
        Model critic = new(image, dense.Apply(Lamina.Layers.Flatten()(image)));
        Symbol real = Lamina.Layers.Input(28, 28, 1);
        Symbol fake = Lamina.Layers.Input(28, 28, 1);
        Symbol penalty = WganStep.GradientPenalty(critic, real, fake);
        using GradientFunction function = Gradients.Of(penalty, dense.Weights[0]);
        NDArray some = GuideRun.Uniform(new RandomStream(1, RandomPurpose.User), 2, 28, 28, 1);
        GradientResult result = function.Run(some, some);
        // ‖w‖ = 0.05 · 28; (‖w‖ − 1)², whose gradient by w is 2 (‖w‖ − 1) w / ‖w‖, for each of the two samples.
        Assert.All(result.Loss.Values.ToArray(), v => Assert.Equal(0.16, v, 1e-5));
        Assert.All(result.Gradients[0].Values.ToArray(), v => Assert.Equal(2 * 2 * 0.4 * 0.05 / 1.4, v, 1e-5));
    }

    [Fact]
    public void All_guides_are_listed_with_what_they_show()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "guides.md"));
        Assert.All(
            GuideList.All,
            g => Assert.Contains($"| `{g.Key}` | {g.Value.What} |", page, StringComparison.Ordinal)
        );
        Assert.True(GuideList.All.Count >= 10);
    }

    private Dictionary<string, double> Run(string name)
    {
        Session.Clear();
        Session.SetRandomSeed(1);
        var run = new GuideRun(_output, _folder, quick: true);
        GuideList.All[name].Run(run);
        return run.Results;
    }

    private void AssertPicture(string name) =>
        Assert.True(new FileInfo(Path.Combine(_folder, name)).Length > 500, $"{name} is missing or empty.");

    private static void AssertFalls(Dictionary<string, double> results, string name) =>
        Assert.True(
            results[$"last {name}"] < results[$"first {name}"],
            $"{name}: {results[$"first {name}"]}, then {results[$"last {name}"]}"
        );
}
