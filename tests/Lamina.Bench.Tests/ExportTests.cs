using Lamina.Bench.Peers;

namespace Lamina.Bench.Tests;

public sealed class ExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WeightsHavePyTorchsNamesAndLayouts()
    {
        Symbol input = Layers.Input(2, 3, 2);
        Call<Conv2D> conv = Layers.Conv2D(3, (1, 2), activation: "relu");
        Call<Dense> dense = Layers.Dense(4, activation: "softmax");
        var model = new Model(input, dense(Layers.Flatten()(Layers.BatchNormalization()(conv(input)))));
        foreach (Weight weight in model.Weights)
        {
            weight.SetValues([.. Enumerable.Range(0, (int)weight.Count).Select(i => (float)i)]);
        }
        SafetensorsWriter.Save(PeerModel.WeightsPath(_folder), [.. new PeerLayouts(model).Entries()]);
        var weights = new PeerWeights(_folder);

        // (1, 2, 2, 3) in Keras is (3, 2, 1, 2) in PyTorch: element (o, i, 0, x) was (0, x, i, o), at 6 x + 3 i + o.
        (float[] kernel, long[] shape) = weights.Read($"{conv.Layer.Name}.weight");
        Assert.Equal([3, 2, 1, 2], shape);
        Assert.Equal([0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11], kernel);
        // 2×2×3 flattened: PyTorch's input c·4 + p was Keras's p·3 + c; the value of output o there is 4·row + o.
        (float[] matrix, shape) = weights.Read($"{dense.Layer.Name}.weight");
        Assert.Equal([4, 12], shape);
        Assert.Equal([0, 12, 24, 36, 4, 16, 28, 40, 8, 20, 32, 44], matrix[..12]);
        Assert.Equal([1, 13, 25, 37], matrix[12..16]);
        Assert.Equal([0, 1, 2], weights.Read("batch_normalization.running_var").Values);
    }

    [Fact]
    public void ImagesAreRepeatedAndTurned()
    {
        var model = new PeerModel
        {
            Name = "x",
            Input = 1,
            Channels = 3,
            Classes = 2,
            Layers = [],
        };
        PeerImages.Save(_folder, [.. Enumerable.Range(0, PeerImages.Count * 3).Select(i => (float)i)]);
        float[] batch = PeerImages.Read(_folder, model, PeerImages.Count + 1);
        Assert.Equal([0, 1, 2, 3], batch[..4]);
        Assert.Equal([0, 1, 2], batch[^3..]);

        PeerModel wide = model with { Input = 2, Channels = 2 };
        PeerImages.Save(_folder, [.. Enumerable.Range(0, PeerImages.Count * 8).Select(i => (float)i)]);
        Assert.Equal([0, 2, 4, 6, 1, 3, 5, 7], PeerImages.Read(_folder, wide, 1, channelsFirst: true));
    }
}
