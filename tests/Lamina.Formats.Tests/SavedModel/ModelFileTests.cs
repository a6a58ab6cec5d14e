using System.Text.Json.Nodes;

namespace Lamina.Formats.Tests;

public class ModelFileTests
{
    public static TheoryData<string> Forms => ["model", "model.lamina"];

    private static readonly SaveOptions s_options = new()
    {
        Metadata = new JsonObject { ["classes"] = new JsonArray("Tâche", "b"), ["epoch"] = 3 },
        OptimizerState = new Dictionary<string, NDArray>
        {
            ["momentum/conv/kernel"] = new(Shape.Of(2), new[] { 1f, float.NaN }),
            ["iterations"] = new(Shape.Of(), new[] { 7f }),
        },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Saves_and_loads_everything(string name)
    {
        using var temp = new TempFolder();
        Model model = SmallModel.Create();
        ModelFile.Save(model, temp[name], s_options);
        SavedModel saved = ModelFile.Load(temp[name]);

        Assert.Equal(model.GetConfig().ToJsonString(), saved.Model.GetConfig().ToJsonString());
        Assert.Equal(model.CountParams(), saved.Model.CountParams());
        Assert.Equal(model.Weights.Select(w => w.Path), saved.Model.Weights.Select(w => w.Path));
        Assert.Equal(model.Weights.Select(w => w.GetValues()), saved.Model.Weights.Select(w => w.GetValues()));
        Assert.Equal(s_options.Metadata!.ToJsonString(), saved.Metadata.ToJsonString());
        Assert.Equal(["iterations", "momentum/conv/kernel"], saved.OptimizerState.Keys.Order());
        foreach ((string key, NDArray state) in s_options.OptimizerState!)
        {
            Assert.Equal(state.Shape, saved.OptimizerState[key].Shape);
            Assert.Equal(state.Values.ToArray(), saved.OptimizerState[key].Values.ToArray());
        }
        Assert.StartsWith("Lamina ", saved.CreatedBy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_model_without_options_has_neither_metadata_nor_state()
    {
        using var temp = new TempFolder();
        ModelFile.Save(SmallModel.Create(), temp.Root);
        SavedModel saved = ModelFile.Load(temp.Root);
        Assert.Empty(saved.Metadata);
        Assert.Empty(saved.OptimizerState);
        Assert.Equal(["architecture.json", "metadata.json", "model.json", "weights.safetensors"], temp.Names());
    }

    [Fact]
    public void The_optimizers_state_need_not_be_read()
    {
        using var temp = new TempFolder();
        var state = new Dictionary<string, NDArray> { ["iterations"] = new(Shape.Of(1)) };
        ModelFile.Save(SmallModel.Create(), temp.Root, new SaveOptions { OptimizerState = state });
        File.WriteAllText(temp[ModelPart.Optimizer], "damaged");
        Assert.Throws<ModelFileException>(() => ModelFile.Load(temp.Root));
        SavedModel saved = ModelFile.Load(temp.Root, optimizerState: false);
        Assert.Empty(saved.OptimizerState);
        Assert.Equal(saved.Model.Weights.Count, WeightsFile.Entries(saved.Model).Length);
    }

    [Fact]
    public void Weights_have_unique_keys_and_Keras_layouts()
    {
        using var temp = new TempFolder();
        ModelFile.Save(SmallModel.Create(), temp.Root);
        using SafetensorsReader reader = SafetensorsReader.Open(temp["weights.safetensors"]);
        Assert.Equal(
            [
                "batch_normalization/beta (2,)",
                "batch_normalization/gamma (2,)",
                "batch_normalization/moving_mean (2,)",
                "batch_normalization/moving_variance (2,)",
                "conv/bias (2,)",
                "conv/kernel (3, 3, 1, 2)",
                "dense/bias (3,)",
                "dense/kernel (32, 3)",
                "nested/conv/bias (2,)",
                "nested/conv/kernel (3, 3, 2, 2)",
            ],
            reader.Tensors.Select(t => $"{t.Name} {t.DimensionsText}").Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Saving_a_loaded_model_gives_the_same_bytes()
    {
        using var temp = new TempFolder();
        ModelFile.Save(SmallModel.Create(), temp["a.lamina"], s_options);
        SavedModel saved = ModelFile.Load(temp["a.lamina"]);
        ModelFile.Save(
            saved.Model,
            temp["b.lamina"],
            new SaveOptions { Metadata = saved.Metadata, OptimizerState = saved.OptimizerState }
        );
        Assert.Equal(File.ReadAllBytes(temp["a.lamina"]), File.ReadAllBytes(temp["b.lamina"]));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_path_without_a_model_is_an_error_of_one_line(string name)
    {
        using var temp = new TempFolder();
        OneLine.Error(() => ModelFile.Load(temp[name]), temp[name], "no such folder or file");
        Directory.CreateDirectory(temp[name]);
        OneLine.Error(() => ModelFile.Load(temp[name]), temp[name], "is not a saved model");
        File.WriteAllText(temp["text"], "x");
        OneLine.Error(() => ModelFile.Load(temp["text"]), temp["text"], "is not a saved model");
    }

    [Fact]
    public void A_folder_cannot_replace_a_file()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["m"], "mine");
        OneLine.Error(() => ModelFile.Save(SmallModel.Create(), temp["m"]), temp["m"], "cannot be written");
        Assert.Equal("mine", File.ReadAllText(temp["m"]));
        string missing = Path.Combine(temp["none"], "m.lamina");
        OneLine.Error(() => ModelFile.Save(SmallModel.Create(), missing), missing, "no such folder");
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Metadata_without_json_is_refused_before_anything_is_written(string name)
    {
        using var temp = new TempFolder();
        JsonNode deep = new JsonArray();
        for (int i = 0; i < 100; i++)
        {
            deep = new JsonArray(deep);
        }
        foreach (JsonNode bad in (JsonNode[])[JsonValue.Create(double.NaN), deep])
        {
            OneLine.Error(
                () =>
                    ModelFile.Save(
                        SmallModel.Create(),
                        temp[name],
                        new SaveOptions { Metadata = new JsonObject { ["x"] = bad } }
                    ),
                "metadata"
            );
        }
        Assert.Empty(temp.Names());
    }

    [Fact]
    public void Layers_of_one_name_are_told_apart_or_refused()
    {
        using var temp = new TempFolder();
        Model model = SmallModel.Create();
        float[] outer = model.Weights.First(w => w.Path == "conv/kernel").GetValues();
        ModelFile.Save(model, temp.Root);
        Model loaded = ModelFile.Load(temp.Root).Model;
        Assert.Equal(
            model.Weights.Where(w => w.Path == "conv/kernel").Select(w => w.GetValues()),
            loaded.Weights.Where(w => w.Path == "conv/kernel").Select(w => w.GetValues())
        );
        Assert.Contains(loaded.Weights, w => w.Path == "conv/kernel" && w.GetValues().SequenceEqual(outer));
    }
}
