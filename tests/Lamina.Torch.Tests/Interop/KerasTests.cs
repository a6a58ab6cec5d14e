namespace Lamina.Torch.Tests.Interop;

/// <summary>
/// Keras's files, laid out by h5py (tests/interop/keras/make_goldens.py), of models whose outputs tfjs computed; and
/// Lamina's own, which tests/interop/keras/check.py looks into with h5py.
/// </summary>
public class KerasTests
{
    public static TheoryData<string, string> Files =>
        new()
        {
            { "cnn", "model.h5" },
            { "cnn", "model.keras" },
            { "cnn", "deflated.keras" },
            { "cnn", "gzip.h5" },
            { "cnn", "latest.h5" },
            { "cnn", "latest-plain.h5" },
            { "sequential", "model.h5" },
            { "sequential", "model.keras" },
            { "graph", "model.h5" },
            { "graph", "model.keras" },
            { "cnn", "keras3-model.h5" },
            { "sequential", "keras3-model.h5" },
            { "graph", "keras3-model.h5" },
        };

    public static TheoryData<string, string> Weights =>
        new()
        {
            { "cnn", "legacy-weights.h5" },
            { "cnn", "keras3.weights.h5" },
            { "cnn", "keras2-13.weights.h5" },
            { "cnn", "model.keras" },
            { "sequential", "legacy-weights.h5" },
            { "sequential", "keras3.weights.h5" },
            { "graph", "legacy-weights.h5" },
            { "graph", "keras3.weights.h5" },
            { "graph", "model.h5" },
        };

    public static TheoryData<string> Written => [.. InteropModels.Names];

    [Theory]
    [MemberData(nameof(Files))]
    public void AModelOfKerasComputesWhatTfjsDoes(string name, string file) =>
        Golden(name, isKeras3: !(file is "model.h5")).Agrees(KerasFile.Load(Golden(name, file)));

    [Theory]
    [MemberData(nameof(Weights))]
    public void WeightsAloneFitTheModel(string name, string file)
    {
        GoldenModel golden = GoldenModel.Read("tfjs", name);
        Model model = Emptied(golden);
        KerasFile.LoadWeights(model, Golden(name, file));
        golden.Agrees(model);
    }

    [Fact]
    public void HalfPrecisionIsReadAsItIs()
    {
        GoldenModel golden = GoldenModel.Read("tfjs", "cnn");
        Model model = Emptied(golden);
        KerasFile.LoadWeights(model, Golden("cnn", "half.weights.h5"));
        golden.Agrees(model, tolerance: 2e-3);
    }

    [Theory]
    [MemberData(nameof(Written))]
    public void AModelOfLaminasComputesTheSameReadBack(string name)
    {
        (Model model, IReadOnlyList<NDArray> inputs) = InteropModels.Make(name);
        using var output = new InteropOutput("keras", name);
        output.WriteOutputs(model, inputs);
        foreach (string file in (string[])["model.keras", "model.h5"])
        {
            KerasFile.Save(model, output[file]);
            SameOutputs.Of(model, KerasFile.Load(output[file]), inputs);
        }
    }

    [Theory]
    [InlineData("alexnet")]
    [InlineData("graph")]
    [InlineData("padded")]
    public void WeightsOfLaminasFitTheModelAgain(string name)
    {
        (Model model, IReadOnlyList<NDArray> inputs) = InteropModels.Make(name);
        using var output = new InteropOutput("keras", $"{name}-weights");
        KerasFile.Save(model, output["model.h5"]);
        KerasFile.Save(model, output["model.keras"]);
        foreach (string file in (string[])["weights.h5", "keras3.weights.h5"])
        {
            KerasFile.SaveWeights(model, output[file]);
            var other = Model.FromConfig(model.GetConfig());
            KerasFile.LoadWeights(other, output[file]);
            SameOutputs.Of(model, other, inputs);
        }
    }

    [Theory]
    [InlineData("cnn")]
    [InlineData("graph")]
    public void GoldensSavedAgainComputeTheSame(string name)
    {
        using var output = new InteropOutput("keras", $"again-{name}");
        foreach (string file in (string[])["model.keras", "keras3-model.h5"])
        {
            GoldenModel golden = Golden(name, isKeras3: true);
            KerasFile.Save(KerasFile.Load(Golden(name, file)), output[file]);
            golden.Agrees(KerasFile.Load(output[file]));
        }
    }

    // The first output of the graph is the hard_sigmoid of the second, which in Keras 3 is another function than in tfjs.
    private static GoldenModel Golden(string name, bool isKeras3)
    {
        GoldenModel golden = GoldenModel.Read("tfjs", name);
        return isKeras3 && name == "graph" ? golden.WithFirstOutput(x => Math.Clamp((x / 6) + 0.5f, 0, 1)) : golden;
    }

    private static string Golden(string name, string file) =>
        Path.Combine(AppContext.BaseDirectory, "Goldens", "keras", name, file);

    // tfjs's architecture with other weights.
    private static Model Emptied(GoldenModel golden)
    {
        Model model = TfjsFile.Load(golden.Folder);
        foreach (Weight weight in model.Weights)
        {
            weight.SetValues(new float[weight.Count]);
        }
        return model;
    }
}
