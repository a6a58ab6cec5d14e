// After "DCGAN to generate face images" (keras.io/examples/generative/dcgan_overriding_train_step), with clothes.
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class GanGuide
{
    private const int Latent = 128;

    public static void Run(GuideRun run)
    {
        (NDArray images, _) = run.TrainingImages(96);
        Model discriminator = Discriminator();
        Model generator = Generator();
        discriminator.Summary(run.Output);
        generator.Summary(run.Output);

        // The model that Fit trains contains both, so that checkpoints do.
        Symbol latent = Input(Latent);
        Model gan = Model(latent, discriminator.Apply(generator.Apply(latent)), name: "gan");
        gan.Compile(new GanStep(generator, discriminator, Latent, new Adam(1e-4), new Adam(1e-4)));
        History history = gan.Fit(
            new ArraySource(images, null, batchSize: 32, shuffle: true),
            epochs: run.Count(20, 2),
            callbacks: [new GanMonitor(run, generator, Latent)],
            verbose: run.Verbose
        );
        run.ReportLosses(history, "d_loss");
        run.ReportLosses(history, "g_loss");
    }

    private static Model Discriminator()
    {
        Symbol inputs = Input((28, 28, 1));
        Symbol x = LeakyReLU(0.2)(Conv2D(32, 4, strides: 2, padding: "same")(inputs));
        x = LeakyReLU(0.2)(Conv2D(64, 4, strides: 2, padding: "same")(x));
        x = LeakyReLU(0.2)(Conv2D(64, 4, strides: 2, padding: "same")(x));
        x = Dropout(0.2)(Flatten()(x));
        return Model(inputs, Dense(1, activation: "sigmoid")(x), name: "discriminator");
    }

    private static Model Generator()
    {
        Symbol inputs = Input(Latent);
        Symbol x = Reshape([7, 7, 64])(Dense(7 * 7 * 64)(inputs));
        x = LeakyReLU(0.2)(Conv2DTranspose(64, 4, strides: 2, padding: "same")(x));
        x = LeakyReLU(0.2)(Conv2DTranspose(128, 4, strides: 2, padding: "same")(x));
        return Model(inputs, Conv2D(1, 5, padding: "same", activation: "sigmoid")(x), name: "generator");
    }
}

internal sealed class GanStep : TrainStep
{
    private readonly int _latent;
    private readonly Minimizer _discriminator;
    private readonly Minimizer _generator;

    public GanStep(Model generator, Model discriminator, int latent, Optimizer dOptimizer, Optimizer gOptimizer)
    {
        _latent = latent;
        Symbol noise = Input(latent);
        Symbol real = Input((28, 28, 1));
        Symbol realLabel = Input(1);
        Symbol fakeLabel = Input(1);
        Symbol onReal = discriminator.Apply(real);
        Symbol onFake = discriminator.Apply(generator.Apply(noise));
        Loss loss = new BinaryCrossentropy();

        // Generated images have the label 1. Each part trains the weights that it is given, and no others.
        _discriminator = Minimize(
            "discriminator",
            (loss.Call(fakeLabel, onFake) + loss.Call(realLabel, onReal)) / 2,
            dOptimizer,
            discriminator.TrainableWeights,
            inputs: [noise, real, fakeLabel, realLabel]
        );
        _generator = Minimize(
            "generator",
            loss.Call(realLabel, onFake),
            gOptimizer,
            generator.TrainableWeights,
            inputs: [noise, realLabel]
        );
    }

    protected override IReadOnlyDictionary<string, double> Run(Batch batch)
    {
        int count = batch.Count;
        RandomStream random = Random();
        // Noisy labels are an important trick.
        double dLoss = _discriminator
            .Run(
                GuideRun.Normal(random, count, _latent),
                batch.Inputs[0],
                Labels(ref random, 1, count),
                Labels(ref random, 0, count)
            )
            .Loss;
        double gLoss = _generator.Run(GuideRun.Normal(Random(1), count, _latent), GuideRun.Full(0, count, 1)).Loss;
        return new Dictionary<string, double> { ["d_loss"] = dLoss, ["g_loss"] = gLoss };
    }

    private static NDArray Labels(ref RandomStream random, float label, int count)
    {
        var labels = new NDArray([count, 1]);
        foreach (ref float value in labels.Values)
        {
            value = label + (0.05f * random.NextSingle());
        }
        return labels;
    }
}

/// <summary>Draws images of the generator after each epoch.</summary>
internal sealed class GanMonitor(GuideRun run, Model generator, int latent, int images = 9, bool signed = false)
    : Callback
{
    public override void OnEpochEnd(EpochLog log)
    {
        NDArray noise = GuideRun.Normal(new RandomStream(42, RandomPurpose.User), images, latent);
        NDArray generated = generator.Predict(noise);
        foreach (ref float pixel in generated.Values)
        {
            pixel = signed ? (pixel + 1) / 2 : pixel;
        }
        run.Draw($"generated_{log.Epoch:000}.png", generated);
    }
}
