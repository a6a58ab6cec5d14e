using static Lamina.Layers;

namespace Lamina.Formats.Tests.Conversion;

/// <summary>Saving and loading by methods of the model.</summary>
public sealed class ModelSavingTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-saving-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("model.lamina")]
    [InlineData("model.keras")]
    [InlineData("model.h5")]
    public void A_model_is_saved_and_loaded_by_its_extension(string name)
    {
        Model model = Create();
        string path = Path.Combine(_root, name);
        model.Save(path);
        Model loaded = Model.Load(path);
        Assert.Equal(Values(model), Values(loaded));
        Weight kernel = loaded.Weights[0];
        Assert.Equal((new L2(0.5), new MaxNorm(3)), (kernel.Regularizer, kernel.Constraint));
    }

    [Theory]
    [InlineData("weights.weights.h5")]
    [InlineData("weights.safetensors")]
    [InlineData("model.lamina")]
    public void Weights_are_saved_and_loaded(string name)
    {
        Model model = Create();
        string path = Path.Combine(_root, name);
        model.SaveWeights(path);
        Model other = Create();
        Assert.NotEqual(Values(model), Values(other));
        other.LoadWeights(path);
        Assert.Equal(Values(model), Values(other));
    }

    [Fact]
    public void An_extension_without_a_format_is_refused_in_one_line()
    {
        string path = Path.Combine(_root, "model.txt");
        string message = Assert.Throws<ModelFileException>(() => Create().Save(path)).Message;
        Assert.StartsWith(
            $"{path}: the extension names no format that Lamina writes. Use one of ",
            message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', message);
        Assert.Empty(Directory.GetFiles(_root));
        Assert.Throws<ModelFileException>(() => Model.Load(path));
    }

    private static float[] Values(Model model) => [.. model.Weights.SelectMany(w => w.GetValues())];

    private static Model Create()
    {
        Symbol input = Input(3);
        return Model(
            input,
            Dense(4, kernelRegularizer: new L2(0.5), kernelConstraint: new MaxNorm(3), name: "first")(input)
        );
    }
}
