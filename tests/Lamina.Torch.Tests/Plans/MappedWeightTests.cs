using static Lamina.Layers;

namespace Lamina.Torch.Tests;

/// <summary>Plans that compute with weights in a mapped file.</summary>
public class MappedWeightTests
{
    [Fact]
    public async Task Outputs_are_those_of_weights_that_were_read()
    {
        using var folder = new SavedFolder();
        NDArray images = Images();
        NDArray expected = ModelFile.Load(folder.Path).Model.Predict(images);
        SavedModel mapped = ModelFile.LoadMapped(folder.Path);
        await mapped.Verification;
        Assert.Equal(expected.Values.ToArray(), mapped.Model.Predict(images).Values.ToArray());
    }

    [Fact]
    public void Dense_weights_are_used_in_place_and_kept_alive()
    {
        using var folder = new SavedFolder();
        Model model = ModelFile.LoadMapped(folder.Path).Model;
        Weight kernel = model.Layers.OfType<Dense>().Last().Weights[0];
        nint address = AddressOf(((MappedValues)kernel.Storage!).Values);
        model.Predict(Images());
        GC.Collect();
        GC.WaitForPendingFinalizers();
        unsafe
        {
            Assert.Equal(address, (nint)((TorchParameter)kernel.Storage!).Value.ReadData);
        }
        Assert.Equal(
            ModelFile.Load(folder.Path).Model.Layers.OfType<Dense>().Last().Weights[0].GetValues(),
            kernel.GetValues()
        );
    }

    [Fact]
    public void Training_changes_the_model_but_not_the_file()
    {
        using var folder = new SavedFolder();
        string file = System.IO.Path.Combine(folder.Path, "weights.safetensors");
        byte[] before = File.ReadAllBytes(file);
        NDArray images = Images();
        Model read = ModelFile.Load(folder.Path).Model;
        Model mapped = ModelFile.LoadMapped(folder.Path).Model;
        foreach (Model model in new[] { read, mapped })
        {
            model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
            model.TrainOnBatch(images, new NDArray(Shape.Of(3), new float[] { 0, 1, 2 }));
        }
        Assert.Equal(read.Weights.Select(w => w.GetValues()), mapped.Weights.Select(w => w.GetValues()));
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    private static NDArray Images()
    {
        var random = new RandomStream(3, RandomPurpose.User);
        var images = new NDArray(Shape.Of(3, 8, 8, 3));
        foreach (ref float value in images.Values)
        {
            value = random.NextSingle();
        }
        return images;
    }

    private static unsafe nint AddressOf(Memory<float> memory)
    {
        using System.Buffers.MemoryHandle pinned = memory.Pin();
        return (nint)pinned.Pointer;
    }

    private sealed class SavedFolder : IDisposable
    {
        public SavedFolder()
        {
            Session.Clear();
            var input = Input(8, 8, 3);
            var x = Conv2D(16, 3, padding: "same", activation: "relu")(input);
            x = BatchNormalization()(x);
            x = Flatten()(x);
            x = Dense(32, activation: "relu")(x);
            ModelFile.Save(Model(input, Dense(5, activation: "softmax")(x)), Path);
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("lamina-test-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
