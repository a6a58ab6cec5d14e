namespace Lamina.Torch.Tests.Training.Callbacks;

public class ModelCheckpointTests
{
    [Fact]
    public void Every_epoch_is_saved_under_its_name_and_loads()
    {
        using var folder = new Folder();
        var callback = new ModelCheckpoint(folder["m-{epoch:02d}-{val_loss:.2f}.lamina"]);
        using var script = new Script(callback);
        script.Play("val_loss", [0.5, 0.25, 1.128], before: e => script.Kernel.SetValues([e, e]));
        Assert.Equal(["m-01-0.50.lamina", "m-02-0.25.lamina", "m-03-1.13.lamina"], folder.Names);
        SavedModel saved = ModelFile.Load(folder["m-02-0.25.lamina"]);
        Assert.Equal([1, 1], saved.Model.Weights[0].GetValues());
        Assert.Contains("iterations", saved.OptimizerState.Keys);
        Assert.Equal(folder["m-03-1.13.lamina"], callback.LastPath);
    }

    [Fact]
    public void Only_the_best_is_saved()
    {
        using var folder = new Folder();
        using var script = new Script(
            new ModelCheckpoint(folder["{epoch}"], saveBestOnly: true, saveWeightsOnly: true, initialValueThreshold: 2)
        );
        script.Play("val_loss", [3, 1, 1, 0.5, 0.7]);
        Assert.Equal(["2", "4"], folder.Names);
        using var accuracy = new Script(
            new ModelCheckpoint(folder["acc{epoch}"], "val_accuracy", saveBestOnly: true, saveWeightsOnly: true)
        );
        accuracy.Play("val_accuracy", [0.3, 0.2, 0.4]);
        Assert.Equal(["2", "4", "acc1", "acc3"], folder.Names);
    }

    [Fact]
    public void Weights_alone_load_into_the_model_and_no_other()
    {
        using var folder = new Folder();
        using var script = new Script(new ModelCheckpoint(folder["a/b/w.safetensors"], saveWeightsOnly: true));
        script.Play("val_loss", [1], before: _ => script.Kernel.SetValues([4, 5]));
        script.Kernel.SetValues([0, 0]);
        WeightsFile.Load(script.Compiled.Model, folder["a/b/w.safetensors"]);
        Assert.Equal([4, 5], script.Kernel.GetValues());
        Model alike = Script.Tiny();
        WeightsFile.Load(alike, folder["a/b/w.safetensors"]);
        Assert.Equal([4, 5], alike.Weights[0].GetValues());
        Symbol input = Layers.Input(2);
        Model other = Layers.Model(input, Layers.Dense(1, name: "other")(input));
        Assert.Throws<ModelFileException>(() => WeightsFile.Load(other, folder["a/b/w.safetensors"]));
    }

    [Fact]
    public void Every_N_batches_count_on_over_epochs_and_a_resume()
    {
        using var folder = new Folder();
        ModelCheckpoint New() => new(folder["{epoch}-{batch}"], saveWeightsOnly: true, saveFreq: 3);
        using var script = new Script(New());
        ModelCheckpoint callback = New();
        callback.OnTrainBegin(script.Compiled);
        for (int i = 0; i < 8; i++)
        {
            if (i == 5)
            {
                System.Text.Json.Nodes.JsonObject state = callback.GetState()!;
                callback = New();
                callback.OnTrainBegin(script.Compiled);
                callback.SetState(state);
            }
            Dictionary<string, double> logs = new() { ["loss"] = 1 };
            callback.OnTrainBatchEnd(new BatchLog(i / 4, 2, (i % 4) + 1, 4, 1, 1, default, logs));
            callback.OnEpochEnd(script.Log(i / 4, ("loss", 1)));
        }
        // Batches 3 and 6 of the run.
        Assert.Equal(["1-3", "2-2"], folder.Names);
    }

    [Theory]
    [InlineData("{epoch:02}", "07")]
    [InlineData("{epoch:03d}", "007")]
    [InlineData("{epoch:D2}", "07")]
    [InlineData("{epoch:00}", "07")]
    [InlineData("{epoch}", "7")]
    [InlineData("{epoch:3d}", "  7")]
    [InlineData("{val_loss:.2f}", "0.13")]
    [InlineData("{val_loss:.3f}", "0.127")]
    [InlineData("{val_loss:F1}", "0.1")]
    [InlineData("{val_loss:0.0000}", "0.1270")]
    [InlineData("{val_loss:.1e}", "1.3e-01")]
    [InlineData("{val_loss:.1%}", "12.7%")]
    [InlineData("{val_loss:.2g}", "0.13")]
    [InlineData("{val_loss:06.2f}", "000.13")]
    [InlineData("{gain:06.2f}", "-01.50")]
    [InlineData("{gain:6.2f}", " -1.50")]
    [InlineData("{val_loss}", "0.127")]
    [InlineData("{{epoch}}", "{epoch}")]
    public void Names_have_Pythons_formats_and_NETs(string template, string expected)
    {
        Dictionary<string, double> values = new()
        {
            ["epoch"] = 7,
            ["val_loss"] = 0.127,
            ["gain"] = -1.5,
        };
        Assert.Equal(expected, new PathTemplate("test", template).Fill(values));
    }

    [Fact]
    public void Unknown_names_formats_and_braces_are_refused_in_one_line()
    {
        using var folder = new Folder();
        using var script = new Script(new ModelCheckpoint(folder["{val_acc}"]));
        Assert.Equal(
            "ModelCheckpoint: the path names '{val_acc}', but the values are 'loss', 'epoch'. Name one of these.",
            Assert.Throws<LaminaException>(() => script.Play("loss", [1])).Message
        );
        using var format = new Script(new ModelCheckpoint(folder["{loss:d}"]));
        Assert.StartsWith(
            "ModelCheckpoint: '{loss:d}' is not a number format.",
            Assert.Throws<LaminaException>(() => format.Play("loss", [0.5])).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => new ModelCheckpoint("a{epoch"));
        Assert.Throws<ArgumentException>(() => new ModelCheckpoint("a", saveFreq: "day"));
        File.WriteAllText(folder["file"], "");
        using var blocked = new Script(new ModelCheckpoint(folder["file/model"]));
        Assert.DoesNotContain('\n', Assert.Throws<LaminaException>(() => blocked.Play("loss", [1])).Message);
    }
}
