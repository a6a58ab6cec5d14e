using System.Diagnostics;
using System.Globalization;
using Lamina.Torch;
using static Lamina.Layers;

namespace Lamina.Tests.Training;

/// <summary>
/// What a process holds does not grow with what it has done. LAMINA_ROUNDS says how often, in hundreds of trainings and
/// thousands of predictions: 100 rounds are 10⁴ and 10⁵.
/// </summary>
/// <remarks>The process is measured, so no other test runs meanwhile.</remarks>
[Collection(nameof(BoundedMemoryTests))]
[CollectionDefinition(nameof(BoundedMemoryTests), DisableParallelization = true)]
public class BoundedMemoryTests
{
    private static readonly int s_rounds = Environment.GetEnvironmentVariable("LAMINA_ROUNDS") is { } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : 2;

    private static readonly NDArray s_x = new([8, 8, 8, 3]);
    private static readonly NDArray s_y = new([8, 1]);

    [Fact]
    public void Trainings_of_one_model()
    {
        Model model = Compiled();
        Bounded(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                model.Fit(s_x, s_y, batchSize: 4, verbose: 0);
            }
        });
        model.Compiled!.Dispose();
    }

    [Fact]
    public void Models_that_are_built_trained_and_dropped() =>
        Bounded(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Model model = Compiled();
                model.Fit(s_x, s_y, batchSize: 8, verbose: 0);
                _ = model.Predict(s_x);
            }
        });

    [Fact]
    public void Compilations_of_one_model()
    {
        Model model = Compiled();
        Bounded(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                model.Compile(new Adam(), "sparse_categorical_crossentropy");
                model.Fit(s_x, s_y, batchSize: 8, verbose: 0);
            }
        });
        model.Compiled!.Dispose();
    }

    [Fact]
    public void Predictions_float_and_quantized()
    {
        Model model = Compiled();
        using QuantizedModel quantized = model.Quantize(s_x, cancellation: TestContext.Current.CancellationToken);
        Bounded(() =>
        {
            for (int i = 0; i < 500; i++)
            {
                _ = model.Predict(s_x);
                _ = quantized.Predict(s_x);
            }
        });
    }

    [Fact]
    public void Threads_that_predict_once()
    {
        Model model = Compiled();
        var big = new NDArray([64, 8, 8, 3]);
        using var process = Process.GetCurrentProcess();
        int threads = 0;
        Bounded(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                var thread = new Thread(() => model.Predict(big, batchSize: 64));
                thread.Start();
                thread.Join();
            }
            process.Refresh();
            threads = threads == 0 ? process.Threads.Count : threads;
        });
        process.Refresh();
        Assert.InRange(process.Threads.Count, 1, threads + 20);
    }

    /// <summary>Does something twice before the count, since caches fill, and again and again after it.</summary>
    private static void Bounded(Action round)
    {
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        round();
        round();
        (long tensors, long bytes, long managed, long resident) = Held(meter);
        for (int i = 0; i < s_rounds; i++)
        {
            round();
        }
        (long Tensors, long Bytes, long Managed, long Resident) after = Held(meter);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{s_rounds} rounds: tensors {tensors} → {after.Tensors}, their bytes {bytes} → {after.Bytes}, managed bytes "
                + $"{managed} → {after.Managed}, resident MB {resident >> 20} → {after.Resident >> 20}"
        );
        Assert.Equal((tensors, bytes), (after.Tensors, after.Bytes));
        Assert.InRange(after.Managed, 0, managed + (1 << 20));
        Assert.InRange(after.Resident, 0, resident + (64 << 20));
    }

    private static (long Tensors, long Bytes, long Managed, long Resident) Held(StorageMeter meter)
    {
        long managed = 0;
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            managed = GC.GetTotalMemory(forceFullCollection: true);
        }
        using var process = Process.GetCurrentProcess();
        return (meter.Tensors, meter.Bytes, managed, process.WorkingSet64);
    }

    private static Model Compiled()
    {
        Symbol input = Input(8, 8, 3);
        Symbol x = BatchNormalization()(Conv2D(32, 3, padding: "same", activation: "relu")(input));
        Model model = Model(input, Dense(4, activation: "softmax")(Dense(200, activation: "relu")(Flatten()(x))));
        model.Compile(new Sgd(0.01, momentum: 0.9), "sparse_categorical_crossentropy", ["accuracy"]);
        return model;
    }
}
