using System.Text.Json.Nodes;
using Lamina.Torch.Tests.Training.Optimizers;

namespace Lamina.Torch.Tests.Training.Checkpoints;

/// <summary>Checkpoints of which a part is missing or of another kind.</summary>
public sealed class IncompleteCheckpointTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-incomplete-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("fit")]
    [InlineData("version")]
    [InlineData("fingerprint")]
    [InlineData("callbacks")]
    [InlineData("weights")]
    public void A_part_that_is_missing_or_of_another_kind_is_refused_in_one_line(string part)
    {
        (NDArray x, NDArray y) = TinyModels.Data(8);
        Model model = TinyModels.Network(4);
        model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
        using var stop = new CancellationTokenSource();
        var stopper = new LambdaCallback(onTrainBatchEnd: _ => stop.Cancel());
        model.Fit(x, y, 4, 2, callbacks: [stopper, new BackupAndRestore(_root)], verbose: 0, cancellation: stop.Token);
        string path = Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Single();
        foreach (JsonNode? value in (JsonNode?[])[null, JsonValue.Create(true)])
        {
            SavedModel saved = ModelFile.Load(path);
            JsonObject metadata = saved.Metadata.DeepClone().AsObject();
            metadata["checkpoint"]!.AsObject()[part] = value;
            string damaged = Path.Combine(_root, $"{part}-{value is null}.lamina");
            var options = new SaveOptions { Metadata = metadata, OptimizerState = saved.OptimizerState };
            ModelFile.Save(saved.Model, damaged, options);
            string message = Assert.Throws<ModelFileException>(() => Checkpoint.Load(damaged)).Message;
            Assert.Equal($"{damaged}: is not a checkpoint of a run.", message);
        }
    }
}
