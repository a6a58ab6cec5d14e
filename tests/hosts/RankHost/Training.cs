using System.Globalization;
using System.Runtime.InteropServices;
using Lamina;
using static Lamina.Layers;

/// <summary>A small training with dropout and, if asked for, batch normalization.</summary>
internal static class Training
{
    private const int Samples = 43;
    private const int Batch = 8;

    /// <param name="ranks">The ranks; null alone.</param>
    /// <param name="output">The folder of the results.</param>
    /// <param name="settings">
    /// <c>norm</c>, <c>sync</c>, <c>adam</c>, <c>average</c>, <c>bfloat16</c>, <c>epochs=N</c>, <c>stop=N</c> (after this many steps),
    /// <c>pause=N</c> (milliseconds per step), <c>flip=R</c> (rank R changes a weight), <c>nan=R</c> (of a sample of rank R).
    /// </param>
    public static int Run(ICommunicator? ranks, string output, string[] settings)
    {
        int Number(string name, int otherwise) =>
            settings.FirstOrDefault(s => s.StartsWith(name + "=", StringComparison.Ordinal)) is { } s
                ? int.Parse(s[(name.Length + 1)..], CultureInfo.InvariantCulture)
                : otherwise;
        int rank = ranks?.Rank ?? 0;
        // Another seed on each rank: they start from the weights of the first.
        Session.SetRandomSeed(7 + rank);
        Model model = Network(settings.Contains("norm") || settings.Contains("sync"));
        CompiledModel compiled = model.Compile(
            settings.Contains("adam")
                ? new Adam(0.01)
                : new Sgd(0.05, momentum: 0.9) { EmaMomentum = settings.Contains("average") ? 0.9 : null },
            "sparse_categorical_crossentropy",
            ["accuracy"],
            seed: 3,
            statisticsSamples: settings.Contains("norm") || settings.Contains("sync") ? 20 : 0
        );
        if (ranks is not null)
        {
            compiled.Distribution = new Distribution(ranks)
            {
                SynchronizesBatchNormalization = settings.Contains("sync"),
                ChecksumEvery = 2,
                BucketBytes = 4096,
                GradientPrecision = settings.Contains("bfloat16")
                    ? GradientPrecision.BFloat16
                    : GradientPrecision.Float32,
            };
        }
        using var stop = new CancellationTokenSource();
        (NDArray x, NDArray y) = Data(Number("nan", -1) == rank);
        Directory.CreateDirectory(output);
        List<Callback> callbacks =
        [
            new Steps(Number("stop", -1), Number("pause", 0), stop, Number("flip", -1) == rank ? model : null, rank),
            new ReduceLROnPlateau("val_loss", factor: 0.5, patience: 1),
        ];
        if (rank == 0)
        {
            callbacks.Add(new BackupAndRestore(Path.Combine(output, "checkpoints"), 1, deleteCheckpoint: false));
        }
        History history = model.Fit(
            new ArraySource(x, y, Batch, shuffle: true, seed: 2),
            Number("epochs", 3),
            new ArraySource(x, y, 5),
            callbacks,
            verbose: 0,
            cancellation: stop.Token
        );
        Write(output, rank, model, compiled, history);
        return history.Cancelled ? 130 : 0;
    }

    private static Model Network(bool isNormalized)
    {
        Symbol input = Input(8, 8, 3);
        Symbol x = Conv2D(6, 3, padding: "same", activation: "relu")(input);
        x = isNormalized ? BatchNormalization(momentum: 0.9)(x) : x;
        x = Flatten()(x);
        x = Dense(32, activation: "relu")(x);
        x = Dropout(0.4)(x);
        return Model(input, Dense(4, activation: "softmax")(x));
    }

    private static (NDArray X, NDArray Y) Data(bool hasNaN)
    {
        var random = new RandomStream(12, RandomPurpose.User);
        var x = new NDArray([Samples, 8, 8, 3]);
        var y = new NDArray([Samples]);
        for (int i = 0; i < Samples; i++)
        {
            y.Values[i] = i % 4;
            foreach (ref float value in x.Samples(i, 1).Values)
            {
                value = (random.NextSingle() - 0.5f) + (0.3f * (i % 4));
            }
        }
        if (hasNaN)
        {
            x.Values.Fill(float.NaN);
        }
        return (x, y);
    }

    private static void Write(string output, int rank, Model model, CompiledModel compiled, History history)
    {
        IEnumerable<float> values = model
            .Weights.SelectMany(w => w.GetValues())
            .Concat(
                compiled
                    .GetOptimizerState()
                    .OrderBy(s => s.Key, StringComparer.Ordinal)
                    .SelectMany(s => s.Value.Values.ToArray())
            );
        File.WriteAllBytes(
            Path.Combine(output, $"rank{rank}.values"),
            MemoryMarshal.AsBytes(values.ToArray().AsSpan()).ToArray()
        );
        File.WriteAllLines(
            Path.Combine(output, $"rank{rank}.history"),
            history.Epochs.SelectMany(e =>
                e.Logs.Select(l => string.Create(CultureInfo.InvariantCulture, $"{e.Epoch} {l.Key} {l.Value:R}"))
            )
        );
    }

    private sealed class Steps(int stopAfter, int pause, CancellationTokenSource stop, Model? flipped, int rank)
        : Callback
    {
        private int _count;

        public override void OnTrainBatchEnd(BatchLog log)
        {
            if (rank == 0)
            {
                Console.WriteLine($"step {log.Epoch} {log.Batch}");
            }
            if (pause > 0)
            {
                Thread.Sleep(pause);
            }
            _count++;
            // Requested on the last rank alone, which all agree on.
            if (_count == stopAfter)
            {
                stop.Cancel();
            }
            if (_count == 3 && flipped is not null)
            {
                float[] values = flipped.Weights[0].GetValues();
                values[0] += 1e-6f;
                flipped.Weights[0].SetValues(values);
            }
        }
    }
}
