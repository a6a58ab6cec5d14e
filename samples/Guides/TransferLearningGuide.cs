// After "Transfer learning & fine-tuning" (keras.io/guides/transfer_learning). The trunk learns one half of the classes,
// the new model the other.
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class TransferLearningGuide
{
    private const int Half = 5;

    public static void Run(GuideRun run)
    {
        Freezing(run);

        // A network trained on other images, here on the first five classes.
        (NDArray x, NDArray y) = run.TrainingImages(400);
        (NDArray sourceX, NDArray sourceY) = Classes(x, y, first: 0);
        Model source = Pretrained(run, sourceX, sourceY);
        Model trunk = Model(source.Inputs[0], source.GetLayer("features").Output, name: "trunk");

        // 1. The trunk is frozen: none of its weights changes, and its normalization keeps its averages.
        trunk.Trainable = false;

        // 2. A new head on its features.
        Symbol inputs = Input((28, 28, 1));
        Symbol features = RandomFlip("horizontal")(inputs);
        features = trunk.Apply(features);
        Symbol outputs = Dense(Half)(Dropout(0.2)(GlobalAveragePooling2D()(features)));
        Model model = Model(inputs, outputs);
        model.Summary(run.Output);

        // 3. The head is trained on the new classes.
        (NDArray targetX, NDArray targetY) = Classes(x, y, first: Half);
        (NDArray testX, NDArray testY) = run.TestImages(200);
        (NDArray, NDArray) test = Classes(testX, testY, first: Half);
        float[][] before = [.. trunk.Weights.Select(w => w.GetValues())];
        model.Compile(new Adam(1e-2), new SparseCategoricalCrossentropy(fromLogits: true), ["accuracy"]);
        History history = model.Fit(
            targetX,
            targetY,
            epochs: run.Count(5, 3),
            validationData: test,
            verbose: run.Verbose
        );
        run.ReportLosses(history);
        run.Report("trunk moved", trunk.Weights.Where((w, i) => !w.GetValues().SequenceEqual(before[i])).Count());
        run.Report("accuracy of a new head", history.Epochs[^1].Logs["val_accuracy"]);

        // 4. Fine-tuning: everything is trained with a low rate; Unfreeze leaves normalization as it is.
        model.Unfreeze();
        trunk.Unfreeze();
        model.Compile(new Adam(1e-4), new SparseCategoricalCrossentropy(fromLogits: true), ["accuracy"]);
        history = model.Fit(targetX, targetY, epochs: run.Count(3, 1), validationData: test, verbose: run.Verbose);
        run.Report(
            "trunk moved by fine-tuning",
            trunk.Weights.Where((w, i) => !w.GetValues().SequenceEqual(before[i])).Count()
        );
        run.Report("fine-tuned loss", history.Epochs[^1].Logs["loss"]);
        run.Report("fine-tuned accuracy", history.Epochs[^1].Logs["val_accuracy"]);
    }

    private static void Freezing(GuideRun run)
    {
        Symbol x = Input(3);
        var layer1 = new Dense(3, "relu");
        var layer2 = new Dense(3, "sigmoid");
        Model model = Model(x, layer2.Apply(layer1.Apply(x)));
        layer1.Trainable = false;
        float[] before = layer1.Weights[0].GetValues();
        model.Compile("adam", "mse");
        var random = new RandomStream(1, RandomPurpose.User);
        model.Fit(GuideRun.Uniform(random, 2, 3), GuideRun.Uniform(random, 2, 3), verbose: 0);
        run.Report("frozen layer moved", layer1.Weights[0].GetValues().SequenceEqual(before) ? 0 : 1);
        // Freezing a model freezes all that is in it.
        model.Trainable = false;
        run.Report("trained weights of a frozen model", model.TrainableWeights.Count);
    }

    private static Model Pretrained(GuideRun run, NDArray x, NDArray y)
    {
        Symbol inputs = Input((28, 28, 1));
        Symbol h = Conv2D(16, 3, strides: 2, padding: "same", useBias: false)(inputs);
        h = ReLU()(BatchNormalization(momentum: 0.9)(h));
        h = Conv2D(32, 3, strides: 2, padding: "same", useBias: false)(h);
        h = ReLU(name: "features")(BatchNormalization(momentum: 0.9)(h));
        Model model = Model(inputs, Dense(Half)(GlobalAveragePooling2D()(h)));
        model.Compile(new Adam(3e-3), new SparseCategoricalCrossentropy(fromLogits: true), ["accuracy"]);
        model.Fit(x, y, epochs: run.Count(8, 3), verbose: run.Verbose);
        return model;
    }

    private static (NDArray X, NDArray Y) Classes(NDArray x, NDArray y, int first)
    {
        int[] chosen = [.. Enumerable.Range(0, y.Count).Where(i => y.Values[i] >= first && y.Values[i] < first + Half)];
        var images = new NDArray([chosen.Length, 28, 28, 1]);
        var labels = new NDArray([chosen.Length]);
        for (int i = 0; i < chosen.Length; i++)
        {
            x.Samples(chosen[i], 1).Values.CopyTo(images.Samples(i, 1).Values);
            labels.Values[i] = y.Values[chosen[i]] - first;
        }
        return (images, labels);
    }
}
