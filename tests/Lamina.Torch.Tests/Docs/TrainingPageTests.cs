using System.Globalization;
using System.Text;
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
        string[] parts = page.Split("```csharp\n");
        Assert.Equal(3, parts.Length);
        foreach (string part in parts[1..])
        {
            Assert.Contains(
                Words(part.Split("```")[0]),
                Words(Copied("TrainingPageTests.cs")),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void The_pages_memory_is_what_is_computed()
    {
        string page = Copied("training.md");
        string table = page.Split("<!-- memory -->\n")[1].Split("<!-- end -->")[0];
        var lines = new StringBuilder(
            "| model | batch 32 | with recompute | batch 128 | with recompute |\n|---|---:|---:|---:|---:|\n"
        );
        foreach (string name in (string[])["walkthrough", "listing", "paper", "owt"])
        {
            Model model = Zoo.Build(name, new ZooOptions());
            IEnumerable<string> cells =
                from batch in (int[])[32, 128]
                from recompute in (bool[])[false, true]
                let peak = model.TrainingMemory(batch, recompute: recompute).Peak
                select (peak / 1e6).ToString("N0", CultureInfo.InvariantCulture);
            lines.Append($"| {name} | {string.Join(" | ", cells)} |\n");
        }
        // Which algorithms a processor's vectors allow moves the sums a little.
        int[] expected = Numbers(lines.ToString());
        int[] shown = Numbers(table);
        Assert.Equal(expected.Length, shown.Length);
        Assert.True(
            expected.Zip(shown).All(p => Math.Abs(p.First - p.Second) <= 0.02 * p.First),
            $"The page's table should be\n{lines}"
        );
    }

    private static int[] Numbers(string table) =>
        [
            .. table
                .Split(['|', '\n', ' '], StringSplitOptions.RemoveEmptyEntries)
                .Select(cell =>
                    int.TryParse(cell, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out int n) ? n : 0
                )
                .Where(n => n > 0),
        ];

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
        Measure(model, optimizer);
    }

    private static void Measure(Model model, Sgd optimizer)
    {
        MemoryUse kept = model.TrainingMemory(batchSize: 128, optimizer);
        MemoryUse again = model.TrainingMemory(batchSize: 128, optimizer, recompute: true);
        Console.WriteLine($"{kept.Peak / 1e6:N0} MB ({kept.PeakAt}), {again.Peak / 1e6:N0} MB with recomputation");
        model.Compile(optimizer, "sparse_categorical_crossentropy", recompute: true);

        ModelProfile profile = model.Profile(batchSize: 8, new ProfileOptions { Rounds = 3, Duration = TimeSpan.Zero });
        KernelTime slowest = profile.Kernels.MaxBy(k => k.Time)!;
        Console.WriteLine($"{slowest.Layer} {slowest.Part}: {profile.PeakShareOf(slowest):P0} of the limit");
        Console.WriteLine(profile);
    }

    private static string Words(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Copied(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", name)).ReplaceLineEndings("\n");
}
