using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Goldens;

/// <summary>Losses, metrics, optimizers and schedules against what Keras computes.</summary>
public class KerasGoldenTests
{
    private static readonly Golden s_golden = Golden.Load("keras.json");

    public static TheoryData<string> Losses => [.. s_golden["losses"].Parts.Select(p => p.Name)];

    public static TheoryData<string> Metrics => [.. s_golden["metrics"].Parts.Select(p => p.Name)];

    public static TheoryData<string> Optimizers => [.. s_golden["optimizers"]["cases"].Parts.Select(p => p.Name)];

    public static TheoryData<string> Schedules => [.. s_golden["schedules"]["cases"].Parts.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Losses))]
    public void A_loss_and_its_gradient_are_those_of_Keras(string name)
    {
        Golden golden = s_golden["losses"][name];
        NDArray output = golden["output"].Tensor;
        Check(golden["loss"].Number, golden["gradient"].Tensor, null);
        Check(golden["weightedLoss"].Number, golden["weightedGradient"].Tensor, golden["sampleWeights"].Tensor);

        void Check(double loss, NDArray gradient, NDArray? weights)
        {
            Model model = Outputs(output, out NDArray x);
            model.Compile(new Sgd(1), LossOf(name));
            NDArray target = golden["target"].Tensor;
            double value = model.TrainOnBatch(x, target, weights)["loss"];
            Assert.Equal(loss, value, 1e-5 * Math.Max(1, Math.Abs(loss)));
            float[] moved = model.Weights[0].GetValues();
            for (int i = 0; i < moved.Length; i++)
            {
                double slope = output.Values[i] - (double)moved[i];
                Assert.Equal(gradient.Values[i], slope, 2e-5 * Math.Max(1, Math.Abs(gradient.Values[i])));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Metrics))]
    public void A_metric_is_that_of_Keras(string name)
    {
        Golden golden = s_golden["metrics"][name];
        NDArray output = golden["output"].Tensor;
        NDArray target = golden["target"].Tensor;
        NDArray weights = golden["sampleWeights"].Tensor;
        double plain = golden["result"].Number;
        double weighted = golden["weightedResult"].Number;
        foreach (Device device in TestDevices.All)
        {
            Model model = Outputs(output, out NDArray x);
            model.Compile(
                new Sgd(0),
                "mse",
                [MetricOf(name, "plain")],
                weightedMetrics: [MetricOf(name, "weighted")],
                device: device
            );
            IReadOnlyDictionary<string, double> logs = model.Evaluate(x, target, batchSize: 10, sampleWeight: weights);
            Assert.Equal(plain, logs["plain"], 1e-5 * Math.Max(1, plain));
            Assert.Equal(weighted, logs["weighted"], 1e-5 * Math.Max(1, weighted));
        }
        // Of arrays, in a loop of a program.
        Metric metric = MetricOf(name, "arrays");
        metric.Update(output, target, weights);
        Assert.Equal(weighted, metric.Result, 1e-5 * Math.Max(1, weighted));
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Five_steps_of_an_optimizer_are_those_of_Keras(string name)
    {
        Golden golden = s_golden["optimizers"];
        Golden rule = golden["cases"][name];
        JsonObject config = JsonNode.Parse(rule["options"].Text)!.AsObject();
        config["name"] = name.Split(' ')[0];
        var optimizer = Optimizer.FromConfig(config);
        // Over and over, so that vectors of any width and a rest are filled; the ratio of LAMB's norms stays the same.
        const int Copies = 9;
        foreach (Device device in TestDevices.All)
        {
            using Tensor weight = Repeated(golden["initial"].Tensor, Copies);
            UpdateKernels kernels = Backends.For(device).Updates(null);
            using var update = new OptimizerRule(optimizer, Shape.Of((int)weight.Count), device, kernels);
            Tensor[] slots = [.. optimizer.Slots.Select(_ => Tensor.Zeros(weight.Sizes))];
            var moved = new float[weight.Count];
            int step = 0;
            foreach ((Golden gradient, Golden expected) in golden["gradients"].Items.Zip(rule["weights"].Items))
            {
                using Tensor slope = Repeated(gradient.Tensor, Copies);
                update.Run(weight, slope, slots, new WeightStep(kernels, ++step, optimizer.LearningRate));
                weight.CopyTo(moved);
                ReadOnlySpan<float> values = expected.Tensor.Values;
                for (int i = 0; i < moved.Length; i++)
                {
                    Assert.Equal(values[i % values.Length], moved[i], 2e-6);
                }
            }
            Array.ForEach(slots, s => s.Dispose());
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_schedule_is_that_of_Keras(string name)
    {
        LearningRateSchedule schedule = name switch
        {
            "exponential" => new ExponentialDecay(0.1, 10, 0.5),
            "exponential staircase" => new ExponentialDecay(0.1, 10, 0.5, staircase: true),
            "inverse time" => new InverseTimeDecay(0.1, 10, 0.5),
            "inverse time staircase" => new InverseTimeDecay(0.1, 10, 0.5, staircase: true),
            "polynomial" => new PolynomialDecay(0.1, 30, 0.01, power: 2),
            "piecewise" => new PiecewiseConstantDecay([10, 30], [1, 0.5, 0.1]),
            "cosine" => new CosineDecay(0.1, 30, alpha: 0.1),
            "cosine warm-up" => new CosineDecay(0.01, 30, alpha: 0.1, warmupTarget: 0.2, warmupSteps: 10),
            "restarts" => new CosineDecayRestarts(0.1, 10),
            "restarts own" => new CosineDecayRestarts(0.1, 10, tMul: 1.5, mMul: 0.8, alpha: 0.1),
            _ => new CosineDecayRestarts(0.1, 10, tMul: 1, mMul: 0.9),
        };
        double[] updates = s_golden["schedules"]["updates"]["values"].Numbers;
        double[] rates = s_golden["schedules"]["cases"][name]["values"].Numbers;
        for (int i = 0; i < updates.Length; i++)
        {
            Assert.Equal(rates[i], schedule.At((long)updates[i]), 1e-9);
        }
        Assert.Equal(schedule, LearningRateSchedule.FromConfig(schedule.GetConfig()));
    }

    // A dense layer on unit vectors: its output is its kernel, and so is the gradient.
    private static Model Outputs(NDArray output, out NDArray x)
    {
        Symbol input = Input(output.Count);
        Model model = Model(input, Dense(output.Shape[1]!.Value, useBias: false)(input));
        model.Weights[0].SetValues(output.Values);
        x = new NDArray([output.Count, output.Count]);
        for (int i = 0; i < output.Count; i++)
        {
            x[i, i] = 1;
        }
        return model;
    }

    private static Loss LossOf(string name) =>
        name switch
        {
            "binary_crossentropy smoothed" => new BinaryCrossentropy(labelSmoothing: 0.2),
            "binary_crossentropy logits" => new BinaryCrossentropy(fromLogits: true),
            "binary_focal_crossentropy balanced" => new BinaryFocalCrossentropy(
                applyClassBalancing: true,
                alpha: 0.3,
                gamma: 1.5,
                labelSmoothing: 0.1
            ),
            "binary_focal_crossentropy logits" => new BinaryFocalCrossentropy(fromLogits: true),
            "categorical_focal_crossentropy smoothed" => new CategoricalFocalCrossentropy(0.4, 3, labelSmoothing: 0.1),
            "categorical_focal_crossentropy logits" => new CategoricalFocalCrossentropy(fromLogits: true),
            "huber wide" => new Huber(0.3),
            "hinge signed" => "hinge",
            _ => name,
        };

    private static Metric MetricOf(string name, string logged) =>
        name switch
        {
            "accuracy of one unit" or "accuracy of regression" or "accuracy" => new Accuracy(logged),
            "binary_accuracy" => new BinaryAccuracy(name: logged),
            "binary_accuracy at 0.3" => new BinaryAccuracy(0.3, logged),
            "top_2_accuracy" => new TopKCategoricalAccuracy(2, logged),
            "precision" => new Precision(name: logged),
            "precision at 0.7" => new Precision(0.7, name: logged),
            "precision of class 1" => new Precision(classId: 1, name: logged),
            "precision of top 2" => new Precision(topK: 2, name: logged),
            "recall" => new Recall(name: logged),
            "recall of class 2, top 1" => new Recall(topK: 1, classId: 2, name: logged),
            "true_positives" => new TruePositives(name: logged),
            "false_positives" => new FalsePositives(name: logged),
            "true_negatives" => new TrueNegatives(name: logged),
            "false_negatives" => new FalseNegatives(name: logged),
            "auc" => new Auc(name: logged),
            "auc of 11" => new Auc(11, name: logged),
            "auc pr" => new Auc(curve: AucCurve.PrecisionRecall, name: logged),
            "f1 macro" => new F1Score(name: logged),
            "f1 micro" => new F1Score(ScoreAverage.Micro, name: logged),
            "f1 weighted" => new F1Score(ScoreAverage.Weighted, name: logged),
            "f2 at 0.4" => new FBetaScore(beta: 2, threshold: 0.4, name: logged),
            "root_mean_squared_error" => new RootMeanSquaredError(logged),
            "mae" => new MeanOf("mae", logged),
            // Keras's metric is the cosine itself; the loss is its negative.
            "cosine_similarity" => new MeanOf("cosine_similarity", logged),
            _ => throw new ArgumentException(name),
        };

    private static Tensor Repeated(NDArray values, int copies)
    {
        float[] all = [.. Enumerable.Repeat(values.Values.ToArray(), copies).SelectMany(v => v)];
        return Tensor.FromSpan(all, [all.Length]);
    }
}
