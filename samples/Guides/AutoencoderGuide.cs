// After "Convolutional autoencoder for image denoising" (keras.io/examples/vision/autoencoder).
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class AutoencoderGuide
{
    public static void Run(GuideRun run)
    {
        (NDArray train, _) = run.TrainingImages();
        (NDArray test, _) = run.TestImages();
        NDArray noisyTrain = Noise(train, 1);
        NDArray noisyTest = Noise(test, 2);

        Symbol input = Input((28, 28, 1));
        // Encoder
        Symbol x = Conv2D(32, 3, activation: "relu", padding: "same")(input);
        x = MaxPooling2D(2, padding: "same")(x);
        x = Conv2D(32, 3, activation: "relu", padding: "same")(x);
        x = MaxPooling2D(2, padding: "same")(x);
        // Decoder
        x = Conv2DTranspose(32, 3, strides: 2, activation: "relu", padding: "same")(x);
        x = Conv2DTranspose(32, 3, strides: 2, activation: "relu", padding: "same")(x);
        x = Conv2D(1, 3, activation: "sigmoid", padding: "same")(x);
        Model autoencoder = Model(input, x);
        autoencoder.Compile("adam", "binary_crossentropy");
        autoencoder.Summary(run.Output);

        // First to reproduce its input…
        History history = autoencoder.Fit(
            train,
            train,
            epochs: run.Count(3, 2),
            batchSize: 128,
            shuffle: true,
            validationData: (test, test),
            verbose: run.Verbose
        );
        run.ReportLosses(history);

        // …then to remove noise from it.
        history = autoencoder.Fit(
            noisyTrain,
            train,
            epochs: run.Count(10, 3),
            batchSize: 128,
            shuffle: true,
            validationData: (noisyTest, test),
            verbose: run.Verbose
        );
        run.ReportLosses(history, "val_loss");
        NDArray cleaned = autoencoder.Predict(noisyTest);
        run.Report("error of noise", Error(noisyTest, test));
        run.Report("error after cleaning", Error(cleaned, test));
        run.Draw("noisy.png", noisyTest[..8]);
        run.Draw("cleaned.png", cleaned[..8]);
    }

    private static NDArray Noise(NDArray images, long seed)
    {
        const float Factor = 0.4f;
        var random = new RandomStream(seed, RandomPurpose.User);
        var noisy = new NDArray(images.Shape, images.Values.ToArray());
        foreach (ref float pixel in noisy.Values)
        {
            pixel = Math.Clamp(pixel + (Factor * (float)random.NextNormal()), 0, 1);
        }
        return noisy;
    }

    private static double Error(NDArray a, NDArray b) =>
        a.Values.ToArray().Zip(b.Values.ToArray()).Average(p => Math.Pow(p.First - p.Second, 2));
}
