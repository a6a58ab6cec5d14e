using static Lamina.Layers;

namespace Lamina.Runs.Tests.Transfer;

/// <summary>A network of colors with three stages, the last of them a residual block.</summary>
internal static class StageNetwork
{
    /// <summary>Writes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isBlind"><see langword="true"/> for a last layer that outputs 0 for all images.</param>
    public static string Write(string path, bool isBlind = false)
    {
        Session.Clear();
        Session.SetRandomSeed(3);
        Symbol input = Input(16, 16, 3);
        Symbol x = Conv2D(4, 3, padding: "same", activation: "relu", name: "low")(input);
        x = BatchNormalization(name: "norm")(MaxPool2D(2)(x));
        x = MaxPool2D(2)(Conv2D(6, 3, padding: "same", activation: "relu", name: "middle")(x));
        x = Conv2D(8, 3, padding: "same", activation: "relu", name: "high")(x);
        x = Add()(x, Conv2D(8, 3, padding: "same", activation: "relu", name: "block")(x));
        x = Conv2D(8, 1, activation: "relu", name: "top")(x);
        Model model = Model(input, GlobalAveragePooling2D(name: "pool")(x));
        // Values of images from 0 to 255 are as large as what fine-tuning is made for.
        Layer low = model.GetLayer("low");
        low.Weights[0].SetValues([.. low.Weights[0].GetValues().Select(v => v / 100)]);
        if (isBlind)
        {
            Layer top = model.GetLayer("top");
            top.Weights[0].SetValues(new float[top.Weights[0].Count]);
        }
        ModelFile.Save(model, path);
        return path;
    }
}
