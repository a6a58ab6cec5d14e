namespace Lamina.Torch.Tests.Training;

/// <summary>The engine leaves the garbage collector alone in steps, however many classes and samples there are.</summary>
public class AllocationTests
{
    private const int Rows = 64;
    private const int Classes = 1000;
    private const int Steps = 10;
    private const long Most = 100_000;

    [Fact]
    public void A_training_step_makes_little_garbage()
    {
        Model model = Create();
        model.Compile(new Sgd(0.01, momentum: 0.9), "sparse_categorical_crossentropy", ["accuracy", "top_5_accuracy"]);
        (NDArray x, NDArray y) = Data();
        Assert.InRange(BytesOf(() => model.TrainOnBatch(x, y)), 0, Most);
        Assert.InRange(BytesOf(() => model.TestOnBatch(x, y)), 0, Most);
        model.Compiled!.Dispose();
    }

    [Fact]
    public void A_step_of_fit_makes_little_garbage_on_arrays_too()
    {
        Model model = Create();
        model.Compile(new Sgd(0.01, momentum: 0.9), "sparse_categorical_crossentropy", ["accuracy"]);
        (NDArray x, NDArray y) = Data();
        // 16 steps an epoch, whose batches share the arrays of the first.
        long epoch = BytesOf(() => model.Fit(x, y, batchSize: Rows / 16, verbose: 0));
        Assert.InRange(epoch / 16, 0, Most);
        model.Compiled!.Dispose();
    }

    [Fact]
    public void Prediction_makes_little_more_than_its_result()
    {
        Model model = Create();
        (NDArray x, _) = Data();
        long result = Rows * Classes * sizeof(float);
        Assert.InRange(BytesOf(() => model.Predict(x, Rows)), result, result + Most);
    }

    /// <summary>Managed bytes of a run, after what is made once.</summary>
    private static long BytesOf(Action run)
    {
        for (int i = 0; i < 3; i++)
        {
            run();
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Steps; i++)
        {
            run();
        }
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Steps;
    }

    private static Model Create()
    {
        Symbol input = Layers.Input(12, 12, 3);
        Symbol x = Layers.Conv2D(4, 3, activation: "relu")(input);
        x = Layers.BatchNormalization()(x);
        x = Layers.MaxPool2D(2)(x);
        x = Layers.Dropout(0.5)(x);
        x = Layers.Flatten()(x);
        return Layers.Model(input, Layers.Dense(Classes, activation: "softmax")(x));
    }

    private static (NDArray X, NDArray Y) Data()
    {
        var x = new NDArray(Shape.Of(Rows, 12, 12, 3));
        var y = new NDArray(Shape.Of(Rows, 1));
        for (int i = 0; i < Rows; i++)
        {
            y[i, 0] = i * 13 % Classes;
            x[i, i % 12, 3, 1] = 1;
        }
        return (x, y);
    }
}
