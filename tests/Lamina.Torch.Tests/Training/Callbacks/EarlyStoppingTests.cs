namespace Lamina.Torch.Tests.Training.Callbacks;

/// <summary>Scripted epochs against what Keras's documentation says of each argument, worked out by hand.</summary>
public class EarlyStoppingTests
{
    [Fact]
    public void Patience_0_stops_at_the_first_epoch_that_is_no_better()
    {
        var callback = new EarlyStopping();
        using var script = new Script(callback);
        Assert.Equal(3, script.Play("val_loss", [3, 2, 2, 1]));
        Assert.Equal((2, 1, 2.0), (callback.StoppedEpoch, callback.BestEpoch, callback.Best));
    }

    [Fact]
    public void Patience_counts_from_the_last_improvement()
    {
        var callback = new EarlyStopping(patience: 2);
        using var script = new Script(callback);
        // Best at 1; 2 is worse (1), 3 is the best (0), 4 and 5 are worse (2): stop.
        Assert.Equal(6, script.Play("val_loss", [3, 2, 2.5, 1.9, 2, 2, 0]));
        Assert.Equal((5, 3), (callback.StoppedEpoch, callback.BestEpoch));
    }

    [Fact]
    public void Too_small_an_improvement_is_none()
    {
        var callback = new EarlyStopping(minDelta: 0.1, patience: 3);
        using var script = new Script(callback);
        Assert.Equal(4, script.Play("val_loss", [1, 0.95, 0.92, 0.905, 0]));
        Assert.Equal(1.0, callback.Best);
    }

    [Theory]
    [InlineData("val_accuracy", "auto", 3)]
    [InlineData("val_accuracy", "min", 2)]
    [InlineData("val_auc", "auto", 3)]
    [InlineData("val_loss", "max", 3)]
    [InlineData("val_loss", "auto", 2)]
    public void Mode_auto_is_max_for_accuracies_and_min_otherwise(string monitor, string mode, int epochs)
    {
        using var script = new Script(new EarlyStopping(monitor, mode: mode));
        Assert.Equal(epochs, script.Play(monitor, [0.1, 0.2, 0.2]));
    }

    [Fact]
    public void A_baseline_that_is_not_reached_stops_after_the_patience()
    {
        var callback = new EarlyStopping("accuracy", patience: 3, baseline: 0.9);
        using var script = new Script(callback);
        // Better each epoch, but never 0.9: the wait grows to 4, and the first epoch without an improvement ends it.
        Assert.Equal(4, script.Play("accuracy", [0.1, 0.2, 0.3, 0.3, 1]));
        using var reached = new Script(callback);
        Assert.Equal(5, reached.Play("accuracy", [0.95, 0.2, 0.3, 0.96, 0.1]));
    }

