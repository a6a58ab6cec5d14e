// After "Image classification from scratch" (keras.io/examples/vision/image_classification_from_scratch).
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class ClassificationGuide
{
    public static void Run(GuideRun run)
    {
        (NDArray x, NDArray y) = run.TrainingImages();
        (NDArray testX, NDArray testY) = run.TestImages();
        Model model = MakeModel((28, 28, 1), classes: 10);
        Plotting.PlotModel(model, run.File("model.png"), showShapes: true);

        string best = run.File("best.lamina");
        model.Compile(new Adam(3e-3), new SparseCategoricalCrossentropy(fromLogits: true), ["acc"]);
        History history = model.Fit(
            x,
            y,
            epochs: run.Count(10, 3),
            validationData: (testX, testY),
            callbacks: [new ModelCheckpoint(best, monitor: "val_acc", saveBestOnly: true)],
            verbose: run.Verbose
        );
        run.ReportLosses(history);
        run.Report("best accuracy", history.Epochs.Max(e => e.Logs["val_acc"]));

        // Inference on one new image: what augments and drops is inactive.
        Model loaded = Lamina.Model.Load(best);
        Symbol image = Input((28, 28, 1));
        Model classifier = Model(image, Softmax()(loaded.Apply(image)));
        NDArray probabilities = classifier.Predict(testX[..1]);
        ClassScore top = probabilities.DecodePredictions(GuideRun.ClassNames, top: 1)[0][0];
        run.Say(
            $"The first test image is '{GuideRun.ClassNames[(int)testY.Values[0]]}', and {top.Probability:P0} '{top.Class}'."
        );
        run.Report("sum of probabilities", probabilities.Values.ToArray().Sum());
    }

    // A small Xception: separable convolutions with residuals, and augmentation in the model.
    private static Model MakeModel(Shape shape, int classes)
    {
        Symbol inputs = Input(shape);
        Symbol x = RandomRotation(0.02)(RandomFlip("horizontal")(inputs));
        x = Rescaling(2, offset: -1)(x);
        x = Conv2D(16, 3, strides: 2, padding: "same")(x);
        x = Activation("relu")(BatchNormalization(momentum: 0.9)(x));
        Symbol previous = x;
        foreach (int size in (int[])[24, 32])
        {
            x = Activation("relu")(x);
            x = BatchNormalization(momentum: 0.9)(SeparableConv2D(size, 3, padding: "same")(x));
            x = Activation("relu")(x);
            x = BatchNormalization(momentum: 0.9)(SeparableConv2D(size, 3, padding: "same")(x));
            x = MaxPooling2D(3, strides: 2, padding: "same")(x);
            Symbol residual = Conv2D(size, 1, strides: 2, padding: "same")(previous);
            x = Add()(x, residual);
            previous = x;
        }
        x = SeparableConv2D(64, 3, padding: "same")(x);
        x = Activation("relu")(BatchNormalization(momentum: 0.9)(x));
        x = GlobalAveragePooling2D()(x);
        x = Dropout(0.25)(x);
        return Model(inputs, Dense(classes)(x));
    }
}
