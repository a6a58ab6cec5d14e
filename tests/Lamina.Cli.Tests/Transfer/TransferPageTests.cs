using static Lamina.Layers;

namespace Lamina.Cli.Tests.Transfer;

/// <summary>The code of docs/transfer.md, compiled and run.</summary>
public sealed class TransferPageTests
{
    [Fact]
    public void The_pages_code_runs()
    {
        using var folder = new TempFolder();
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder.Root;
        try
        {
            Session.Clear();
            PyTorchFile.SaveWeights(Zoo.OneWeirdTrick(), "alexnet.pth");
            Session.Clear();
            Run();
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [Fact]
    public void The_page_has_the_code_that_runs_here()
    {
        string[] parts = Golden.Read("transfer.md").Split("```csharp\n");
        Assert.Equal(3, parts.Length);
        foreach (string part in parts[1..])
        {
            Assert.Contains(
                Words(part.Split("```")[0]),
                Words(Golden.Read("TransferPageTests.cs")),
                StringComparison.Ordinal
            );
        }

        static string Words(string text) =>
            string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static void Run()
    {
        var pixels = new NDArray([2, 224, 224, 3]);
        pixels.Values.Fill(0.5f);
        var train = new ArraySource(pixels, new NDArray([2, 1], (float[])[0, 1]), 2, shuffle: false);
        ArraySource test = train;
        NDArray images = pixels;

        Model model = Zoo.OneWeirdTrick();
        PyTorchFile.LoadWeights(model, "alexnet.pth");

        model = model.WithHead(classes: 2);
        model.Freeze("features");
        model.Compile(new Sgd(0.01, momentum: 0.9), "sparse_categorical_crossentropy", ["accuracy"]);
        model.Fit(train, epochs: 10, validation: test);

        model.Unfreeze();
        model.Compile(new Sgd(0.001, momentum: 0.9), "sparse_categorical_crossentropy", ["accuracy"]);
        model.Fit(train, epochs: 20, initialEpoch: 10, validation: test);

        Model classifier = ModelTrunk.Of(model).WithStages().WithHead(classes: 2);

        Model extractor = new(model.Inputs, [model.GetLayer("flatten").Output]);
        NDArray features = extractor.Predict(images);

        Symbol x = Dense(units: 32, activation: "relu")(model.GetLayer("flatten").Output);
        Model other = Model(model.Inputs[0], Dense(units: 2, activation: "softmax")(x));

        Assert.Equal(new Shape(2, 9216), features.Shape);
        Assert.Equal(new Shape(null, 2), other.Outputs[0].Shape);
        Assert.Equal(new Shape(null, 2), classifier.Outputs[0].Shape);
        model.Compiled!.Dispose();
    }
}
