using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>A small training with everything that a checkpoint must hold, and what it comes to.</summary>
internal sealed class ResumedRun
{
    public const int Epochs = 3;
    public const int Batches = 5;

    public ResumedRun(Device device, string folder, Frequency frequency = default, Action<ResumedRun>? before = null)
    {
        (Device, Folder) = (device, folder);
        Backup = new BackupAndRestore(
            folder,
            new CheckpointOptions
            {
                Frequency = frequency,
                Keep = 2,
                OnDamaged = Damaged.Add,
            }
        );
        before?.Invoke(this);
    }

    public string Folder { get; }

    public BackupAndRestore Backup { get; }

    public List<string> Damaged { get; } = [];

    public Func<Optimizer> Optimizer { get; set; } =
        () =>
            new Sgd(0.05, momentum: 0.9)
            {
                Schedule = new CosineDecay(0, 5, warmupTarget: 0.05, warmupSteps: 3),
                EmaMomentum = 0.7,
                GradientAccumulationSteps = 2,
            };

    /// <summary>The device that trains.</summary>
    public Device Device { get; }

    public long Seed { get; set; } = 4;

    public int StatisticsSamples { get; set; }

    public int Units { get; set; } = 6;

    public IBatchSource? Train { get; set; }

    public CountingCallback Counter { get; } = new();

    /// <summary>Asked after each training batch and each batch of validation whether to stop now.</summary>
    public Func<int, bool> StopAt { get; set; } = _ => false;

    /// <summary>Trains to the end or to where it is stopped.</summary>
    public RunResult Run()
    {
        Session.SetRandomSeed(11);
        Model model = Network(Units);
        using CompiledModel compiled = model.Compile(
            Optimizer(),
            "sparse_categorical_crossentropy",
            ["accuracy", "top_5_accuracy"],
            Seed,
            statisticsSamples: StatisticsSamples,
            device: Device
        );
        using var source = new CancellationTokenSource();
        int asked = 0;
        var stopper = new Asking(() => StopIf(source, ref asked));
        History history = model.Fit(
            Train ?? Data(),
            Epochs,
            new AskingSource(Data(), () => StopIf(source, ref asked)),
            [Counter, stopper, Backup],
            verbose: 0,
            cancellation: source.Token
        );
        return new RunResult(
            [.. model.Weights.SelectMany(w => w.GetValues())],
            [.. compiled.GetOptimizerState().Values.SelectMany(a => a.Values.ToArray())],
            [.. history.Epochs.Select(e => string.Join(' ', e.Logs.Select(l => $"{e.Epoch} {l.Key} {l.Value:R}")))],
            compiled.Step,
            compiled.Optimizer.LearningRate,
            Counter.Count,
            history.Cancelled
        );
    }

    public static IBatchSource Data()
    {
        (NDArray x, NDArray y) = Arrays();
        return new ArraySource(x, y, 4, shuffle: true, seed: 2);
    }

    public static (NDArray X, NDArray Y) Arrays()
    {
        var random = new RandomStream(12, RandomPurpose.User);
        var x = new NDArray([(Batches * 4) - 1, 8, 8, 3]);
        foreach (ref float value in x.Values)
        {
            value = random.NextSingle();
        }
        var y = new NDArray([x.Count]);
        for (int i = 0; i < x.Count; i++)
        {
            y.Values[i] = i % 7;
        }
        return (x, y);
    }

    private void StopIf(CancellationTokenSource source, ref int asked)
    {
        if (StopAt(asked++))
        {
            source.Cancel();
        }
    }

    private static Model Network(int units)
    {
        Symbol input = Input(8, 8, 3);
        Symbol x = Conv2D(5, 3, padding: "same", activation: "relu")(input);
        x = BatchNormalization()(x);
        x = Flatten()(x);
        x = Dense(units, activation: "relu")(x);
        x = Dropout(0.5)(x);
        return Model(input, Dense(7, activation: "softmax")(x));
    }

    /// <summary>Has a state that a checkpoint must keep.</summary>
    internal sealed class CountingCallback : Callback
    {
        public int Count { get; private set; }

        public override void OnTrainBatchEnd(BatchLog log) => Count++;

        public override JsonObject GetState() => new() { ["count"] = Count };

        public override void SetState(JsonObject state) => Count = state["count"]!.GetValue<int>();
    }

    private sealed class Asking(Action ask) : Callback
    {
        public override void OnTrainBatchEnd(BatchLog log) => ask();
    }

    private sealed class AskingSource(IBatchSource source, Action ask) : IBatchSource
    {
        public int Count => source.Count;

        public int BatchSize => source.BatchSize;

        public IEnumerable<Batch> Batches(int epoch, int skip = 0)
        {
            foreach (Batch batch in source.Batches(epoch, skip))
            {
                ask();
                yield return batch;
            }
        }
    }
}

/// <summary>What a training came to.</summary>
internal sealed record RunResult(
    float[] Weights,
    float[] Optimizer,
    string[] History,
    long Step,
    double Rate,
    int Count,
    bool Cancelled
)
{
    public void AssertSame(RunResult other)
    {
        Assert.Equal(Bits(Weights), Bits(other.Weights));
        Assert.Equal(Bits(Optimizer), Bits(other.Optimizer));
        Assert.Equal(History, other.History);
        Assert.Equal((Step, Rate, Count), (other.Step, other.Rate, other.Count));
    }

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
}
