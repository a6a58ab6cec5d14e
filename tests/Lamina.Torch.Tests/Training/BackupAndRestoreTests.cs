namespace Lamina.Torch.Tests.Training;

/// <summary>A run that is stopped anywhere and goes on ends with the same bytes; its checkpoints are whole or passed over.</summary>
public abstract class BackupAndRestoreTests(Device device) : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-backup-").FullName;

    // Waiting for each other costs threads more than these few values do.
    private readonly OneThread _thread = new();

    public void Dispose()
    {
        _thread.Dispose();
        Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private sealed class OneThread : IDisposable
    {
        private readonly int _threads = TorchLibrary.Threads;

        public OneThread() => TorchLibrary.SetThreads(1);

        public void Dispose() => TorchLibrary.SetThreads(_threads);
    }

    public static TheoryData<string> Optimizers => ["scheduled", "adam", "adamw", "statistics"];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_run_that_is_cancelled_anywhere_goes_on_to_the_same_bytes(string optimizer)
    {
        RunResult whole = Begin(New()).Run();
        Assert.False(whole.Cancelled);
        Assert.Equal((15, 15, 3), (whole.Step, whole.Count, whole.History.Length));
        // Every batch of training and of validation is a moment to stop; each epoch has 5 of both.
        for (int moment = 0; moment < 2 * ResumedRun.Batches * ResumedRun.Epochs; moment += 3)
        {
            string folder = New();
            ResumedRun stopped = Begin(folder);
            stopped.StopAt = i => i == moment;
            Assert.True(stopped.Run().Cancelled);
            whole.AssertSame(Begin(folder).Run());
        }

        ResumedRun Begin(string folder)
        {
            var run = new ResumedRun(device, folder);
            run.Optimizer =
                optimizer == "adam" ? () => new Adam(0.01)
                : optimizer == "adamw" ? () => new AdamW(0.01) { EmaMomentum = 0.9 }
                : run.Optimizer;
            run.StatisticsSamples = optimizer == "statistics" ? 8 : 0;
            return run;
        }
    }

    [Fact]
    public void A_run_that_is_stopped_again_and_again_goes_on_to_the_same_bytes()
    {
        RunResult whole = new ResumedRun(device, New()).Run();
        string folder = New();
        int runs = 0;
        RunResult last;
        do
        {
            last = new ResumedRun(device, folder) { StopAt = i => i == 5 }.Run();
        } while (last.Cancelled && ++runs < 20);
        Assert.InRange(runs, 4, 10);
        whole.AssertSame(last);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void A_run_that_dies_goes_on_from_the_last_checkpoint(int every)
    {
        RunResult whole = new ResumedRun(device, New()).Run();
        string folder = New();
        var dying = new ResumedRun(device, folder, every)
        {
            StopAt = i => i == 18 ? throw new IOException("cut") : false,
        };
        Assert.Throws<IOException>(() => dying.Run());
        // 18 asks are an epoch's 10 and 5 steps and 3 batches of validation: 10 steps.
        Assert.Equal($"step-{10 / every * every:D8}.lamina", Path.GetFileName(dying.Backup.LastCheckpoint));
        var resumed = new ResumedRun(device, folder, every);
        whole.AssertSame(resumed.Run());
        Assert.Empty(resumed.Damaged);
    }

    [Fact]
    public void Batches_that_a_source_leaves_out_count_in_the_place()
    {
        IBatchSource train = new Gappy(ResumedRun.Data());
        RunResult whole = new ResumedRun(device, New()) { Train = train }.Run();
        Assert.Equal(9, whole.Step);
        for (int moment = 0; moment < 8; moment++)
        {
            string folder = New();
            Assert.True(
                new ResumedRun(device, folder) { Train = train, StopAt = i => i == moment }
                    .Run()
                    .Cancelled
            );
            whole.AssertSame(new ResumedRun(device, folder) { Train = train }.Run());
        }
    }

    [Fact]
    public void A_callback_that_stopped_the_run_has_stopped_it_after_a_restore_too()
    {
        string folder = New();
        var stopping = new Stopping();
        RunResult whole = Train(New(), TestContext.Current.CancellationToken);
        // It asks to stop in the middle of the second epoch; the validation after that is cut.
        Assert.Equal(7, whole.Step);
        var cut = new CancellationTokenSource();
        Assert.True(Train(folder, cut.Token, cut.Cancel).Cancelled);
        whole.AssertSame(Train(folder, TestContext.Current.CancellationToken));

        RunResult Train(string path, CancellationToken cancellation, Action? inValidation = null)
        {
            Session.SetRandomSeed(1);
            Symbol input = Layers.Input(8, 8, 3);
            Model model = Layers.Model(input, Layers.Dense(7, activation: "softmax")(Layers.Flatten()(input)));
            using CompiledModel compiled = model.Compile(
                new Sgd(0.01),
                "sparse_categorical_crossentropy",
                ["accuracy"],
                device: device
            );
            History history = model.Fit(
                ResumedRun.Data(),
                3,
                new Told(ResumedRun.Data(), () => (compiled.StopTraining ? inValidation : null)?.Invoke()),
                [stopping, new BackupAndRestore(path, deleteCheckpoint: false)],
                verbose: 0,
                cancellation: cancellation
            );
            return new RunResult(
                [.. model.Weights.SelectMany(w => w.GetValues())],
                [],
                [.. history.Epochs.Select(e => string.Join(' ', e.Logs))],
                compiled.Step,
                0,
                0,
                history.Cancelled
            );
        }
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(-1)]
    public void A_damaged_checkpoint_is_named_and_passed_over(double place)
    {
        RunResult whole = new ResumedRun(device, New()).Run();
        string folder = New();
        new ResumedRun(device, folder, 3) { StopAt = i => i == 23 }.Run();
        string[] files = [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)];
        Assert.Equal(["step-00000012.lamina", "step-00000014.lamina"], files.Select(Path.GetFileName));
        byte[] bytes = File.ReadAllBytes(files[1]);
        if (place < 0)
        {
            bytes = bytes[..(bytes.Length / 2)];
        }
        else
        {
            bytes[(int)(place * bytes.Length)] ^= 0x10;
        }
        File.WriteAllBytes(files[1], bytes);

        var resumed = new ResumedRun(device, folder, 3) { StopAt = i => i == 0 };
        resumed.Run();
        string line = Assert.Single(resumed.Damaged);
        Assert.StartsWith($"skipped a checkpoint: {files[1]}", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        // What lies behind the place it went back to is gone when the next is safe, however many are kept.
        Assert.Equal(
            ["step-00000012.lamina", "step-00000013.lamina"],
            Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)
        );
        whole.AssertSame(new ResumedRun(device, folder, 3).Run());
    }

    [Fact]
    public void With_no_whole_checkpoint_nothing_begins()
    {
        string folder = New();
        new ResumedRun(device, folder) { StopAt = i => i == 2 }.Run();
        string file = Assert.Single(Directory.GetFiles(folder));
        File.WriteAllText(file, "");
        LaminaException error = Assert.Throws<LaminaException>(() => new ResumedRun(device, folder).Run());
        Assert.Equal(
            $"{folder}: none of its 1 checkpoint(s) is intact. Delete the folder to start over.",
            error.Message
        );
    }

    [Fact]
    public void A_model_without_a_checkpoint_in_it_is_none()
    {
        string folder = New();
        Directory.CreateDirectory(folder);
        Session.Clear();
        Symbol input = Layers.Input(2);
        ModelFile.Save(Layers.Model(input, Layers.Dense(2)(input)), Path.Combine(folder, "step-00000001.lamina"));
        var run = new ResumedRun(device, folder);
        Assert.Throws<LaminaException>(() => run.Run());
        Assert.EndsWith("is not a checkpoint of a run.", Assert.Single(run.Damaged), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_killed_save_left_is_removed()
    {
        string folder = New();
        new ResumedRun(device, folder) { StopAt = i => i == 2 }.Run();
        string leftover = Path.Combine(folder, ".step-00000099.lamina.abcdefgh.ijk.tmp");
        File.WriteAllText(leftover, "half");
        string other = Path.Combine(folder, ".notes.abcdefgh.ijk.tmp");
        File.WriteAllText(other, "somebody's");
        new ResumedRun(device, folder).Run();
        Assert.False(File.Exists(leftover));
        Assert.True(File.Exists(other));
    }

    [Fact]
    public void Another_run_than_the_checkpoints_is_refused_by_name()
    {
        string folder = New();
        new ResumedRun(device, folder) { StopAt = i => i == 2 }.Run();
        string file = Assert.Single(Directory.GetFiles(folder));
        const string todo = ". Use the same settings, or another folder to start over.";
        Refused(new ResumedRun(device, folder) { Units = 9 }, "model");
        Refused(new ResumedRun(device, folder) { Seed = 5 }, "seed (4, now 5)");
        Refused(
            new ResumedRun(device, folder) { Optimizer = () => new Adam() },
            "optimizer's name (\"sgd\", now \"adam\")"
        );
        Refused(
            new ResumedRun(device, folder) { Optimizer = () => new Sgd(0.05, momentum: 0.8) },
            "optimizer's momentum (0.9, now 0.8)"
        );
        Refused(new ResumedRun(device, folder) { StatisticsSamples = 8 }, "statistics_samples (none, now 8)");
        (NDArray x, NDArray y) = ResumedRun.Arrays();
        Refused(new ResumedRun(device, folder) { Train = new ArraySource(x, y, 5) }, "data's batch_size (4, now 5)");

        void Refused(ResumedRun run, string difference)
        {
            LaminaException error = Assert.Throws<LaminaException>(() => run.Run());
            Assert.Equal($"{file}: belongs to a run that differs in {difference}{todo}", error.Message);
        }
    }

    [Fact]
    public void As_in_Keras_the_backup_is_deleted_at_the_end_unless_told_otherwise()
    {
        string kept = New();
        string deleted = New();
        (NDArray x, NDArray y) = ResumedRun.Arrays();
        Model model = Small();
        model.Fit(
            x,
            y,
            epochs: 3,
            callbacks:
            [
                new BackupAndRestore(kept, "epoch", doubleCheckpoint: true, deleteCheckpoint: false),
                new BackupAndRestore(deleted),
            ],
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.False(Directory.Exists(deleted));
        Assert.Equal(
            ["step-00000002.lamina", "step-00000003.lamina"],
            Directory.GetFiles(kept).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)
        );
        // A finished run stays finished, and tells its history.
        float[] before = [.. model.Weights.SelectMany(w => w.GetValues())];
        History again = model.Fit(
            x,
            y,
            epochs: 3,
            callbacks: [new BackupAndRestore(kept)],
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal([0, 1, 2], again.Epochs.Select(e => e.Epoch));
        Assert.Equal(before, model.Weights.SelectMany(w => w.GetValues()));
        Assert.Throws<ArgumentException>(() => new BackupAndRestore(kept, "step"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BackupAndRestore(kept, 0));
    }

    [Fact]
    public void A_loss_that_is_not_finite_names_its_place_and_keeps_the_last_checkpoint()
    {
        string folder = New();
        (NDArray x, NDArray y) = ResumedRun.Arrays();
        x.Values[^1] = float.NaN;
        var run = new ResumedRun(device, folder, 1) { Train = new ArraySource(x, y, 4) };
        LossException error = Assert.Throws<LossException>(() => run.Run());
        Assert.Equal(
            "The loss became NaN in epoch 1 of 3, batch 5 of 5 (step 4). Use a smaller learning rate, or check the data for NaN.",
            error.Message
        );
        Assert.Equal((0, 4, true), (error.Epoch, error.Step, double.IsNaN(error.Loss)));
        Assert.Equal("step-00000004.lamina", Path.GetFileName(run.Backup.LastCheckpoint));
        Assert.Equal(4, Checkpoint.Load(run.Backup.LastCheckpoint!).State.Batches);
    }

    [Fact]
    public void Weights_that_are_not_finite_are_never_saved()
    {
        string folder = New();
        (NDArray x, NDArray y) = ResumedRun.Arrays();
        Model model = Small();
        var spoil = new Spoil(model, at: 2);
        var backup = new BackupAndRestore(folder, 1);
        LossException error = Assert.Throws<LossException>(() =>
            model.Fit(
                x,
                y,
                batchSize: 4,
                callbacks: [spoil, backup],
                verbose: 0,
                cancellation: TestContext.Current.CancellationToken
            )
        );
        Assert.Matches(
            "^dense(_[0-9]+)?/kernel contains a value that is not finite after 2 steps, in epoch 1",
            error.Message
        );
        Assert.Equal("step-00000001.lamina", Path.GetFileName(Assert.Single(Directory.GetFiles(folder))));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_one_line()
    {
        string folder = New();
        File.WriteAllText(folder, "a file");
        LaminaException error = Assert.Throws<LaminaException>(() => new ResumedRun(device, folder, 1).Run());
        Assert.StartsWith($"{folder}: cannot be written: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal("a file", File.ReadAllText(folder));
    }

    private Model Small()
    {
        Symbol input = Layers.Input(8, 8, 3);
        Model model = Layers.Model(input, Layers.Dense(7, activation: "softmax")(Layers.Flatten()(input)));
        model.Compile(new Sgd(0.01), "sparse_categorical_crossentropy", device: device);
        return model;
    }

    private string New() => Path.Combine(_root, Path.GetRandomFileName());

    private sealed class Stopping : Callback
    {
        private CompiledModel? _model;

        public override void OnTrainBegin(CompiledModel model) => _model = model;

        public override void OnTrainBatchEnd(BatchLog log) => _model!.StopTraining = log is { Epoch: 1, Batch: 2 };
    }

    private sealed class Told(IBatchSource source, Action tell) : IBatchSource
    {
        public int Count => source.Count;

        public int BatchSize => source.BatchSize;

        public IEnumerable<Batch> Batches(int epoch, int skip = 0)
        {
            tell();
            return source.Batches(epoch, skip);
        }
    }

    /// <summary>Leaves out the second and the last batch, as a loader does that cannot read an image of them.</summary>
    private sealed class Gappy(IBatchSource source) : IBatchSource
    {
        public int Count => source.Count;

        public int BatchSize => source.BatchSize;

        public IEnumerable<Batch> Batches(int epoch, int skip = 0) =>
            source
                .Batches(epoch, skip)
                .Select((batch, i) => batch with { Position = skip + i })
                .Where(b => b.Position is not (1 or 4));
    }

    private sealed class Spoil(Model model, int at) : Callback
    {
        public override void OnTrainBatchEnd(BatchLog log)
        {
            if (log.Batch == at)
            {
                Weight kernel = model.Weights[0];
                float[] values = kernel.GetValues();
                values[3] = float.PositiveInfinity;
                kernel.SetValues(values);
            }
        }
    }
}

/// <inheritdoc/>
public sealed class BackupAndRestoreOnCpuTests() : BackupAndRestoreTests(Device.Cpu);

/// <inheritdoc/>
public sealed class BackupAndRestoreOnPortableTests() : BackupAndRestoreTests(Device.Portable);
