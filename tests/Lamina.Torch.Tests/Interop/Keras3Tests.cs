using System.IO.Compression;

namespace Lamina.Torch.Tests.Interop;

/// <summary>Files that Keras 3.0 to 3.16 wrote, with what it computed (tests/interop/keras/make_keras3_goldens.py).</summary>
public class Keras3Tests
{
    public static TheoryData<string, string> Files =>
        new()
        {
            { "every", "keras-3.0.keras" },
            { "every", "keras-3.8.keras" },
            { "every", "keras-3.16.keras" },
            { "walkthrough", "model.keras" },
            { "sequential", "model.keras" },
            { "nested", "model.keras" },
            { "nested", "model.h5" },
            { "wrapped", "model.keras" },
            { "wrapped", "model.h5" },
            { "mixed", "model.keras" },
            { "half", "model.keras" },
            { "convolutions", "model.keras" },
            { "normalizations", "model.keras" },
            { "merging", "model.keras" },
            { "further", "model.keras" },
            { "activations", "model.keras" },
            { "preprocessing", "model.keras" },
        };

    public static TheoryData<string> Summaries =>
        new(
            "every",
            "walkthrough",
            "sequential",
            "nested",
            "wrapped",
            "mixed",
            "convolutions",
            "normalizations",
            "merging",
            "further",
            "activations",
            "preprocessing"
        );

    // Not 3.2, which writes that both users of a shared layer use its first call: its file is another model, and is refused.
    public static TheoryData<string> Versions =>
        [.. Enumerable.Range(1, 15).Where(v => v is not (2 or 8)).Select(v => $"keras-3.{v}.json.gz")];

    [Theory]
    [MemberData(nameof(Files))]
    public void AModelComputesWhatKerasDoes(string name, string file) =>
        Read(name).Agrees(KerasFile.Load(Golden(name, file)), Tolerance(name));

    [Theory]
    [MemberData(nameof(Versions))]
    public void AnArchitectureOfAnyVersionComputesWhatKerasDoes(string file)
    {
        Model model = Lamina.Model.FromJson(Unzipped(file));
        KerasFile.LoadWeights(model, Golden("every", "keras-3.16.keras"));
        Read("every").Agrees(model);
    }

    [Fact]
    public void AnInputThatKerasLostIsNamed()
    {
        ConfigException error = Assert.Throws<ConfigException>(() =>
            Lamina.Model.FromJson(Unzipped("keras-3.2.json.gz"))
        );
        Assert.StartsWith("every: no output depends on b (InputLayer).", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Summaries))]
    public void TheSummaryIsKerass(string name)
    {
        string file = name == "every" ? "keras-3.16.keras" : "model.keras";
        string expected = File.ReadAllText(Golden(name, "summary.txt"));
        Assert.Equal(
            expected.TrimEnd('\n'),
            ModelSummary.ToText(KerasFile.Load(Golden(name, file)), SummaryStyle.Keras3).TrimEnd('\n')
        );
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void AModelSavedAgainIsTheSame(string name, string file)
    {
        Model model = KerasFile.Load(Golden(name, file));
        using var output = new InteropOutput("keras", $"again-{name}-{file}");
        GoldenModel golden = Read(name);
        output.WriteOutputs(model, golden.Inputs);
        KerasFile.Save(model, output["model.keras"]);
        Model again = KerasFile.Load(output["model.keras"]);
        golden.Agrees(again, Tolerance(name));
        Assert.Equal(model.GetConfig().ToJsonString(), again.GetConfig().ToJsonString());
        // The format of Lamina's own keeps all that the summary shows, too.
        var own = Lamina.Model.FromConfig(model.GetConfig());
        Assert.Equal(ModelSummary.ToText(model, SummaryStyle.Keras3), ModelSummary.ToText(own, SummaryStyle.Keras3));
    }

    [Theory]
    [InlineData("convolutions")]
    [InlineData("normalizations")]
    [InlineData("merging")]
    [InlineData("further")]
    [InlineData("activations")]
    [InlineData("preprocessing")]
    public void EveryOtherFormatComputesTheSame(string name)
    {
        Model model = KerasFile.Load(Golden(name, "model.keras"));
        GoldenModel golden = Read(name);
        using var output = new InteropOutput("keras", $"formats-{name}");
        output.WriteOutputs(model, golden.Inputs);
        ModelFile.Save(model, output["model.lamina"]);
        golden.Agrees(ModelFile.Load(output["model.lamina"]).Model);
        if (name == "activations")
        {
            // The hard_sigmoid of Keras 2 is another function.
            Assert.Throws<ConfigException>(() => KerasFile.Save(model, output["model.h5"]));
            return;
        }
        KerasFile.Save(model, output["model.h5"]);
        golden.Agrees(KerasFile.Load(output["model.h5"]));
        TfjsFile.Save(model, output["web"]);
        golden.Agrees(TfjsFile.Load(Path.Combine(output["web"], "model.json")));
    }

    [Fact]
    public void TheTutorialsNetworkTrainsOn()
    {
        GoldenModel golden = GoldenModel.Read("keras/keras3", "walkthrough");
        Model model = KerasFile.Load(Golden("walkthrough", "model.keras"));
        var norm = Assert.IsType<BatchNormalization>(model.Layers.First(l => l is BatchNormalization));
        Assert.False(norm.UnbiasedMovingVariance);
        model.Compile(new Adam(0.005), "sparse_categorical_crossentropy");
        var target = new NDArray(Shape.Of(1, 1), new[] { 2f });
        double[] losses =
        [
            .. Enumerable.Range(0, 60).Select(_ => model.TrainOnBatch(golden.Inputs[0], target)["loss"]),
        ];
        // Dropout makes single losses jump.
        Assert.True(losses[^10..].Average() < 0.5 * losses[0], string.Join(' ', losses));
    }

    private static string Unzipped(string file)
    {
        using var zip = new GZipStream(File.OpenRead(Golden("every", file)), CompressionMode.Decompress);
        using var text = new StreamReader(zip);
        return text.ReadToEnd();
    }

    // Keras computes half precision in steps of 2^-11; Lamina, with the same weights, in float32.
    private static double Tolerance(string name) => name is "half" or "mixed" ? 2e-3 : 2e-6;

    private static GoldenModel Read(string name) => GoldenModel.Read("keras/keras3", name);

    private static string Golden(string name, string file) =>
        Path.Combine(AppContext.BaseDirectory, "Goldens", "keras", "keras3", name, file);
}
