using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lamina;
using static Lamina.Layers;

// A training that is to be killed: KillHost FOLDER. It goes on from the folder's checkpoints, says each step, and at its
// end prints a hash of all that it has come to: weights, optimizer state, history. OMP_NUM_THREADS says the threads.
const int Epochs = 8;
Session.SetRandomSeed(7);
Symbol input = Input(8, 8, 3);
Symbol x = Conv2D(6, 3, padding: "same", activation: "relu")(input);
x = BatchNormalization()(x);
x = Flatten()(x);
x = Dropout(0.4)(x);
Model model = Model(input, Dense(4, activation: "softmax")(x));
CompiledModel compiled = model.Compile(
    new Sgd(0.05, momentum: 0.9)
    {
        Schedule = new CosineDecay(0, 100, warmupTarget: 0.05, warmupSteps: 20),
        EmaMomentum = 0.9,
        GradientAccumulationSteps = 2,
    },
    "sparse_categorical_crossentropy",
    ["accuracy"],
    seed: 3
);
History history = model.Fit(
    Loader(shuffle: true),
    Epochs,
    Loader(shuffle: false),
    [new SayStep(), new BackupAndRestore(args[0], 2, doubleCheckpoint: true, deleteCheckpoint: false)],
    verbose: 0
);
using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
foreach (Weight weight in model.Weights)
{
    hash.AppendData(MemoryMarshal.AsBytes(weight.GetValues().AsSpan()));
}
foreach ((string key, NDArray values) in compiled.GetOptimizerState().OrderBy(s => s.Key, StringComparer.Ordinal))
{
    hash.AppendData(Encoding.UTF8.GetBytes(key));
    hash.AppendData(MemoryMarshal.AsBytes(values.Values));
}
foreach (EpochLog log in history.Epochs)
{
    foreach ((string key, double value) in log.Logs)
    {
        hash.AppendData(
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{log.Epoch} {key} {value:R}\n"))
        );
    }
}
Console.WriteLine($"end {history.Epochs.Count} {compiled.Step} {Convert.ToHexStringLower(hash.GetHashAndReset())}");

static DataLoader Loader(bool shuffle) =>
    new(
        new Noise(),
        new Preprocessing { Height = 8, Width = 8 },
        new DataLoaderOptions
        {
            BatchSize = 8,
            Shuffle = shuffle,
            Seed = 5,
            Workers = 1,
            Augmentations = shuffle ? [new RandomFlip()] : [],
        }
    );

/// <summary>Small images of noise, of which some cannot be read.</summary>
internal sealed class Noise : LabeledImages
{
    public override IReadOnlyList<string> ClassNames { get; } = ["a", "b", "c", "d"];

    public override IReadOnlyList<int> Labels { get; } = [.. Enumerable.Range(0, 200).Select(i => i % 4)];

    public override string NameOf(int index) => $"image {index}";

    public override void Decode(int index, PixelBuffer target, Size2 enough = default)
    {
        if (index is >= 16 and < 24)
        {
            throw new DataException(NameOf(index), "is bad.");
        }
        target.Resize(8, 8, 3);
        var random = new RandomStream(1, RandomPurpose.User, index);
        foreach (ref byte value in target.Pixels)
        {
            value = (byte)((random.NextUInt32() % 128) + ((uint)Labels[index] * 30));
        }
    }
}

internal sealed class SayStep : Callback
{
    public override void OnTrainBatchEnd(BatchLog log)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {log.Epoch} {log.Batch}"));
    }
}
