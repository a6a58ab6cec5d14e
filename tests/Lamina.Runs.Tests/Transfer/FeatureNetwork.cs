using static Lamina.Layers;

namespace Lamina.Runs.Tests.Transfer;

/// <summary>A network of colors that ends in features, not in scores, and says nothing about its images.</summary>
internal static class FeatureNetwork
{
    /// <summary>Writes it. Its features are 0 for all images unless bytes stay from 0 to 255.</summary>
    public static string Write(string path)
    {
        Session.Clear();
        Session.SetRandomSeed(3);
        Symbol input = Input(16, 16, 3);
        Symbol x = Conv2D(4, 1, activation: "relu", name: "threshold")(input);
        x = BatchNormalization(name: "norm")(x);
        x = Conv2D(8, 3, activation: "relu", name: "shapes")(x);
        Model model = Model(input, MaxPool2D(2, name: "pool")(x));
        Layer threshold = model.GetLayer("threshold");
        float[] kernel = new float[12];
        Array.Fill(kernel, 1 / 3f);
        threshold.Weights[0].SetValues(kernel);
        threshold.Weights[1].SetValues([-60, -100, -125, -150]);
        ModelFile.Save(model, path);
        return path;
    }
}
