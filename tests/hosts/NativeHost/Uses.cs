using Lamina;
using Lamina.Inspect;
using static Lamina.Layers;

namespace NativeHost;

/// <summary>What programs do with trained networks.</summary>
internal static class Uses
{
    public static void Predict(Model model, string folder)
    {
        string image = Path.Combine(folder, "image.png");
        File.WriteAllBytes(image, Convert.FromBase64String(Png));
        var preprocessing = new Preprocessing { Height = 12, Width = 12 };
        preprocessing = Preprocessing.FromJson(preprocessing.ToJson());
        NDArray predictions = model.Predict(Images.Load(image, preprocessing));
        ClassScore best = predictions.DecodePredictions(["a", "b", "c", "d"], top: 1)[0][0];
        Console.WriteLine($"class of the image: {best.Class}");
        Console.WriteLine($"its probability: {best.Probability}");
    }

    public static void LookInside(Model model)
    {
        (NDArray images, _) = Networks.Samples(4);
        using var attributor = new Attributor(model);
        AttributionMap map = attributor.GradCam(images[1..2], 1, "conv");
        Console.WriteLine($"Grad-CAM: {map.Values.Values.ToArray().Sum()}");
    }

    public static void Quantize(Model model, string folder)
    {
        (NDArray images, _) = Networks.Samples(16);
        using QuantizedModel quantized = model.Quantize(images);
        string path = Path.Combine(folder, "bytes.lamina");
        quantized.Save(path);
        using QuantizedModel loaded = QuantizedModel.Load(path);
        Console.WriteLine(
            $"quantized: {loaded.Predict(images).Values.SequenceEqual(quantized.Predict(images).Values)}"
        );
    }

    public static void Gradient()
    {
        Symbol x = Input(2);
        var dense = new Dense(1, kernelInitializer: new Constant(0.5));
        Symbol y = dense.Apply(x);
        using GradientFunction function = Gradients.Of(Ops.Mean(y * y, [1], keepDims: false), dense.Weights[0]);
        GradientResult result = function.Run(
            NDArray.From(
                new float[,]
                {
                    { 1, 2 },
                }
            )
        );
        Console.WriteLine($"gradient: {string.Join(" ", result.Gradients[0].Values.ToArray())}");
    }

    public static void ZooAndRecipe()
    {
        foreach (string name in Zoo.Names)
        {
            Recipe recipe = Recipe.FromJson(Recipe.Get("paper").ToJson());
            Console.WriteLine(
                $"{name}: {Lamina.Model.FromJson(Zoo.Build(name).ToJson()).CountParams()} parameters, {recipe.Name}"
            );
        }
    }

    // A picture of 2×2 pixels, of which the first is bright.
    private const string Png =
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP49euXiIgIg5ycHBcXFwAnUAOjNDO9iAAAAABJRU5ErkJggg==";
}
