// After "WGAN-GP with overridden train_step" (keras.io/examples/generative/wgan_gp).
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class WganGpGuide
{
    private const int Latent = 128;

    public static void Run(GuideRun run)
    {
        (NDArray images, _) = run.TrainingImages(64);
        // From −1 to 1, as the generator ends in tanh.
        var scaled = new NDArray(images.Shape, images.Values.ToArray().Select(v => (2 * v) - 1).ToArray());
        int filters = run.Count(16, 8);
        Model critic = Critic(filters);
        Model generator = Generator(filters);
        critic.Summary(run.Output);
        generator.Summary(run.Output);

        Symbol latent = Input(Latent);
        Model wgan = Model(latent, critic.Apply(generator.Apply(latent)), name: "wgan");
        wgan.Compile(
            new WganStep(
                generator,
                critic,
                Latent,
                new Adam(2e-4, beta1: 0.5f, beta2: 0.9f),
                new Adam(2e-4, beta1: 0.5f, beta2: 0.9f)
            )
        );
        History history = wgan.Fit(
            new ArraySource(scaled, null, batchSize: run.Count(64, 16), shuffle: true),
            epochs: run.Count(20, 2),
            callbacks: [new GanMonitor(run, generator, Latent, signed: true)],
            verbose: run.Verbose
        );
        run.ReportLosses(history, "d_loss");
        run.ReportLosses(history, "g_loss");
        run.ReportLosses(history, "penalty");
    }

    private static Symbol ConvBlock(Symbol x, int filters, bool drops = false)
    {
        x = LeakyReLU(0.2)(Conv2D(filters, 5, strides: 2, padding: "same")(x));
        return drops ? Dropout(0.3)(x) : x;
    }

    private static Model Critic(int filters)
    {
        Symbol image = Input((28, 28, 1));
        // 32×32 halves evenly.
        Symbol x = ZeroPadding2D(2)(image);
        x = ConvBlock(x, filters);
        x = ConvBlock(x, 2 * filters, drops: true);
        x = ConvBlock(x, 4 * filters, drops: true);
        x = ConvBlock(x, 8 * filters);
        x = Dropout(0.2)(Flatten()(x));
        return Model(image, Dense(1)(x), name: "critic");
    }

    private static Symbol UpsampleBlock(Symbol x, int filters, string activation)
    {
        x = Conv2D(filters, 3, padding: "same", useBias: false)(UpSampling2D(2)(x));
        x = BatchNormalization()(x);
        return activation == "tanh" ? Activation("tanh")(x) : LeakyReLU(0.2)(x);
    }

    private static Model Generator(int filters)
    {
        Symbol noise = Input(Latent);
        Symbol x = Dense(4 * 4 * 4 * filters, useBias: false)(noise);
        x = LeakyReLU(0.2)(BatchNormalization()(x));
        x = Reshape([4, 4, 4 * filters])(x);
        x = UpsampleBlock(x, 2 * filters, "leaky_relu");
        x = UpsampleBlock(x, filters, "leaky_relu");
        x = UpsampleBlock(x, 1, "tanh");
        return Model(noise, Cropping2D(2)(x), name: "generator");
    }
}

internal sealed class WganStep : TrainStep
{
    private const double PenaltyWeight = 10;
    private const int CriticSteps = 3;

    private readonly int _latent;
    private readonly Minimizer _critic;
    private readonly Minimizer _generator;

    public WganStep(Model generator, Model critic, int latent, Optimizer criticOptimizer, Optimizer generatorOptimizer)
    {
        _latent = latent;
        Symbol noise = Input(latent);
        Symbol real = Input((28, 28, 1));
        Symbol fake = generator.Apply(noise);
        Symbol onFake = critic.Apply(fake);
        Symbol penalty = GradientPenalty(critic, real, fake);
        _critic = Minimize(
            "critic",
            onFake - critic.Apply(real) + (PenaltyWeight * penalty),
            criticOptimizer,
            critic.TrainableWeights,
            inputs: [noise, real],
            values: [penalty]
        );
        _generator = Minimize("generator", -onFake, generatorOptimizer, generator.TrainableWeights);
    }

    /// <summary>Returns how far the critic's slope between real and generated images is from 1, squared: (N, 1).</summary>
    public static Symbol GradientPenalty(Model critic, Symbol real, Symbol fake)
    {
        Symbol alpha = Ops.RandomUniform(real, (1, 1, 1), 0, 1);
        Symbol interpolated = real + (alpha * (fake - real));
        Symbol gradient = Ops.Gradient(critic.Apply(interpolated), interpolated);
        Symbol norm = Ops.Sqrt(Ops.Sum(Ops.Square(gradient), [1, 2, 3]));
        return Ops.Square(Ops.Reshape(norm, Shape.Of(1)) - 1);
    }

    protected override IReadOnlyDictionary<string, double> Run(Batch batch)
    {
        double loss = 0;
        double penalty = 0;
        for (int i = 0; i < CriticSteps; i++)
        {
            MinimizerResult result = _critic.Run(Noise(batch.Count, i), batch.Inputs[0]);
            loss = result.Loss;
            penalty = result.Values[0].Values.ToArray().Average();
        }
        double gLoss = _generator.Run(Noise(batch.Count, CriticSteps)).Loss;
        return new Dictionary<string, double>
        {
            ["d_loss"] = loss,
            ["g_loss"] = gLoss,
            ["penalty"] = penalty,
        };
    }

    private NDArray Noise(int count, int index) => GuideRun.Normal(Random(index), count, _latent);
}
