namespace Lamina.Formats.Tests;

/// <summary>Saved models whose weights are mapped and verified in the background.</summary>
public class MappedModelTests
{
    [Fact]
    public async Task Values_are_those_of_the_file_and_stay_when_it_is_deleted()
    {
        using var temp = new TempFolder();
        float[][] saved = Save(temp);
        SavedModel mapped = ModelFile.LoadMapped(temp.Root);
        File.Delete(temp[ModelPart.Weights]);
        await mapped.Verification;
        Assert.Equal(saved, mapped.Model.Weights.Select(w => w.GetValues()));
        Assert.All(mapped.Model.Weights, w => Assert.NotNull(w.Storage));
    }

    [Fact]
    public async Task Changed_values_change_neither_the_file_nor_another_model()
    {
        using var temp = new TempFolder();
        float[][] saved = Save(temp);
        byte[] file = File.ReadAllBytes(temp[ModelPart.Weights]);
        SavedModel mapped = ModelFile.LoadMapped(temp.Root);
        await mapped.Verification;
        foreach (Weight weight in mapped.Model.Weights)
        {
            weight.SetValues(new float[weight.Count]);
            Assert.All(weight.GetValues(), v => Assert.Equal(0, v));
        }
        Assert.Equal(file, File.ReadAllBytes(temp[ModelPart.Weights]));
        Assert.Equal(saved, ModelFile.LoadMapped(temp.Root).Model.Weights.Select(w => w.GetValues()));
    }

    [Fact]
    public async Task Every_changed_byte_of_the_weights_is_refused_at_once_or_by_the_verification()
    {
        using var temp = new TempFolder();
        Save(temp);
        byte[] bytes = File.ReadAllBytes(temp[ModelPart.Weights]);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x11;
            File.WriteAllBytes(temp[ModelPart.Weights], damaged);
            var error = await Assert.ThrowsAsync<ModelFileException>(async () =>
                await ModelFile.LoadMapped(temp.Root).Verification
            );
            OneLine.IsOneLine(error);
            Assert.Contains(temp[ModelPart.Weights], error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_truncated_or_missing_file_is_refused_before_it_is_mapped()
    {
        using var temp = new TempFolder();
        Save(temp);
        byte[] bytes = File.ReadAllBytes(temp[ModelPart.Weights]);
        File.WriteAllBytes(temp[ModelPart.Weights], bytes[..^4]);
        OneLine.Error(() => ModelFile.LoadMapped(temp.Root), temp[ModelPart.Weights]);
        File.Delete(temp[ModelPart.Weights]);
        OneLine.Error(() => ModelFile.LoadMapped(temp.Root), temp[ModelPart.Weights]);
    }

    [Fact]
    public async Task A_one_file_model_is_read_instead()
    {
        using var temp = new TempFolder();
        Model model = SmallModel.Create();
        ModelFile.Save(model, temp["model.lamina"]);
        SavedModel loaded = ModelFile.LoadMapped(temp["model.lamina"]);
        await loaded.Verification;
        Assert.Equal(model.Weights.Select(w => w.GetValues()), loaded.Model.Weights.Select(w => w.GetValues()));
    }

    private static float[][] Save(TempFolder temp)
    {
        Model model = SmallModel.Create();
        ModelFile.Save(model, temp.Root);
        return [.. model.Weights.Select(w => w.GetValues())];
    }
}
