using System.Text.Json.Nodes;
using Lamina.Formats.Tests.TensorBoard;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Callbacks;

/// <summary>Real trainings: the callbacks together, TensorBoard's files, a loss that is not finite.</summary>
public class FitWithCallbacksTests
{
    [Fact]
    public void All_callbacks_together_write_what_the_history_says()
    {
        using var folder = new Folder();
        Model model = Network();
        using CompiledModel compiled = model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", ["accuracy"]);
        (NDArray x, NDArray y) = Data();
        List<string> calls = [];
        var rates = new List<double>();
        var early = new EarlyStopping("loss", patience: 1, minDelta: 100, restoreBestWeights: true);
        History history = model.Fit(
            x,
            y,
            batchSize: 4,
            epochs: 5,
            validation: new ArraySource(x, y, 4),
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken,
            callbacks:
            [
                early,
                new ReduceLROnPlateau("loss", factor: 0.5, patience: 1, minDelta: 100),
                new ModelCheckpoint(folder["model-{epoch}.lamina"], saveFreq: "epoch"),
                new CsvLogger(folder["log.csv"]),
                new TerminateOnNaN(TextWriter.Null),
                new TensorBoard(folder["logs"], histogramFreq: 1, writeImages: true, updateFreq: "batch"),
                new LambdaCallback(
                    _ => calls.Add("begin"),
                    epoch => calls.Add($"epoch {epoch}"),
                    log => calls.Add($"batch {log.Batch}"),
                    _ => rates.Add(compiled.Optimizer.LearningRate),
                    () => calls.Add("end")
                ),
            ]
        );

        Assert.Equal(2, history.Epochs.Count);
        Assert.Equal((1, 0), (early.StoppedEpoch, early.BestEpoch));
        Assert.Equal([0.1, 0.05], rates);
        Assert.Equal(
            "begin, epoch 0, batch 1, batch 2, batch 3, epoch 1, batch 1, batch 2, batch 3, end",
            string.Join(", ", calls)
        );
        Assert.Equal(["log.csv", "logs", "model-1.lamina", "model-2.lamina"], folder.Names);
        // The best weights are back: those of the first epoch.
        SavedModel best = ModelFile.Load(folder["model-1.lamina"]);
        Assert.Equal(best.Model.Weights.Select(w => w.GetValues()), model.Weights.Select(w => w.GetValues()));
        string[] rows = File.ReadAllLines(folder["log.csv"]);
        Assert.Equal("epoch,accuracy,loss,val_accuracy,val_loss", rows[0]);
        Assert.Equal(history.Epochs[1].Logs["val_loss"].ToString("R"), rows[2].Split(',')[4]);

        Dictionary<string, List<(ulong Step, byte[] Value)>> train = Curves(folder["logs/train"]);
        Assert.Equal([1f, 2f, 3f, 4f, 5f, 6f], train["batch_loss"].Select(p => (float)p.Step));
        foreach (string name in (string[])["loss", "accuracy"])
        {
            Assert.Equal(Expected(history, name), Points(train[$"epoch_{name}"]));
            Assert.Equal(Expected(history, $"val_{name}"), Points(Curves(folder["logs/validation"])[$"epoch_{name}"]));
        }
        Assert.Equal([(0ul, 0.1f), (1ul, 0.05f)], Points(train["epoch_learning_rate"]));
        Assert.Equal(
            [3ul, 6ul],
            Curves(folder["logs/validation"])["evaluation_loss_vs_iterations"].Select(p => p.Step)
        );
        foreach (Weight weight in model.Weights)
        {
            var histogram = (byte[])RawEvents.Field(train[$"{weight.Path}/histogram"][0].Value, 5)!;
            // The weights are those of the first epoch, and so is the first histogram.
            Assert.Equal((double)weight.Count, RawEvents.Field(histogram, 3));
            Assert.Equal(weight.GetValues().Sum(v => (double)v), (double)(RawEvents.Field(histogram, 4) ?? 0.0), 1e-9);
        }
        byte[] picture = (byte[])RawEvents.Field(train[$"{model.Weights[0].Path}/image"][0].Value, 4)!;
        // Two 3×3 kernels side by side with a pixel between.
        Assert.Equal([3ul, 7ul, 3ul], Enumerable.Range(1, 3).Select(f => RawEvents.Field(picture, f)));
        Assert.Equal(0x89, ((byte[])RawEvents.Field(picture, 4)!)[0]);
    }

