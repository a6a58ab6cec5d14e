// After "Making new layers and models via subclassing" (keras.io/guides/making_new_layers_and_models_via_subclassing).
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class LayersGuide
{
    public static void Run(GuideRun run)
    {
        // The weights are created when the layer first sees an input.
        Symbol x = Input(2);
        var linear = new Linear(4);
        Model model = Model(x, linear.Apply(x));
        run.Report("weights of a linear layer", linear.Weights.Count);
        run.Say($"{model.Predict(GuideRun.Full(1, 2, 2))} from {linear.Weights[0]}");

        // A layer may have weights that are not trained.
        var sum = new ComputeSum(2);
        Model summing = Model(x, sum.Apply(x));
        summing.Compile(new Sgd(0.1), "mse");
        run.Report("trained weights of a sum", sum.TrainableWeights.Count);
        run.Report("sum of twos", summing.Predict(GuideRun.Full(2, 1, 2)).Values[1]);

        // Layers of layers: the block has the weights of its parts.
        Symbol images = Input(64);
        var block = new MlpBlock();
        Model mlp = Model(images, block.Apply(images));
        run.Report("weights of a block", block.Weights.Count);
        run.Report("trained weights of a block", mlp.TrainableWeights.Count);
        block.Trainable = false;
        run.Report("trained weights of a frozen block", mlp.TrainableWeights.Count);

        // A layer adds to the loss while it is applied; Fit adds it to the loss of Compile.
        Symbol input = Input(3);
        Model regularized = Model(input, Dense(1)(new ActivityRegularizationLayer(1e-2).Apply(input)));
        regularized.Compile("sgd", "mse");
        NDArray ones = GuideRun.Full(1, 4, 3);
        NDArray targets = regularized.Predict(ones);
        run.Report("loss of an activity", regularized.TestOnBatch(ones, targets)["loss"]);

        VariationalAutoencoder(run);
    }

    // Encoder and decoder are layers; the Kullback-Leibler divergence is added by the encoder's last part.
    private static void VariationalAutoencoder(GuideRun run)
    {
        const int Original = 784;
        const int Intermediate = 64;
        const int Latent = 32;
        Symbol original = Input(Original, name: "encoder_input");
        Symbol z = new Encoder(Latent, Intermediate).Apply(original);
        Symbol reconstructed = new Decoder(Original, Intermediate).Apply(z);
        Model vae = Model(original, reconstructed, name: "autoencoder");
        vae.Summary(run.Output);

        (NDArray images, _) = run.TrainingImages();
        NDArray x = images.Reshape([images.Count, Original]);
        vae.Compile(new Adam(1e-3), "mse");
        History history = vae.Fit(x, x, batchSize: 64, epochs: run.Count(20, 4), verbose: run.Verbose);
        run.ReportLosses(history);

        // Inference does not sample: the code is its mean.
        run.Draw("reconstructed.png", vae.Predict(x[..16]).Reshape([16, 28, 28, 1]));
    }
}

internal sealed class Linear(int units = 32) : Layer(null)
{
    private Weight? _w;
    private Weight? _b;

    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        _w = AddWeight("w", (inputs[0][^1]!.Value, units), "random_normal");
        _b = AddWeight("b", Shape.Of(units), "random_normal");
    }

    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.MatMul(inputs[0], _w!.Symbol) + _b!.Symbol;
}

/// <summary>Multiplies by a weight that no training changes.</summary>
internal sealed class ComputeSum(int inputDim) : Layer(null)
{
    private Weight? _total;

    protected override void Build(IReadOnlyList<Shape> inputs) =>
        _total = AddWeight("total", (inputDim, inputDim), "ones", trainable: false);

    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.MatMul(inputs[0], _total!.Symbol);
}

internal sealed class MlpBlock() : Layer(null)
{
    private readonly Linear _linear1 = new(32);
    private readonly Linear _linear2 = new(32);
    private readonly Linear _linear3 = new(1);

    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = Ops.Relu(_linear1.Apply([.. inputs]));
        x = Ops.Relu(_linear2.Apply(x));
        return _linear3.Apply(x);
    }
}

internal sealed class ActivityRegularizationLayer(double rate) : Layer(null)
{
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        AddLoss(rate * Ops.Mean(x, [1]));
        return Ops.Rescale(x, [1], [0]);
    }
}

/// <summary>Draws a code from its mean and the logarithm of its variance; in inference, the mean.</summary>
internal sealed class Sampling() : Layer(null)
{
    protected override (int Min, int Max) InputCount => (2, 2);

    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        (Symbol mean, Symbol logVariance) = (inputs[0], inputs[1]);
        Symbol epsilon = Ops.RandomNormal(mean, mean.Shape.Sample, 0, 1);
        return mean + (Ops.Exp(0.5 * logVariance) * epsilon);
    }
}

internal sealed class Encoder(int latent, int intermediate) : Layer(null)
{
    private readonly Dense _projection = new(intermediate, "relu");
    private readonly Dense _mean = new(latent);
    private readonly Dense _logVariance = new(latent);
    private readonly Sampling _sampling = new();

    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = _projection.Apply([.. inputs]);
        Symbol mean = _mean.Apply(x);
        Symbol logVariance = _logVariance.Apply(x);
        // Per pixel, like the mean squared error: a divergence that weighs more leaves nothing of the code.
        double pixels = inputs[0].Shape[1]!.Value;
        Symbol divergence = -0.5 * Ops.Sum(logVariance - Ops.Square(mean) - Ops.Exp(logVariance) + 1, [1]);
        AddLoss(divergence / pixels);
        return _sampling.Apply(mean, logVariance);
    }
}

internal sealed class Decoder(int original, int intermediate) : Layer(null)
{
    private readonly Dense _projection = new(intermediate, "relu");
    private readonly Dense _output = new(original, "sigmoid");

    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => _output.Apply(_projection.Apply([.. inputs]));
}