    [Fact]
    public void Epochs_before_the_first_that_counts_do_not()
    {
        var callback = new EarlyStopping(startFromEpoch: 3);
        using var script = new Script(callback);
        Assert.Equal(6, script.Play("val_loss", [0.1, 0.2, 0.3, 5, 4, 4.5]));
        Assert.Equal((4, 4.0), (callback.BestEpoch, callback.Best));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_best_weights_come_back_from_memory_or_file(bool file)
    {
        using var folder = new Folder();
        string? path = file ? folder["best.safetensors"] : null;
        var callback = new EarlyStopping(patience: 1, restoreBestWeights: true, bestWeightsPath: path);
        using var script = new Script(callback);
        script.Play("val_loss", [3, 2, 2.5, 1], before: epoch => script.Kernel.SetValues([epoch, -epoch]));
        Assert.Equal([2, -2], script.Kernel.GetValues());
        callback.OnTrainEnd();
        Assert.Equal([1, -1], script.Kernel.GetValues());
    }

    [Fact]
    public void A_cancelled_run_keeps_its_weights_and_a_finished_one_gets_the_best()
    {
        var callback = new EarlyStopping(patience: 5, restoreBestWeights: true);
        using (var cancelled = new Script(callback, epochs: 4))
        {
            cancelled.Play("val_loss", [1, 2], before: e => cancelled.Kernel.SetValues([e, e]));
            callback.OnTrainEnd();
            Assert.Equal([1, 1], cancelled.Kernel.GetValues());
        }
        using var finished = new Script(callback, epochs: 2);
        finished.Play("val_loss", [1, 2], before: e => finished.Kernel.SetValues([e, e]));
        callback.OnTrainEnd();
        Assert.Equal([0, 0], finished.Kernel.GetValues());
    }

    [Fact]
    public void A_resumed_run_stops_where_the_whole_run_does()
    {
        using var folder = new Folder();
        double[] values = [3, 2, 2.5, 2.2, 1, 1.5, 1.4, 1.3, 0];
        var whole = new EarlyStopping(patience: 3);
        using var script = new Script(whole);
        int epochs = script.Play("val_loss", values);
        Assert.Equal(8, epochs);
        for (int cut = 1; cut < epochs; cut++)
        {
            string path = folder[$"best{cut}"];
            var before = new EarlyStopping(patience: 3, restoreBestWeights: true, bestWeightsPath: path);
            using var first = new Script(before);
            first.Play("val_loss", values[..cut], before: e => first.Kernel.SetValues([e, e]));
            var after = new EarlyStopping(patience: 3, restoreBestWeights: true, bestWeightsPath: path);
            using var second = new Script(after);
            // As a resumed run's, whose model has the same names.
            after.SetState(first.State());
            Assert.Equal(epochs, second.Play("val_loss", values, from: cut));
            Assert.Equal(
                (whole.StoppedEpoch, whole.BestEpoch, whole.Best),
                (after.StoppedEpoch, after.BestEpoch, after.Best)
            );
        }
    }

    [Fact]
    public void A_run_that_died_after_its_last_epoch_still_gets_the_best_weights()
    {
        using var folder = new Folder();
        var before = new EarlyStopping(patience: 5, restoreBestWeights: true, bestWeightsPath: folder["best"]);
        using var first = new Script(before, epochs: 2);
        first.Play("val_loss", [1, 2], before: e => first.Kernel.SetValues([e, e]));
        var after = new EarlyStopping(patience: 5, restoreBestWeights: true, bestWeightsPath: folder["best"]);
        after.OnTrainBegin(first.Compiled);
        after.SetState(first.State());
        after.OnTrainEnd();
        Assert.Equal([0, 0], first.Kernel.GetValues());

        // With more epochs to go it has not ended any more.
        first.Kernel.SetValues([7, 7]);
        after.SetState(first.State());
        after.OnEpochBegin(2);
        after.OnTrainEnd();
        Assert.Equal([7, 7], first.Kernel.GetValues());
    }

    [Fact]
    public void Weights_in_memory_cannot_be_resumed_and_a_lost_file_is_named()
    {
        using var script = new Script(new EarlyStopping(restoreBestWeights: true));
        Assert.Contains(
            "bestWeightsPath",
            Assert.Throws<LaminaException>(() => script.State()).Message,
            StringComparison.Ordinal
        );

        using var folder = new Folder();
        var callback = new EarlyStopping(restoreBestWeights: true, bestWeightsPath: folder["best"]);
        using var first = new Script(callback);
        first.Play("val_loss", [1]);
        System.Text.Json.Nodes.JsonObject state = first.State();
        File.Delete(folder["best"]);
        Assert.StartsWith(
            folder["best"],
            Assert.Throws<LaminaException>(() => callback.SetState(state)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_missing_value_is_named_with_those_that_are_there()
    {
        using var script = new Script(new EarlyStopping());
        Assert.Equal(
            "EarlyStopping monitors 'val_loss', but the logs contain 'loss'. "
                + "Monitor one of these, or pass validation data to Fit or the metric to Compile.",
            Assert.Throws<LaminaException>(() => script.Play("loss", [1])).Message
        );
        Assert.Throws<ArgumentException>(() => new EarlyStopping(mode: "best"));
    }
}
