using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Data;

namespace Lamina.Cli.Tests;

/// <summary>One small training with label smoothing and a learning rate at which the loss grows to tens.</summary>
public sealed class DivergedRun : IDisposable
{
    public DivergedRun()
    {
        string data = Folder.WriteImages("data", perClass: 20);
        JsonNode recipe = JsonNode.Parse(Alexnet.Run("recipes", "tutorial").Output)!;
        recipe["label_smoothing"] = 0.1;
        File.WriteAllText(Folder["smooth.json"], recipe.ToJsonString());
        string[] options = ["--input", "57", "--batch", "16", "--epochs", "1", "--lr", "0.3", "--output", Run];
        Outcome = Alexnet.Run(["train", data, "--recipe", Folder["smooth.json"], .. options]);
    }

    public TempFolder Folder { get; } = new();

    public string Run => Folder["run"];

    internal Outcome Outcome { get; }

    public void Dispose() => Folder.Dispose();
}

/// <summary>The loss of a diverged model is the same number in training, in the result and in every evaluation.</summary>
public sealed class DivergedLossTests(DivergedRun diverged) : IClassFixture<DivergedRun>
{
    // Where probabilities are clipped at 1e-7, no loss of a sample exceeds this.
    private const double MostClipped = 16.2;

    [Fact]
    public void The_validation_loss_the_test_loss_and_the_evaluation_are_equal()
    {
        Assert.Equal("", diverged.Outcome.Error);
        string[] last = File.ReadAllLines(Path.Combine(diverged.Run, "history.csv"))[^1].Split(',');
        double validation = double.Parse(last[3], CultureInfo.InvariantCulture);
        Assert.True(validation > MostClipped, $"the loss is only {validation}");
        JsonNode record = JsonNode.Parse(File.ReadAllText(Path.Combine(diverged.Run, "run.json")))!;
        AssertNear(validation, record["result"]!["loss"]!.GetValue<double>());
        AssertNear(validation, Evaluated());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    public void Crops_average_probabilities_in_float64(int crops)
    {
        (Model model, RunInfo info) = RunInfo.Load(diverged.Run);
        double loss = ClosedForm(info, crops, x => model.PredictLogits(x));
        Assert.True(loss > MostClipped, $"the loss is only {loss}");
        AssertNear(loss, Evaluated("--crops", $"{crops}"));
    }

    [Fact]
    public void A_quantized_model_has_the_same_definition()
    {
        Assert.Equal(0, Alexnet.Run("quantize", diverged.Run, "--images", "8").Code);
        using var model = QuantizedModel.Load(Path.Combine(diverged.Run, "model.int8.safetensors"));
        double loss = ClosedForm(RunInfo.Load(diverged.Run).Info, crops: 1, x => model.PredictLogits(x));
        Assert.True(loss > MostClipped, $"the loss is only {loss}");
        AssertNear(loss, Evaluated("--int8"));
    }

    [Fact]
    public void A_loss_that_is_no_number_is_null_in_JSON()
    {
        var result = new Evaluation(
            ["a", "b"],
            double.NaN,
            2,
            new int[,]
            {
                { 1, 0 },
                { 1, 0 },
            },
            1
        );
        Assert.Null(JsonNode.Parse(EvaluationText.Json(result))!["loss"]);
        Assert.Null(JsonNode.Parse(EvaluationText.Json(result with { Loss = double.PositiveInfinity }))!["loss"]);
        Assert.Equal(1, JsonNode.Parse(EvaluationText.Json(result with { Loss = 1 }))!["loss"]!.GetValue<double>());
    }

    private double Evaluated(params string[] options)
    {
        Outcome outcome = Alexnet.Run(["evaluate", diverged.Run, .. options, "--json"]);
        Assert.Equal(0, outcome.Code);
        return JsonNode.Parse(outcome.Output)!["loss"]!.GetValue<double>();
    }

    /// <summary>The mean of −log of an image's mean probability over crops.</summary>
    private static double ClosedForm(RunInfo info, int crops, Func<NDArray, NDArray> logitsOf)
    {
        LabeledImages images = DataSelection.OpenTest(info.Data!, info.Classes, TestContext.Current.CancellationToken);
        var options = new DataLoaderOptions { Crops = crops };
        double loss = 0;
        int count = 0;
        foreach (Batch batch in new DataLoader(images, info.Preprocessing, options).Batches(0))
        {
            NDArray logits = logitsOf(batch.Inputs[0]);
            for (int i = 0; i < batch.Count; i++)
            {
                var truth = (int)batch.Targets[0].Values[i];
                double[] logs =
                [
                    .. Enumerable.Range(crops * i, crops).Select(row => LogProbability(logits, row, truth)),
                ];
                double best = logs.Max();
                loss -= best + Math.Log(logs.Average(l => Math.Exp(l - best)));
                count++;
            }
        }
        return loss / count;

        // Two classes: −log(1 + exp(other − truth)).
        static double LogProbability(NDArray logits, int row, int truth)
        {
            double ahead = (double)logits[row, 1 - truth] - logits[row, truth];
            return -(Math.Max(ahead, 0) + Math.Log(1 + Math.Exp(-Math.Abs(ahead))));
        }
    }

    private static void AssertNear(double expected, double actual) =>
        Assert.Equal(expected, actual, 1e-6 * Math.Abs(expected));
}
