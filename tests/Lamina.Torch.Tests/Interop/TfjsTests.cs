namespace Lamina.Torch.Tests.Interop;

/// <summary>
/// tfjs's models and Lamina's, computed by both. Goldens: tests/interop/tfjs/make_goldens.mjs. That tfjs reads what is
/// written here is for tests/interop/tfjs/check.mjs to say.
/// </summary>
public class TfjsTests
{
    public static TheoryData<string> Goldens => ["cnn", "sequential", "graph", "further"];

    public static TheoryData<string> Models => [.. InteropModels.Names];

    [Theory]
    [MemberData(nameof(Goldens))]
    public void AModelOfTfjsComputesWhatItComputesThere(string name)
    {
        GoldenModel golden = GoldenModel.Read("tfjs", name);
        golden.Agrees(TfjsFile.Load(golden.Folder));
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void SavedAgainItComputesTheSame(string name)
    {
        GoldenModel golden = GoldenModel.Read("tfjs", name);
        using var output = new InteropOutput("tfjs", $"again-{name}");
        Model model = TfjsFile.Load(golden.Folder);
        TfjsFile.Save(model, output.Folder);
        output.WriteOutputs(model, golden.Inputs);
        golden.Agrees(TfjsFile.Load(output["model.json"]));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void AModelOfLaminasComputesTheSameReadBack(string name)
    {
        (Model model, IReadOnlyList<NDArray> inputs) = InteropModels.Make(name);
        using var output = new InteropOutput("tfjs", name);
        TfjsFile.Save(model, output.Folder);
        output.WriteOutputs(model, inputs);
        SameOutputs.Of(model, TfjsFile.Load(output.Folder), inputs);
    }
}
