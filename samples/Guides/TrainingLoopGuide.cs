// After "Writing a training loop from scratch" (keras.io/guides/writing_a_custom_training_loop_in_tensorflow).
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class TrainingLoopGuide
{
    public static void Run(GuideRun run)
    {
        (NDArray x, NDArray y) = run.TrainingImages(320);
        var train = new ArraySource(x.Reshape([x.Count, 784]), y, batchSize: 64, shuffle: true);
        (NDArray xTest, NDArray yTest) = run.TestImages();
        ByGradients(run, train);
        Compiled(run, train, (xTest.Reshape([xTest.Count, 784]), yTest));
        AdversarialLoop(run, x);
    }

    // Gradients come as arrays, to look at or to change; the optimizer applies them.
    private static void ByGradients(GuideRun run, ArraySource train)
    {
        Model model = NewModel();
        Symbol target = Input(1, name: "digits");
        Loss lossFunction = new SparseCategoricalCrossentropy(fromLogits: true);
        Symbol loss = Ops.Mean(lossFunction.Call(target, model.Outputs[0]));
        using GradientFunction tape = Gradients.Of(
            loss,
            model.TrainableWeights,
            new GradientOptions { Inputs = [model.Inputs[0], target], Training = true }
        );
        using GradientUpdater optimizer = new Sgd(1e-1).UpdaterOf(model.TrainableWeights);
        for (int epoch = 0; epoch < run.Count(2, 1); epoch++)
        {
            run.Say($"Start of epoch {epoch}");
            int step = 0;
            foreach (Batch batch in train.Batches(epoch))
            {
                GradientResult result = tape.Run(batch.Inputs[0], Column(batch.Targets[0]));
                optimizer.Apply(result.Gradients);
                if (step++ % 20 == 0)
                {
                    run.Say($"Training loss at step {step - 1}: {result.Loss.Values[0]:0.0000}");
                }
            }
        }
    }

    // The same as one compiled step, whose gradients stay where they are; with metrics, and a penalty that a layer adds.
    private static void Compiled(GuideRun run, ArraySource train, (NDArray X, NDArray Y) test)
    {
        Model model = NewModel(new L2(1e-4));
        Symbol target = Input(1);
        Symbol loss = new SparseCategoricalCrossentropy(fromLogits: true).Call(target, model.Outputs[0]);
        foreach (Symbol added in model.Losses)
        {
            loss += added;
        }
        using Minimizer step = new Adam(1e-3).Minimize(
            loss,
            model.TrainableWeights,
            inputs: [model.Inputs[0], target],
            values: [model.Outputs[0]]
        );
        Metric trainAccuracy = "sparse_categorical_accuracy";
        Metric testAccuracy = "sparse_categorical_accuracy";
        int epochs = run.Count(4, 3);
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            double sum = 0;
            int steps = 0;
            foreach (Batch batch in train.Batches(epoch))
            {
                MinimizerResult result = step.Run(batch.Inputs[0], Column(batch.Targets[0]));
                trainAccuracy.Update(result.Values[0], batch.Targets[0]);
                sum += result.Loss;
                steps++;
            }
            run.Report($"{(epoch == 0 ? "first" : "last")} loss", sum / steps);
            run.Report("training accuracy over epoch", trainAccuracy.Result);
            trainAccuracy.Reset();
            testAccuracy.Update(model.Predict(test.X), test.Y);
            run.Report("validation accuracy", testAccuracy.Result);
            testAccuracy.Reset();
        }
    }

    // Two networks, two optimizers, one loop.
    private static void AdversarialLoop(GuideRun run, NDArray images)
    {
        const int Latent = 64;
        Symbol image = Input((28, 28, 1));
        Symbol d = Conv2D(32, 3, strides: 2, padding: "same")(image);
        d = LeakyReLU(0.2)(d);
        d = Conv2D(64, 3, strides: 2, padding: "same")(d);
        d = LeakyReLU(0.2)(d);
        Model discriminator = Model(image, Dense(1)(GlobalMaxPooling2D()(d)), name: "discriminator");

        Symbol code = Input(Latent);
        Symbol g = LeakyReLU(0.2)(Dense(7 * 7 * 64)(code));
        g = Reshape([7, 7, 64])(g);
        g = LeakyReLU(0.2)(Conv2DTranspose(32, 4, strides: 2, padding: "same")(g));
        g = LeakyReLU(0.2)(Conv2DTranspose(32, 4, strides: 2, padding: "same")(g));
        Model generator = Model(code, Conv2D(1, 7, padding: "same", activation: "sigmoid")(g), name: "generator");

        Symbol real = Input((28, 28, 1));
        Symbol latent = Input(Latent);
        Symbol told = discriminator.Apply(real);
        Symbol fooled = discriminator.Apply(generator.Apply(latent));
        Symbol one = Ops.Equal(fooled, fooled);
        Loss bce = new BinaryCrossentropy(fromLogits: true);
        using Minimizer trainD = new Adam(3e-4).Minimize(
            (bce.Call(one, told) + bce.Call(0 * one, fooled)) / 2,
            discriminator.TrainableWeights,
            inputs: [real, latent]
        );
        using Minimizer trainG = new Adam(4e-4).Minimize(bce.Call(one, fooled), generator.TrainableWeights);
        var random = new RandomStream(7, RandomPurpose.User);
        var source = new ArraySource(images, null, batchSize: 64, shuffle: true);
        double lossD = 0;
        double lossG = 0;
        foreach (Batch batch in source.Batches(0).Take(run.Count(40, 2)))
        {
            lossD = trainD.Run(batch.Inputs[0], GuideRun.Normal(random, batch.Count, Latent)).Loss;
            lossG = trainG.Run(GuideRun.Normal(random, batch.Count, Latent)).Loss;
        }
        run.Report("discriminator loss", lossD);
        run.Report("adversarial loss", lossG);
    }

    private static Model NewModel(Regularizer? regularizer = null)
    {
        Symbol inputs = Input(784, name: "digits");
        Symbol x = Dense(64, activation: "relu", kernelRegularizer: regularizer)(inputs);
        x = Dense(64, activation: "relu")(x);
        return Model(inputs, Dense(10, name: "predictions")(x));
    }

    private static NDArray Column(NDArray labels) => labels.Reshape([labels.Count, 1]);
}
