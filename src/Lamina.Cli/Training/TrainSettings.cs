using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>What <c>alexnet train</c> was asked to do.</summary>
internal sealed record TrainSettings
{
    // The standard training: what reaches 85 % on the shipped images within minutes on two cores.
    public const string StandardModel = "walkthrough";
    public const int StandardInput = 64;
    public const int StandardEpochs = 12;
    public const int StandardBatch = 64;
    public const string StandardOptimizer = "sgd";
    public const double StandardSgdRate = 0.02;
    public const double StandardAdamRate = 0.0001;
    public const double StandardMomentum = 0.9;
    public const double StandardShare = 0.2;

    /// <summary>The training data; null for what is shipped.</summary>
    public string? Folder { get; init; }
    public DataFormat? Format { get; init; }
    public string? Validation { get; init; }
    public double ValidationShare { get; init; } = StandardShare;
    public string Model { get; init; } = StandardModel;

    /// <summary>Height and width of the input in pixels.</summary>
    public int Input { get; init; } = StandardInput;
    public int Epochs { get; init; } = StandardEpochs;
    public int Batch { get; init; } = StandardBatch;

    /// <summary>sgd or adam.</summary>
    public string Optimizer { get; init; } = StandardOptimizer;

    /// <summary>The learning rate; null for the optimizer's.</summary>
    public double? Rate { get; init; }
    public double Momentum { get; init; } = StandardMomentum;
    public long Seed { get; init; }

    /// <summary>Whether images are mirrored at random.</summary>
    public bool Flip { get; init; }

    /// <summary>How far images are moved at random, as a share of their size.</summary>
    public double Shift { get; init; }

    /// <summary>The run's folder; null for one named after model and time.</summary>
    public string? Output { get; init; }

    /// <summary>Whether an image that cannot be read ends the run.</summary>
    public bool Strict { get; init; }

    /// <summary>Threads of an op; null for libtorch's choice.</summary>
    public int? Threads { get; init; }

    /// <summary>Threads that decode images.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    public double LearningRate => Rate ?? (Optimizer == "adam" ? StandardAdamRate : StandardSgdRate);

    /// <summary>The optimizer; its rate goes up over half an epoch, then half a cosine down.</summary>
    public Optimizer NewOptimizer(IBatchSource train)
    {
        long epoch = (train.Count + train.BatchSize - 1) / train.BatchSize;
        long rise = epoch / 2;
        var schedule = new WarmUp(new CosineDecay(LearningRate, Math.Max(1, (epoch * Epochs) - rise)), rise);
        return Optimizer == "adam"
            ? new Adam { Schedule = schedule }
            : new Sgd(momentum: Momentum) { Schedule = schedule };
    }

    public IReadOnlyList<Augmentation> Augmentations =>
        [
            .. Flip ? [new RandomFlip()] : (Augmentation[])[],
            .. Shift > 0 ? [new RandomShift(Shift)] : (Augmentation[])[],
        ];

    /// <summary>For the saved model: what is needed to repeat the run.</summary>
    public JsonObject ToJson() =>
        new()
        {
            ["command"] = "train",
            ["model"] = Model,
            ["input"] = Input,
            ["epochs"] = Epochs,
            ["batch"] = Batch,
            ["optimizer"] = Optimizer,
            ["learning_rate"] = LearningRate,
            ["schedule"] = "half an epoch of warm-up, cosine decay",
            ["momentum"] = Optimizer == "sgd" ? Momentum : null,
            ["seed"] = Seed,
            ["flip"] = Flip,
            ["shift"] = Shift,
            ["strict"] = Strict,
            ["versions"] = new JsonObject
            {
                ["program"] = CommandLine.Version,
                ["dotnet"] = Environment.Version.ToString(),
                ["libtorch_abi"] = TorchLibrary.AbiVersion.ToString("x16", CultureInfo.InvariantCulture),
            },
        };

    /// <summary>The optimizer in words.</summary>
    public string OptimizerText =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Optimizer}, learning rate {LearningRate} falling by a cosine{(Optimizer == "sgd" ? $", momentum {Momentum}" : "")}"
        );
}
