using static Lamina.Layers;

namespace Lamina.Torch.Tests;

/// <summary>The code of docs/training.md, compiled and run.</summary>
public sealed class TrainingPageTests
{
    [Fact]
    public void The_pages_code_runs()
    {
        string before = Environment.CurrentDirectory;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lamina-docs-");
        Environment.CurrentDirectory = folder.FullName;
        try
        {
            Run();
            Assert.True(File.Exists("history.csv"));
            Assert.NotEmpty(Directory.GetFiles(".", "best-*.lamina"));
            Assert.NotEmpty(Directory.GetFiles("logs", "events.out.tfevents.*", SearchOption.AllDirectories));
        }
        finally
        {
            Environment.CurrentDirectory = before;
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_page_has_the_code_that_runs_here()
    {
        string page = Copied("training.md");
        string code = page.Split("```csharp\n")[1].Split("```")[0];
        Assert.Contains(Words(code), Words(Copied("TrainingPageTests.cs")), StringComparison.Ordinal);
    }

    private static void Run()
    {
        Symbol input = Input(4, 4, 1);
        Model model = Model(input, Dense(units: 2, activation: "softmax")(Flatten()(input)));
        var x = new NDArray([8, 4, 4, 1], Enumerable.Range(0, 128).Select(i => i % 7 / 7f).ToArray());
        var y = new NDArray([8, 1], new float[] { 0, 1, 0, 1, 0, 1, 0, 1 });
        var train = new ArraySource(x, y, batchSize: 4);
        var test = new ArraySource(x, y, batchSize: 4);
        var optimizer = new Sgd(0.02, momentum: 0.9, nesterov: true, weightDecay: 5e-4)
        {
            Schedule = new WarmUp(new CosineDecay(0.02, decaySteps: 900), steps: 100),
            Rules = [new WeightRule("bias", LearningRate: 2, WeightDecay: 0)],
            EmaMomentum = 0.99,
        };
        model.Compile(optimizer, new SparseCategoricalCrossentropy(labelSmoothing: 0.1), ["accuracy"]);
        model.Fit(
            train,
            epochs: 10,
            validation: test,
            callbacks:
            [
                new EarlyStopping("val_accuracy", patience: 3),
                new ModelCheckpoint("best-{epoch:02}.lamina", "val_accuracy", saveBestOnly: true),
                new CsvLogger("history.csv"),
                new TensorBoard("logs"),
                new BackupAndRestore("backup"),
            ]
        );
    }

    private static string Words(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Copied(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", name)).ReplaceLineEndings("\n");
}
