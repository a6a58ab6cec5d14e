using System.Text.Json.Nodes;
using Lamina;
using static Lamina.Layers;

namespace NativeHost;

/// <summary>A network that is trained, stopped and resumed.</summary>
internal static class Networks
{
    /// <summary>Returns a network after training with callbacks that write files.</summary>
    public static Model Trained(string folder)
    {
        LayerRegistry.Register<Scaled>();
        Symbol input = Input(12, 12, 3);
        Symbol x = Conv2D(8, 3, padding: "same", activation: "relu", kernelRegularizer: new L2(1e-4), name: "conv")(
            input
        );
        x = BatchNormalization()(x);
        x = MaxPool2D()(x);
        x = new Scaled(0.5).Apply(x);
        x = Dropout(0.2)(Flatten()(x));
        Model model = Model(input, Dense(4, activation: "softmax")(x));
        model.Compile(
            new AdamW(0.005) { Schedule = new CosineDecay(0.005, 40), EmaMomentum = 0.9 },
            "sparse_categorical_crossentropy",
            ["accuracy", new TopKCategoricalAccuracy(2)]
        );
        (NDArray images, NDArray labels) = Samples(96);
        string backup = Path.Combine(folder, "backup");
        Callback[] Callbacks() =>
            [
                new BackupAndRestore(backup, deleteCheckpoint: false),
                new CsvLogger(Path.Combine(folder, "history.csv")),
                new TensorBoard(Path.Combine(folder, "logs"), histogramFreq: 1),
                new ModelCheckpoint(Path.Combine(folder, "best.lamina"), monitor: "loss", saveBestOnly: true),
                new EarlyStopping("loss", patience: 5),
            ];
        model.Fit(images, labels, epochs: 2, batchSize: 16, callbacks: Callbacks(), verbose: 0);
        History history = model.Fit(
            images,
            labels,
            epochs: 4,
            batchSize: 16,
            validationData: (images, labels),
            callbacks: Callbacks(),
            verbose: 0
        );
        Console.WriteLine($"epochs: {history.Epochs.Count}");
        Console.WriteLine($"loss: {history.Epochs[^1].Logs["loss"]}");
        Console.WriteLine($"accuracy: {history.Epochs[^1].Logs["val_accuracy"]}");
        return model;
    }

    /// <summary>Returns images of four classes: each has a bright quarter.</summary>
    public static (NDArray Images, NDArray Labels) Samples(int count)
    {
        var random = new RandomStream(2, RandomPurpose.User);
        var images = new NDArray(Shape.Of(count, 12, 12, 3));
        var labels = new NDArray(Shape.Of(count));
        for (int i = 0; i < count; i++)
        {
            labels[i] = i % 4;
            for (int p = 0; p < 12 * 12 * 3; p++)
            {
                (int row, int column) = (p / 36, p / 3 % 12);
                bool bright = (row / 6 * 2) + (column / 6) == i % 4;
                images.Values[(i * 12 * 12 * 3) + p] = random.NextSingle() + (bright ? 0.5f : 0);
            }
        }
        return (images, labels);
    }
}

/// <summary>A layer of the program's own.</summary>
internal sealed class Scaled(double factor, string? name = null) : Layer(name), IFromConfig<Scaled>
{
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => inputs[0] * factor;

    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["factor"] = factor;
        return config;
    }

    public static Scaled FromConfig(LayerConfigReader config) => new(config.Double("factor"), config.Name);
}
