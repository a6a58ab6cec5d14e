// After "Grad-CAM class activation visualization" (keras.io/examples/vision/grad_cam).
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class GradCamGuide
{
    public static void Run(GuideRun run)
    {
        Model model = Trained(run);
        (NDArray images, _) = run.TestImages();
        NDArray image = images[..1];
        NDArray predictions = model.Predict(image);
        int best = predictions.ArgMax()[0];
        run.Say($"Predicted: {GuideRun.ClassNames[best]}");

        NDArray heatmap = MakeHeatmap(image, model, "last_conv", best);
        run.Report("rows of the heat map", heatmap.Count);
        run.Report("greatest heat", heatmap.Values.ToArray().Max());
        run.Report("least heat", heatmap.Values.ToArray().Min());
        run.Draw("grad-cam.png", Superimposed(image, heatmap));

        // The same for another class: what would speak for it.
        NDArray other = MakeHeatmap(image, model, "last_conv", (best + 1) % 10);
        run.Report("maps that differ", heatmap.Values.SequenceEqual(other.Values) ? 0 : 1);
    }

    /// <summary>Returns where a class is seen in an image, (rows, columns), from 0 to 1.</summary>
    public static NDArray MakeHeatmap(NDArray image, Model model, string lastConvolution, int @class)
    {
        // The score of each class, and the activations of the last convolution.
        Symbol activations = model.GetLayer(lastConvolution).Output;
        using GradientFunction gradients = Gradients.Of(
            model.Outputs[0],
            activations,
            new GradientOptions { Values = [activations] }
        );
        var channel = new NDArray([1, model.Outputs[0].Shape[1]!.Value]);
        channel[0, @class] = 1;
        GradientResult result = gradients.Run([image], channel);
        (NDArray slopes, NDArray maps) = (result.Gradients[0], result.Values[0]);

        // Each channel weighs as much as the class's score grows with it, on average over the image.
        (int rows, int columns, int channels) = (maps.Shape[1]!.Value, maps.Shape[2]!.Value, maps.Shape[3]!.Value);
        var weights = new float[channels];
        for (int i = 0; i < slopes.Values.Length; i++)
        {
            weights[i % channels] += slopes.Values[i] / (rows * columns);
        }
        var heatmap = new NDArray([rows, columns]);
        for (int i = 0; i < maps.Values.Length; i++)
        {
            heatmap.Values[i / channels] += weights[i % channels] * maps.Values[i];
        }
        float most = Math.Max(1e-12f, heatmap.Values.ToArray().Max());
        foreach (ref float heat in heatmap.Values)
        {
            heat = Math.Max(0, heat) / most;
        }
        return heatmap;
    }

    private static Model Trained(GuideRun run)
    {
        Symbol inputs = Input((28, 28, 1));
        Symbol x = Conv2D(16, 3, padding: "same", activation: "relu")(inputs);
        x = MaxPooling2D(2)(x);
        x = Conv2D(32, 3, padding: "same", activation: "relu", name: "last_conv")(x);
        // Without a softmax at the end, whose gradients would say as much about the other classes.
        Model model = Model(inputs, Dense(10)(GlobalAveragePooling2D()(x)));
        (NDArray images, NDArray labels) = run.TrainingImages();
        model.Compile(new Adam(3e-3), new SparseCategoricalCrossentropy(fromLogits: true), ["accuracy"]);
        run.ReportLosses(model.Fit(images, labels, epochs: run.Count(8, 2), verbose: run.Verbose));
        return model;
    }

    // The heat as red over the gray image, each pixel of the map as a block.
    private static NDArray Superimposed(NDArray image, NDArray heatmap)
    {
        var picture = new NDArray([2, 28, 28, 3]);
        (int rows, int columns) = (heatmap.Shape[0]!.Value, heatmap.Shape[1]!.Value);
        for (int y = 0; y < 28; y++)
        {
            for (int x = 0; x < 28; x++)
            {
                float gray = image[0, y, x, 0];
                float heat = heatmap[y * rows / 28, x * columns / 28];
                for (int c = 0; c < 3; c++)
                {
                    picture[0, y, x, c] = gray;
                    picture[1, y, x, c] = c == 0 ? Math.Max(gray, heat) : gray * (1 - (heat / 2));
                }
            }
        }
        return picture;
    }
}
