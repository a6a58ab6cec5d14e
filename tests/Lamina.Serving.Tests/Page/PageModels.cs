using System.Text.Json.Nodes;
using SkiaSharp;
using static Lamina.Layers;

namespace Lamina.Serving.Tests;

/// <summary>Models and images for tests of the page.</summary>
internal static class PageModels
{
    public const int Side = 32;

    /// <summary>Names of classes that a careless page would take apart, or for markup.</summary>
    public static readonly string[] Classes = ["red", "green: a color", "<b>blue</b>", "أحمر", "naïve", "six"];

    public static Preprocessing Preprocessing { get; } = new() { Height = Side, Width = Side };

    /// <summary>Writes a network that tells the color of an image: its scores are the means of the channels.</summary>
    public static string Write(TempFolder folder, string name = "colors")
    {
        string path = folder[$"{name}.lamina"];
        var metadata = new JsonObject
        {
            ["classes"] = new JsonArray([.. Classes.Select(c => (JsonNode)c)]),
            ["preprocessing"] = JsonNode.Parse(Preprocessing.ToJson()),
            ["data"] = null,
            ["training"] = new JsonObject(),
        };
        ModelFile.Save(Colors(), path, new SaveOptions { Metadata = metadata });
        return path;
    }

    /// <summary>Returns a picture of one color, with a corner of another.</summary>
    public static byte[] Picture(byte red, byte green, byte blue, int width = 80, int height = 60)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bool isCorner = x < width / 4 && y < height / 4;
                bitmap.SetPixel(x, y, isCorner ? new SKColor(90, 90, 90) : new SKColor(red, green, blue));
            }
        }
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static Model Colors()
    {
        using IDisposable session = Session.BeginScope();
        Symbol input = Input(Side, Side, 3);
        Call<Conv2D> conv = Conv2D(filters: 6, kernelSize: 3, padding: "same", activation: "relu", name: "conv1");
        Symbol x = MaxPool2D(poolSize: 2, name: "pool1")(conv(input));
        x = GlobalAveragePooling2D(name: "means")(x);
        Call<Dense> dense = Dense(units: Classes.Length, activation: "softmax", name: "scores");
        var model = new Model([input], [dense(x)], "colors");
        // Filter i is the middle pixel of channel i; the scores are its mean, enlarged.
        var kernel = new float[3 * 3 * 3 * 6];
        for (int c = 0; c < 3; c++)
        {
            kernel[((((1 * 3) + 1) * 3) + c) * 6 + c] = 1;
        }
        model.Weights[0].SetValues(kernel);
        var scores = new float[6 * Classes.Length];
        for (int c = 0; c < 6; c++)
        {
            scores[(c * Classes.Length) + c] = 6;
        }
        model.Weights[2].SetValues(scores);
        return model;
    }
}
