namespace Lamina.Runs.Tests;

/// <summary>Classifiers that map the weights and verify them while they compute.</summary>
public sealed class MappedClassifierTests(TrainedRun run) : IClassFixture<TrainedRun>
{
    [Fact]
    public void A_damaged_weight_is_reported_before_any_result()
    {
        using var folder = new TempFolder();
        string model = folder["model"];
        Directory.CreateDirectory(model);
        foreach (string file in Directory.GetFiles(Path.Combine(run.Run, "model")))
        {
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        }
        string image = Directory.GetFiles(Path.Combine(run.Data, "dark"), "*.png")[0];
        var options = new ClassifierOptions { MapsWeights = true };
        using (var intact = RunClassifier.Load(model, options))
        using (var read = RunClassifier.Load(model))
        {
            Assert.Equal(read.Predict(image), intact.Predict(image));
        }
        string weights = Path.Combine(model, "weights.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        // The lowest bit of the last value, which changes no class.
        bytes[^4] ^= 1;
        File.WriteAllBytes(weights, bytes);
        using var damaged = RunClassifier.Load(model, options);
        string message = Assert.Throws<ModelFileException>(() => damaged.Predict(image)).Message;
        Assert.Contains("weights.safetensors: is damaged", message);
    }
}