    [Fact]
    public void A_loss_that_is_not_finite_ends_the_fit_and_changes_no_weight()
    {
        Model model = Network();
        using CompiledModel compiled = model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", ["accuracy"]);
        (NDArray x, NDArray y) = Data();
        NDArray bad = x.Samples(0, 12);
        for (int i = 8 * 8 * 8 * 3; i < bad.Values.Length; i++)
        {
            bad.Values[i] = float.NaN;
        }
        float[][] before = [];
        using var output = new StringWriter { NewLine = "\n" };
        var callback = new TerminateOnNaN(output);
        History history = model.Fit(
            bad,
            y,
            batchSize: 4,
            epochs: 5,
            shuffle: false,
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken,
            callbacks:
            [
                callback,
                new LambdaCallback(onTrainBatchEnd: log =>
                {
                    if (log.Batch == 2)
                    {
                        before = [.. model.Weights.Select(w => w.GetValues())];
                    }
                }),
            ]
        );
        Assert.Equal((2L, double.NaN), (callback.Step, callback.Loss!.Value));
        Assert.Equal(
            "The loss became NaN at step 2. Training ends; the weights are those after the previous step.\n",
            output.ToString()
        );
        Assert.Single(history.Epochs);
        Assert.True(double.IsNaN(history.Epochs[0].Logs["loss"]));
        Assert.False(history.Cancelled);
        Assert.Equal(2, compiled.Step);
        Assert.Equal(before, model.Weights.Select(w => w.GetValues()));

        // The next Fit, without the callback, throws; with good data it trains.
        Assert.Throws<LossException>(() =>
            model.Fit(bad, y, batchSize: 12, verbose: 0, cancellation: TestContext.Current.CancellationToken)
        );
        (NDArray good, _) = Data();
        model.Fit(good, y, batchSize: 4, verbose: 0, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(5, compiled.Step);
    }

    [Fact]
    public void Whoever_was_told_of_the_begin_is_told_of_the_end_whatever_fails()
    {
        Model model = Network();
        using CompiledModel compiled = model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
        List<string> ended = [];
        Callback[] callbacks =
        [
            new LambdaCallback(onTrainEnd: () =>
            {
                ended.Add("first");
                throw new InvalidOperationException("end");
            }),
            new LambdaCallback(onTrainEnd: () => ended.Add("second")),
        ];
        Assert.Equal("end", Assert.Throws<InvalidOperationException>(() => Fit(callbacks)).Message);
        Assert.Equal(["first", "second"], ended);

        // What ended the training counts for more than what its end met, and who was not told of one is not told of the other.
        ended.Clear();
        var failing = new LambdaCallback(
            onTrainBegin: _ => throw new IOException("begin"),
            onTrainEnd: () => ended.Add("failing")
        );
        Assert.Equal("begin", Assert.Throws<IOException>(() => Fit([.. callbacks, failing])).Message);
        Assert.Equal(["first", "second"], ended);

        void Fit(Callback[] all)
        {
            (NDArray x, NDArray y) = Data();
            model.Fit(x, y, verbose: 0, callbacks: all, cancellation: TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void An_epoch_that_is_to_be_the_last_at_its_begin_has_one_step()
    {
        Model model = Network();
        using CompiledModel compiled = model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
        (NDArray x, NDArray y) = Data();
        var stop = new LambdaCallback(onEpochBegin: epoch => compiled.StopTraining = epoch == 1);
        History history = model.Fit(
            x,
            y,
            batchSize: 4,
            epochs: 3,
            verbose: 0,
            callbacks: [stop],
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal((2, 4L), (history.Epochs.Count, compiled.Step));
    }

    [Fact]
    public void What_cannot_be_resumed_is_refused_before_the_first_step()
    {
        using var folder = new Folder();
        Model model = Network();
        using CompiledModel compiled = model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
        (NDArray x, NDArray y) = Data();
        Callback[] callbacks =
        [
            new EarlyStopping("loss", restoreBestWeights: true),
            new BackupAndRestore(folder["backup"]),
        ];
        Assert.Contains(
            "bestWeightsPath",
            Assert
                .Throws<LaminaException>(() =>
                    model.Fit(
                        x,
                        y,
                        verbose: 0,
                        callbacks: callbacks,
                        cancellation: TestContext.Current.CancellationToken
                    )
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Equal(0, compiled.Step);
    }

    [Fact]
    public void A_checkpoint_of_another_version_is_not_passed_over_for_an_older_one()
    {
        using var folder = new Folder();
        Model model = Network();
        using CompiledModel compiled = model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
        (NDArray x, NDArray y) = Data();
        var backup = new BackupAndRestore(folder.Root, deleteCheckpoint: false);
        Fit(1);
        string newer = folder["step-00000099.lamina"];
        JsonObject metadata = new() { ["checkpoint"] = new JsonObject { ["version"] = 99 } };
        ModelFile.Save(model, newer, new SaveOptions { Metadata = metadata });
        Assert.Equal(
            $"{newer}: is a checkpoint of another version of Lamina. Resume with that version.",
            Assert.Throws<LaminaException>(() => Fit(2)).Message
        );
        Assert.True(File.Exists(newer));

        void Fit(int epochs) =>
            model.Fit(
                x,
                y,
                epochs: epochs,
                verbose: 0,
                callbacks: [backup],
                cancellation: TestContext.Current.CancellationToken
            );
    }

    [Fact]
    public void A_resumed_TensorBoard_writes_a_second_file()
    {
        using var folder = new Folder();
        for (int i = 0; i < 2; i++)
        {
            var callback = new TensorBoard(folder["logs"]);
            using var script = new Script(callback);
            callback.OnEpochEnd(script.Log(i, ("loss", 1)));
            callback.OnTrainEnd();
        }
        Assert.Equal(2, Directory.GetFiles(folder["logs/train"]).Length);
        Assert.False(Directory.Exists(folder["logs/validation"]));
    }

    private static (ulong, float)[] Expected(History history, string name) =>
        [.. history.Epochs.Select(e => ((ulong)e.Epoch, (float)e.Logs[name]))];

    private static (ulong, float)[] Points(List<(ulong Step, byte[] Value)> curve) =>
        [.. curve.Select(p => (p.Step, (float)(RawEvents.Field(p.Value, 2) ?? 0f)))];

    private static Dictionary<string, List<(ulong Step, byte[] Value)>> Curves(string folder)
    {
        Dictionary<string, List<(ulong, byte[])>> curves = [];
        foreach (byte[] record in RawEvents.Records(Assert.Single(Directory.GetFiles(folder))).Skip(1))
        {
            var value = (byte[])RawEvents.Field((byte[])RawEvents.Field(record, 5)!, 1)!;
            string tag = RawEvents.Text(RawEvents.Field(value, 1));
            if (!curves.TryGetValue(tag, out List<(ulong, byte[])>? points))
            {
                curves[tag] = points = [];
            }
            points.Add(((ulong)(RawEvents.Field(record, 2) ?? 0ul), value));
        }
        return curves;
    }

    private static Model Network()
    {
        Session.SetRandomSeed(4);
        Symbol input = Input(8, 8, 3);
        Symbol x = Conv2D(2, 3, activation: "relu")(input);
        x = BatchNormalization()(x);
        return Model(input, Dense(3, activation: "softmax")(Flatten()(x)));
    }

    private static (NDArray X, NDArray Y) Data()
    {
        var random = new RandomStream(11, RandomPurpose.User);
        var x = new NDArray([12, 8, 8, 3]);
        foreach (ref float value in x.Values)
        {
            value = random.NextSingle();
        }
        var y = new NDArray([12]);
        for (int i = 0; i < 12; i++)
        {
            y.Values[i] = i % 3;
        }
        return (x, y);
    }
}
