namespace Lamina.Torch.Tests.Training.Callbacks;

public class CsvLoggerTests
{
    [Fact]
    public void Rows_are_the_epoch_from_0_and_the_logs_by_name()
    {
        using var folder = new Folder();
        var callback = new CsvLogger(folder["log.csv"]);
        using var script = new Script(callback);
        callback.OnEpochEnd(script.Log(0, ("loss", 1.5), ("val_loss", 0.1 + 0.2), ("accuracy", 0.25)));
        callback.OnEpochEnd(script.Log(1, ("loss", double.NaN), ("accuracy", double.PositiveInfinity)));
        Assert.Equal(
            """
            epoch,accuracy,loss,val_loss
            0,0.25,1.5,0.30000000000000004
            1,inf,nan,NA

            """,
            File.ReadAllText(folder["log.csv"])
        );
    }

    [Fact]
    public void Append_goes_on_with_the_files_columns_and_otherwise_it_is_replaced()
    {
        using var folder = new Folder();
        foreach (bool append in (bool[])[false, false, true])
        {
            var callback = new CsvLogger(folder["log.tsv"], '\t', append);
            using var script = new Script(callback);
            callback.OnEpochEnd(script.Log(4, ("b", append ? 3 : 2), ("a", 1)));
        }
        Assert.Equal("epoch\ta\tb\n4\t1\t2\n4\t1\t3\n", File.ReadAllText(folder["log.tsv"]));
    }

    [Fact]
    public void A_resumed_run_drops_the_rows_after_its_checkpoint()
    {
        using var folder = new Folder();
        var first = new CsvLogger(folder["log.csv"]);
        using var script = new Script(first);
        first.OnEpochEnd(script.Log(0, ("loss", 3)));
        System.Text.Json.Nodes.JsonObject state = script.State();
        first.OnEpochEnd(script.Log(1, ("loss", 2)));

        var second = new CsvLogger(folder["log.csv"]);
        second.OnTrainBegin(script.Compiled);
        second.SetState(state);
        second.OnEpochEnd(script.Log(1, ("loss", 2)));
        second.OnEpochEnd(script.Log(2, ("loss", 1)));
        Assert.Equal("epoch,loss\n0,3\n1,2\n2,1\n", File.ReadAllText(folder["log.csv"]));

        File.WriteAllText(folder["log.csv"], "epoch");
        Assert.StartsWith(
            $"{folder["log.csv"]}: is shorter",
            Assert.Throws<LaminaException>(() => second.SetState(state)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_run_that_appends_and_died_in_its_first_epochs_drops_its_own_rows_alone()
    {
        using var folder = new Folder();
        File.WriteAllText(folder["log.csv"], "epoch,loss\n0,9\n");
        var first = new CsvLogger(folder["log.csv"], append: true);
        using var script = new Script(first);
        System.Text.Json.Nodes.JsonObject state = script.State();
        first.OnEpochEnd(script.Log(0, ("loss", 3)));

        var second = new CsvLogger(folder["log.csv"], append: true);
        second.OnTrainBegin(script.Compiled);
        second.SetState(state);
        second.OnEpochEnd(script.Log(0, ("loss", 3)));
        Assert.Equal("epoch,loss\n0,9\n0,3\n", File.ReadAllText(folder["log.csv"]));
    }

    [Fact]
    public void Files_and_names_that_cannot_be_are_refused()
    {
        using var folder = new Folder();
        File.WriteAllText(folder["other.csv"], "name,age\n");
        Assert.Contains(
            "first column",
            Assert.Throws<LaminaException>(() => new Script(new CsvLogger(folder["other.csv"], append: true))).Message,
            StringComparison.Ordinal
        );
        var comma = new CsvLogger(folder["new.csv"]);
        using var script = new Script(comma);
        Assert.Contains(
            "'a,b'",
            Assert.Throws<LaminaException>(() => comma.OnEpochEnd(script.Log(0, ("a,b", 1)))).Message,
            StringComparison.Ordinal
        );
    }
}
