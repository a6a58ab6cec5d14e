// After "Customizing what happens in fit()" (keras.io/guides/custom_train_step_in_tensorflow).
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class TrainStepGuide
{
    public static void Run(GuideRun run)
    {
        (NDArray x, NDArray y) = Data();

        // A step around the compiled one: Compile's optimizer, loss and metrics are used as ever.
        Model model = NewModel();
        model.Compile("adam", "mse", ["mae"]).CustomStep = new NoisyStep(0.05f);
        run.ReportLosses(model.Fit(x, y, epochs: run.Count(3, 3), verbose: run.Verbose));

        // A step with its own loss, its own metric and the sample weights of Fit; Test evaluates.
        Model custom = NewModel();
        custom.Compile(new CustomStep(custom, new Adam(1e-2)), [new MeanAbsolute()]);
        NDArray weights = GuideRun.Uniform(new RandomStream(3, RandomPurpose.User), x.Count);
        History history = custom.Fit(
            x,
            y,
            sampleWeight: weights,
            epochs: run.Count(3, 3),
            verbose: run.Verbose,
            validationData: (x, y)
        );
        run.ReportLosses(history, "loss");
        run.ReportLosses(history, "mae");
        run.Report("val_loss", history.Epochs[^1].Logs["val_loss"]);
        run.Report("evaluated", custom.Evaluate(new ArraySource(x, y))["loss"]);
    }

    private static Model NewModel()
    {
        Symbol inputs = Input(32);
        return Model(inputs, Dense(1)(inputs));
    }

    private static (NDArray X, NDArray Y) Data()
    {
        var random = new RandomStream(1, RandomPurpose.User);
        return (GuideRun.Uniform(random, 1000, 32), GuideRun.Uniform(random, 1000, 1));
    }
}

/// <summary>Adds noise to the inputs, and takes the compiled step on them.</summary>
internal sealed class NoisyStep(float deviation) : TrainStep
{
    protected override IReadOnlyDictionary<string, double> Run(Batch batch)
    {
        // Of the seed and the step: a resumed run draws the same noise.
        RandomStream random = Random();
        var noisy = new NDArray(batch.Inputs[0].Shape, batch.Inputs[0].Values.ToArray());
        foreach (ref float value in noisy.Values)
        {
            value += deviation * (float)random.NextNormal();
        }
        return RunCompiled(batch with { Inputs = [noisy] });
    }
}

internal sealed class CustomStep : TrainStep, ITestStep
{
    private readonly Minimizer _minimizer;

    public CustomStep(Model model, Optimizer optimizer)
    {
        Symbol target = Input(1);
        Symbol weight = Input(1);
        Symbol loss = ((Loss)"mse").Call(target, model.Outputs[0]);
        _minimizer = Minimize(
            "main",
            weight * Ops.Reshape(loss, Shape.Of(1)),
            optimizer,
            model.TrainableWeights,
            inputs: [model.Inputs[0], target, weight],
            values: [model.Outputs[0]]
        );
    }

    protected override IReadOnlyDictionary<string, double> Run(Batch batch)
    {
        (NDArray x, NDArray y) = (batch.Inputs[0], batch.Targets[0]);
        NDArray weights = batch.SampleWeights?[0] ?? GuideRun.Full(1, batch.Count);
        MinimizerResult result = _minimizer.Run(x, y, weights.Reshape([batch.Count, 1]));
        Metrics[0].Update(result.Values[0], y);
        return new Dictionary<string, double> { ["loss"] = result.Loss };
    }

    public IReadOnlyDictionary<string, double> Test(Batch batch)
    {
        NDArray predicted = Model.Predict(batch.Inputs[0]);
        Metrics[0].Update(predicted, batch.Targets[0]);
        double sum = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            sum += Math.Pow(predicted.Values[i] - batch.Targets[0].Values[i], 2);
        }
        return new Dictionary<string, double> { ["loss"] = sum / batch.Count };
    }
}

/// <summary>The mean absolute error, by hand.</summary>
internal sealed class MeanAbsolute() : MeanMetric("mae")
{
    public override Symbol Call(Symbol target, Symbol output) => Ops.Abs(output - target);
}
