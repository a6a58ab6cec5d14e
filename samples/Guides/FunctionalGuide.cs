// After "The Functional API" (keras.io/guides/functional_api), on Fashion-MNIST.
using System.Text.Json.Nodes;
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class FunctionalGuide
{
    public static void Run(GuideRun run)
    {
        Introduction(run);
        OneGraphSeveralModels(run);
        Ensemble(run);
        SeveralInputsAndOutputs(run);
        ToyResNet(run);
        SharedLayers(run);
        CustomLayer(run);
    }

    // (784) → [64 units, relu] → [64 units, relu] → [10 scores]
    private static void Introduction(GuideRun run)
    {
        Symbol inputs = Input(784, name: "img");
        Symbol x = Dense(64, activation: "relu")(inputs);
        x = Dense(64, activation: "relu")(x);
        Symbol outputs = Dense(10)(x);
        Model model = Model(inputs, outputs, name: "mnist_model");
        model.Summary(run.Output);
        Plotting.PlotModel(model, run.File("my_first_model_with_shape_info.png"), showShapes: true);

        (NDArray xTrain, NDArray yTrain) = Flat(run.TrainingImages());
        (NDArray xTest, NDArray yTest) = Flat(run.TestImages());
        model.Compile(new RmsProp(), new SparseCategoricalCrossentropy(fromLogits: true), ["accuracy"]);
        History history = model.Fit(
            xTrain,
            yTrain,
            batchSize: 64,
            epochs: run.Count(5, 3),
            validationSplit: 0.2,
            verbose: run.Verbose
        );
        run.ReportLosses(history);
        IReadOnlyDictionary<string, double> scores = model.Evaluate(xTest, yTest);
        run.Report("test loss", scores["loss"]);
        run.Report("test accuracy", scores["accuracy"]);

        // The file contains architecture and weights.
        model.Save(run.File("my_model.keras"));
        Model again = Lamina.Model.Load(run.File("my_model.keras"));
        run.Report("difference after loading", Difference(model.Predict(xTest), again.Predict(xTest)));
    }

    // An encoder, and an autoencoder that contains it; then the decoder as a model of its own.
    private static void OneGraphSeveralModels(GuideRun run)
    {
        Symbol encoderInput = Input((28, 28, 1), name: "original_img");
        Symbol x = Conv2D(16, 3, activation: "relu")(encoderInput);
        x = Conv2D(32, 3, activation: "relu")(x);
        x = MaxPooling2D(3)(x);
        x = Conv2D(32, 3, activation: "relu")(x);
        x = Conv2D(16, 3, activation: "relu")(x);
        Symbol encoderOutput = GlobalMaxPooling2D()(x);
        Model encoder = Model(encoderInput, encoderOutput, name: "encoder");
        encoder.Summary(run.Output);

        Symbol decoderInput = Input(16, name: "encoded_img");
        x = Reshape([4, 4, 1])(decoderInput);
        x = Conv2DTranspose(16, 3, activation: "relu")(x);
        x = Conv2DTranspose(32, 3, activation: "relu")(x);
        x = UpSampling2D(3)(x);
        x = Conv2DTranspose(16, 3, activation: "relu")(x);
        Symbol decoderOutput = Conv2DTranspose(1, 3, activation: "relu")(x);
        Model decoder = Model(decoderInput, decoderOutput, name: "decoder");

        // Models are callable like layers; calling one reuses its weights.
        Symbol autoencoderInput = Input((28, 28, 1), name: "img");
        Model autoencoder = Model(
            autoencoderInput,
            decoder.Apply(encoder.Apply(autoencoderInput)),
            name: "autoencoder"
        );
        autoencoder.Summary(run.Output);
        run.Report("autoencoder weights", autoencoder.Weights.Count);
        run.Report("encoder and decoder weights", encoder.Weights.Count + decoder.Weights.Count);
    }

    private static void Ensemble(GuideRun run)
    {
        Model NewModel()
        {
            Symbol inputs = Input(128);
            return Model(inputs, Dense(1)(inputs));
        }

        Model[] models = [NewModel(), NewModel(), NewModel()];
        Symbol input = Input(128);
        Symbol[] answers = [.. models.Select(m => m.Apply(input))];
        Model ensemble = Model(input, Average()(answers));
        NDArray x = GuideRun.Uniform(new RandomStream(1, RandomPurpose.User), 4, 128);
        double mean = models.Average(m => (double)m.Predict(x).Values[0]);
        run.Report("ensemble minus mean", ensemble.Predict(x).Values[0] - mean);
    }

    // Which shelf an article belongs to, and how soon it must be there, from its photo and its tags.
    private static void SeveralInputsAndOutputs(GuideRun run)
    {
        const int Tags = 12;
        const int Shelves = 4;
        Symbol photo = Input((28, 28, 1), name: "photo");
        Symbol tags = Input(Tags, name: "tags");

        Symbol photoFeatures = Conv2D(8, 3, strides: 2, activation: "relu")(photo);
        photoFeatures = Dense(32, activation: "relu")(Flatten()(photoFeatures));
        Symbol tagFeatures = Dense(16, activation: "relu")(tags);
        Symbol x = Concatenate()(photoFeatures, tagFeatures);

        Symbol priority = Dense(1, name: "priority")(x);
        Symbol shelf = Dense(Shelves, name: "shelf")(x);
        Model model = Model([photo, tags], [priority, shelf]);
        Plotting.PlotModel(model, run.File("multi_input_and_output_model.png"), showShapes: true);

        // A loss for each output by its name; the second counts for a fifth.
        model.Compile(
            new RmsProp(1e-3),
            namedLosses: new()
            {
                ["priority"] = new BinaryCrossentropy(fromLogits: true),
                ["shelf"] = new CategoricalCrossentropy(fromLogits: true),
            },
            lossWeights: new() { ["priority"] = 1.0, ["shelf"] = 0.2 }
        );

        (NDArray photos, NDArray classes) = run.TrainingImages();
        int count = photos.Count;
        NDArray tagData = GuideRun.Uniform(new RandomStream(2, RandomPurpose.User), count, Tags);
        var priorities = new NDArray([count, 1]);
        var shelves = new NDArray([count, Shelves]);
        for (int i = 0; i < count; i++)
        {
            // Shoes and bags are urgent if their first tag says so.
            bool isUrgent = classes.Values[i] is 5 or 7 or 8 or 9 && tagData[i, 0] > 0.5f;
            priorities[i, 0] = isUrgent ? 1 : 0;
            shelves[i, (int)classes.Values[i] % Shelves] = 1;
        }
        History history = model.Fit(
            new Dictionary<string, NDArray> { ["photo"] = photos, ["tags"] = tagData },
            new Dictionary<string, NDArray> { ["priority"] = priorities, ["shelf"] = shelves },
            epochs: run.Count(3, 3),
            batchSize: 32,
            verbose: run.Verbose
        );
        run.ReportLosses(history, "priority_loss");
        run.ReportLosses(history, "shelf_loss");
        IReadOnlyDictionary<string, double> last = history.Epochs[^1].Logs;
        run.Report("sum of losses", last["loss"] - last["priority_loss"] - (0.2 * last["shelf_loss"]));
    }

    private static void ToyResNet(GuideRun run)
    {
        Symbol inputs = Input((28, 28, 1), name: "img");
        Symbol x = Conv2D(16, 3, activation: "relu")(inputs);
        x = Conv2D(32, 3, activation: "relu")(x);
        Symbol block1 = MaxPooling2D(3)(x);

        x = Conv2D(32, 3, activation: "relu", padding: "same")(block1);
        x = Conv2D(32, 3, activation: "relu", padding: "same")(x);
        Symbol block2 = Add()(x, block1);

        x = Conv2D(32, 3, activation: "relu", padding: "same")(block2);
        x = Conv2D(32, 3, activation: "relu", padding: "same")(x);
        Symbol block3 = Add()(x, block2);

        x = Conv2D(32, 3, activation: "relu")(block3);
        x = GlobalAveragePooling2D()(x);
        x = Dense(64, activation: "relu")(x);
        x = Dropout(0.5)(x);
        Model model = Model(inputs, Dense(10)(x), name: "toy_resnet");
        model.Summary(run.Output);

        (NDArray xTrain, NDArray yTrain) = run.TrainingImages(128);
        model.Compile(new RmsProp(1e-3), new SparseCategoricalCrossentropy(fromLogits: true), ["acc"]);
        History history = model.Fit(xTrain, yTrain, 64, run.Count(2, 1), validationSplit: 0.2, verbose: run.Verbose);
        run.Report("toy ResNet's loss", history.Epochs[^1].Logs["loss"]);

        // Every activation is a symbol that another model can output.
        Model features = Model(model.Inputs, [.. model.Layers.Select(l => l.Output)]);
        IReadOnlyList<NDArray> activations = features.PredictAll([xTrain[..2]]);
        run.Report("activations", activations.Count);
    }

    // One layer that two inputs go through has one set of weights.
    private static void SharedLayers(GuideRun run)
    {
        Call<Dense> shared = Dense(8, activation: "relu");
        Symbol a = Input(16);
        Symbol b = Input(16);
        Model twin = Model([a, b], [shared(a), shared(b)]);
        run.Report("weights of two calls", twin.Weights.Count);
    }

    private static void CustomLayer(GuideRun run)
    {
        LayerRegistry.Register<CustomDense>();
        Symbol inputs = Input(4);
        Model model = Model(inputs, new CustomDense(10).Apply(inputs));
        Model again = Lamina.Model.FromConfig(model.GetConfig());
        run.Report("units after from_config", ((CustomDense)again.Layers[1]).Units);
    }

    private static (NDArray X, NDArray Y) Flat((NDArray X, NDArray Y) images) =>
        (images.X.Reshape([images.X.Count, 784]), images.Y);

    private static double Difference(NDArray a, NDArray b) =>
        a.Values.ToArray().Zip(b.Values.ToArray()).Max(p => Math.Abs(p.First - p.Second));
}

/// <summary>A dense layer written in ops.</summary>
internal sealed class CustomDense(int units = 32, string? name = null) : Layer(name), IFromConfig<CustomDense>
{
    private Weight? _w;
    private Weight? _b;

    public int Units { get; } = units;

    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        _w = AddWeight("w", (inputs[0][^1]!.Value, Units), "glorot_uniform");
        _b = AddWeight("b", Shape.Of(Units), "zeros");
    }

    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.MatMul(inputs[0], _w!.Symbol) + _b!.Symbol;

    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["units"] = Units;
        return config;
    }

    public static CustomDense FromConfig(LayerConfigReader config) => new(config.Int("units"), config.Name);
}
