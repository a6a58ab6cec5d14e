using static Lamina.Layers;

namespace Lamina.Torch.Tests.Kernels;

/// <summary>Mixed precision: bfloat16 between kernels; weights, statistics, state and loss in float32.</summary>
public sealed class MixedPrecisionTests
{
    private const int Size = 12;
    private const int Classes = 4;

    public static TheoryData<DeviceKind> Devices => [DeviceKind.Cpu, DeviceKind.Portable];

    private static Device DeviceOf(DeviceKind kind) => kind == DeviceKind.Cpu ? Device.Cpu : Device.Portable;

    private static Model Network()
    {
        Session.SetRandomSeed(3);
        Symbol input = Input(Size, Size, 3);
        Symbol x = Conv2D(16, 5, strides: 2, padding: "same", activation: "relu")(input);
        x = BatchNormalization(momentum: 0.9)(x);
        x = MaxPool2D(3, 2)(x);
        x = LocalResponseNormalization()(Conv2D(24, 3, padding: "same", activation: "relu")(x));
        x = Dropout(0.2)(Dense(32, activation: "relu")(Flatten()(x)));
        return Model(input, Dense(Classes, activation: "softmax")(x));
    }

    /// <summary>Images of noise with a bright quarter, whose position is the class.</summary>
    private static (NDArray Images, NDArray Labels) Quarters(int count, int seed)
    {
        var random = new Random(seed);
        var images = new NDArray([count, Size, Size, 3]);
        var labels = new NDArray([count]);
        for (int n = 0; n < count; n++)
        {
            int label = n % Classes;
            labels.Values[n] = label;
            for (int i = 0; i < Size * Size * 3; i++)
            {
                (int row, int column) = (i / (Size * 3), i / 3 % Size);
                bool isBright = (row >= Size / 2) == (label >= 2) && (column >= Size / 2) == (label % 2 == 1);
                images.Values[(n * Size * Size * 3) + i] = (float)random.NextDouble() + (isBright ? 0.35f : 0);
            }
        }
        return (images, labels);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Training_reaches_the_accuracy_of_float32(DeviceKind kind)
    {
        (NDArray x, NDArray y) = Quarters(192, seed: 1);
        (NDArray testX, NDArray testY) = Quarters(96, seed: 2);
        double[] accuracy =
        [
            .. ((ComputePrecision[])[ComputePrecision.Float32, ComputePrecision.BFloat16]).Select(precision =>
            {
                Model model = Network();
                using CompiledModel compiled = model.Compile(
                    new Sgd(0.03, momentum: 0.9),
                    "sparse_categorical_crossentropy",
                    ["accuracy"],
                    device: DeviceOf(kind),
                    precision: precision
                );
                Assert.Equal(precision, compiled.Precision);
                model.Fit(x, y, batchSize: 16, epochs: 6, verbose: 0);
                return model.Evaluate(testX, testY)["accuracy"];
            }),
        ];
        Assert.True(accuracy[0] > 0.9, $"float32 reaches {accuracy[0]}");
        Assert.InRange(accuracy[1], accuracy[0] - 0.03, 1);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Predictions_differ_by_the_rounding_of_bfloat16(DeviceKind kind)
    {
        Model model = Network();
        (NDArray x, _) = Quarters(8, seed: 5);
        float[] full = model.PredictLogits(x, device: DeviceOf(kind)).Values.ToArray();
        float[] mixed = model
            .PredictLogits(x, device: DeviceOf(kind), precision: ComputePrecision.BFloat16)
            .Values.ToArray();
        float largest = full.Max(Math.Abs);
        Assert.NotEqual(full, mixed);
        Assert.All(full.Zip(mixed), p => Assert.InRange(p.Second - p.First, -0.02f * largest, 0.02f * largest));
        // Logits leave the last dense layer in bfloat16.
        Assert.All(mixed, v => Assert.Equal(0, BitConverter.SingleToInt32Bits(v) & 0xffff));
        // Tf32 is float32 on a CPU.
        Assert.Equal(
            full,
            model.PredictLogits(x, device: DeviceOf(kind), precision: ComputePrecision.Tf32).Values.ToArray()
        );
        // A softmax at the end is float32.
        float[] probabilities = model
            .Predict(x, device: DeviceOf(kind), precision: ComputePrecision.BFloat16)
            .Values.ToArray();
        for (int n = 0; n < 8; n++)
        {
            Assert.Equal(1, probabilities.AsSpan(n * Classes, Classes).ToArray().Sum(v => (double)v), 1e-6);
        }
    }

    [Fact]
    public void Both_backends_round_alike()
    {
        Model model = Network();
        (NDArray x, _) = Quarters(8, seed: 6);
        float[] cpu = model.PredictLogits(x, precision: ComputePrecision.BFloat16).Values.ToArray();
        float[] portable = model
            .PredictLogits(x, device: Device.Portable, precision: ComputePrecision.BFloat16)
            .Values.ToArray();
        float largest = cpu.Max(Math.Abs);
        Assert.All(cpu.Zip(portable), p => Assert.InRange(p.Second - p.First, -0.02f * largest, 0.02f * largest));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Weights_statistics_and_state_stay_float32(DeviceKind kind)
    {
        Model model = Network();
        (NDArray x, NDArray y) = Quarters(16, seed: 7);
        using CompiledModel compiled = model.Compile(
            new Adam(0.001),
            "sparse_categorical_crossentropy",
            device: DeviceOf(kind),
            precision: ComputePrecision.BFloat16
        );
        float[][] before = [.. model.Weights.Select(w => w.GetValues())];
        model.TrainOnBatch(x, y);
        for (int i = 0; i < before.Length; i++)
        {
            float[] after = model.Weights[i].GetValues();
            // A step of 0.001 is below half a unit of bfloat16 for most weights, and changes each of them.
            Assert.True(
                after.Zip(before[i]).Count(p => p.First != p.Second) > after.Length / 2,
                $"{model.Weights[i].Path} did not move"
            );
            Assert.Contains(after, v => (BitConverter.SingleToInt32Bits(v) & 0xffff) != 0);
        }
        Assert.All(
            compiled.GetOptimizerState().Where(s => s.Key.EndsWith("velocity", StringComparison.Ordinal)),
            s => Assert.Contains(s.Value.Values.ToArray(), v => (BitConverter.SingleToInt32Bits(v) & 0xffff) != 0)
        );
    }

    [Fact]
    public void Recomputed_activations_have_the_same_bits()
    {
        (NDArray x, NDArray y) = Quarters(16, seed: 8);
        float[][] results =
        [
            .. ((bool[])[false, true]).Select(recompute =>
            {
                Model model = Network();
                using CompiledModel compiled = model.Compile(
                    new Sgd(0.01),
                    "sparse_categorical_crossentropy",
                    recompute: recompute,
                    device: Device.Portable,
                    precision: ComputePrecision.BFloat16
                );
                model.TrainOnBatch(x, y);
                model.TrainOnBatch(x, y);
                return model.Weights.SelectMany(w => w.GetValues()).ToArray();
            }),
        ];
        Assert.Equal(results[0], results[1]);
    }

    [Fact]
    public void Every_layer_runs_and_differentiates()
    {
        foreach (Device device in TestDevices.All)
        {
            Model model = Profiling.EveryLayer.Build();
            ProfileOptions options = new()
            {
                Device = device,
                Precision = ComputePrecision.BFloat16,
                WarmUp = 1,
                Rounds = 1,
                Duration = TimeSpan.Zero,
            };
            ModelProfile profile = model.Profile(2, options);
            Assert.Contains(profile.Kernels, k => k.Algorithm.EndsWith(", bfloat16", StringComparison.Ordinal));
            model.Profile(2, options with { Training = false });
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Predictions_follow_the_weights(DeviceKind kind)
    {
        (NDArray x, NDArray y) = Quarters(16, seed: 10);
        Model model = Network();
        using CompiledModel compiled = model.Compile(
            new Sgd(0.05),
            "sparse_categorical_crossentropy",
            device: DeviceOf(kind),
            precision: ComputePrecision.BFloat16
        );
        float[] before = model.Predict(x).Values.ToArray();
        model.TrainOnBatch(x, y);
        float[] after = model.Predict(x).Values.ToArray();
        Assert.NotEqual(before, after);
        Model other = Network();
        for (int i = 0; i < model.Weights.Count; i++)
        {
            other.Weights[i].SetValues(model.Weights[i].GetValues());
        }
        Assert.Equal(
            after,
            other.Predict(x, device: DeviceOf(kind), precision: ComputePrecision.BFloat16).Values.ToArray()
        );
    }

    [Fact]
    public void A_precision_that_is_none_is_refused()
    {
        Model model = Network();
        (NDArray x, _) = Quarters(1, seed: 9);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", precision: (ComputePrecision)7)
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Predict(x, precision: (ComputePrecision)7));
    }
}
