using System.Text.Json.Nodes;
using Lamina;
using static Lamina.Layers;

namespace NativeHost;

/// <summary>Every format, out and in again.</summary>
internal static class Files
{
    public static void RoundTrips(Model model, string folder)
    {
        (NDArray images, _) = Networks.Samples(8);
        NDArray expected = model.Predict(images);
        Console.WriteLine($"summary: {Summary(model).Length} characters");
        Console.WriteLine($"json: {Lamina.Model.FromJson(model.ToJson()).Weights.Count} weights");
        var metadata = new JsonObject { ["classes"] = new JsonArray("a", "b", "c", "d") };
        foreach (string name in (string[])["model.lamina", "model.keras", "model.h5"])
        {
            string path = Path.Combine(folder, name);
            model.Save(path, new ModelWriteOptions { Metadata = metadata });
            Compare(name, Lamina.Model.Load(path), images, expected);
        }
        foreach (string name in (string[])["w.weights.h5", "w.safetensors", "w.pth"])
        {
            string path = Path.Combine(folder, name);
            model.SaveWeights(path);
            Model other = model.Clone(copyWeights: false);
            other.LoadWeights(path);
            Compare(name, other, images, expected);
        }
        string onnx = Path.Combine(folder, "model.onnx");
        model.Save(onnx, new ModelWriteOptions { Metadata = metadata, OnnxLayout = OnnxLayout.Nhwc });
        Compare("model.onnx", Lamina.Model.Load(onnx), images, expected);
    }

    /// <summary>Saves and loads a model with a layer of many classes, whose configs hold all kinds of values.</summary>
    public static void ModelOfEveryLayer(string folder)
    {
        Symbol input = Input(8, 8, 3);
        Symbol x = Normalization(mean: [0.1f, 0.2f, 0.3f], variance: [1, 2, 3])(
            Rescaling([1, 0.5f, 2], [0, 0, 1])(input)
        );
        x = RandomZoom(0.1)(RandomFlip("horizontal")(RandomContrast(0.2)(x)));
        x = SeparableConv2D(6, 3, padding: "same", activation: "gelu")(x);
        x = PReLU(sharedAxes: [1, 2])(GroupNormalization(groups: 2)(x));
        x = LayerNormalization()(
            Conv2DTranspose(4, 3, strides: 2, padding: "same", kernelConstraint: new MaxNorm(2))(x)
        );
        x = Cropping2D(((1, 1), (1, 1)))(ZeroPadding2D(1)(UpSampling2D(2)(AveragePooling2D(2)(x))));
        x = LocalResponseNormalization()(Resizing(8, 8)(x));
        x = Flatten()(GaussianNoise(0.1)(x));
        Symbol both = Concatenate()([
            Dense(3, activation: "tanh")(x),
            Dense(3, kernelInitializer: new Orthogonal())(x),
        ]);
        Model model = Model(input, Dense(2, activityRegularizer: new L1L2(1e-4, 1e-4))(both));
        var random = new RandomStream(9, RandomPurpose.User);
        var images = new NDArray(Shape.Of(2, 8, 8, 3));
        foreach (ref float value in images.Values)
        {
            value = random.NextSingle();
        }
        NDArray expected = model.Predict(images);
        foreach (string name in (string[])["layers.lamina", "layers.keras", "layers.h5"])
        {
            string path = Path.Combine(folder, name);
            model.Save(path);
            Compare(name, Lamina.Model.Load(path), images, expected);
        }
        string tfjs = Path.Combine(folder, "tfjs");
        Symbol row = Input(4);
        Model plain = Model(row, Dense(2, activation: "relu")(row));
        TfjsFile.Save(plain, tfjs);
        Console.WriteLine($"tfjs: {TfjsFile.Load(tfjs).Weights.Count} weights");
    }

    /// <summary>Reads what every kind of file says of itself.</summary>
    public static void Describe(string folder)
    {
        foreach (string name in (string[])["model.lamina", "model.keras", "model.h5", "model.onnx", "w.safetensors"])
        {
            FileDescription description = ModelFormats
                .Find(Path.Combine(folder, name))
                .Describe(Path.Combine(folder, name));
            Console.WriteLine($"{name}: {description.Tensors.Count} tensors");
        }
    }

    private static string Summary(Model model)
    {
        var text = new StringWriter();
        model.Summary(text);
        return text.ToString();
    }

    private static void Compare(string name, Model model, NDArray images, NDArray expected)
    {
        NDArray actual = model.Predict(images);
        float difference = 0;
        for (int i = 0; i < expected.Values.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs(expected.Values[i] - actual.Values[i]));
        }
        Console.WriteLine($"{name}: {(difference < 1e-5 ? "same outputs" : $"differs by {difference}")}");
    }
}
