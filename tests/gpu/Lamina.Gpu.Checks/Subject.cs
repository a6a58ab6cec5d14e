using static Lamina.Layers;

namespace Lamina.Gpu.Checks;

/// <summary>A small network with every layer of the AlexNet family, and images that it can learn.</summary>
internal static class Subject
{
    public const int Size = 20;
    public const int Classes = 4;

    /// <summary>Builds the network with the same weights every time.</summary>
    public static Model Network(double dropout = 0.2)
    {
        Session.Clear();
        Session.SetRandomSeed(7);
        Symbol input = Input(Size, Size, 3);
        Symbol x = Conv2D(32, 7, strides: 2, padding: "same", activation: "relu")(input);
        x = MaxPool2D(3, 2)(BatchNormalization(momentum: 0.9)(x));
        x = LocalResponseNormalization()(Conv2D(48, 3, padding: "same", activation: "relu")(x));
        x = Dropout(dropout)(Dense(64, activation: "relu")(Flatten()(MaxPool2D(2, 2)(x))));
        return Model(input, Dense(Classes, activation: "softmax")(x));
    }

    /// <summary>Returns images of noise with a bright quarter, whose position is the class.</summary>
    public static ArraySource Quarters(int count, int seed, int batch)
    {
        var random = new Random(seed);
        var images = new NDArray([count, Size, Size, 3]);
        var labels = new NDArray([count]);
        const int values = Size * Size * 3;
        for (int n = 0; n < count; n++)
        {
            int label = n % Classes;
            labels.Values[n] = label;
            for (int i = 0; i < values; i++)
            {
                (int row, int column) = (i / (Size * 3), i / 3 % Size);
                bool isBright = row >= Size / 2 == label >= 2 && column >= Size / 2 == (label % 2 == 1);
                images.Values[(n * values) + i] = (float)random.NextDouble() + (isBright ? 0.3f : 0);
            }
        }
        return new ArraySource(images, labels, batch);
    }

    /// <summary>Trains the network and returns it; the caller reads the weights.</summary>
    public static Model Train(Device device, ComputePrecision precision, int epochs, double dropout = 0.2)
    {
        Model model = Network(dropout);
        Compile(model, device, precision);
        model.Fit(Quarters(192, seed: 1, batch: 16), epochs, verbose: 0);
        return model;
    }

    /// <summary>Compiles the network as all checks do.</summary>
    public static void Compile(Model model, Device device, ComputePrecision precision) =>
        model.Compile(
            new Sgd(0.02, momentum: 0.9),
            "sparse_categorical_crossentropy",
            ["accuracy"],
            seed: 5,
            device: device,
            precision: precision
        );

    /// <summary>Returns all weights and statistics.</summary>
    public static float[] Values(Model model) => [.. model.Weights.SelectMany(w => w.GetValues())];

    /// <summary>Returns the length of the difference, relative to the length of the first.</summary>
    public static double Distance(float[] a, float[] b) =>
        Math.Sqrt(a.Zip(b).Sum(p => Square((double)p.First - p.Second)) / a.Sum(v => Square(v)));

    private static double Square(double value) => value * value;
}
