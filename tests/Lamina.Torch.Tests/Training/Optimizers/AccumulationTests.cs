namespace Lamina.Torch.Tests.Training.Optimizers;

/// <summary>N batches of m samples are one of N·m.</summary>
public abstract class AccumulationTests(Device device)
{
    public static TheoryData<string> Rules =>
        [
            "sgd",
            "nesterov",
            "adam",
            "adamw",
            "lars",
            "clipped",
            "rmsprop",
            "adagrad",
            "adadelta",
            "nadam",
            "adamax",
            "lamb",
        ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Four_batches_of_two_are_one_of_eight(string rule)
    {
        (NDArray x, NDArray y) = TinyModels.Data(8);
        Model whole = TinyModels.Network(3);
        Model parts = TinyModels.Network(3);
        Assert.Equal(TinyModels.Bytes(whole), TinyModels.Bytes(parts));
        using CompiledModel first = whole.Compile(Make(rule, 1), "sparse_categorical_crossentropy", device: device);
        using CompiledModel second = parts.Compile(Make(rule, 4), "sparse_categorical_crossentropy", device: device);
        float[] start = TinyModels.Bytes(parts);
        for (int update = 1; update <= 3; update++)
        {
            whole.TrainOnBatch(x, y);
            for (int i = 0; i < 4; i++)
            {
                float[] before = TinyModels.Bytes(parts);
                parts.TrainOnBatch(x.Samples(2 * i, 2), y.Samples(2 * i, 2));
                Assert.Equal(i < 3, before.SequenceEqual(TinyModels.Bytes(parts)));
            }
            Assert.Equal((4 * update, update), (second.Step, second.Updates));
            Assert.Equal((update, update), (first.Step, first.Updates));
        }
        float[] expected = TinyModels.Bytes(whole);
        float[] got = TinyModels.Bytes(parts);
        double moved = expected.Zip(start).Max(p => Math.Abs(p.First - p.Second));
        Assert.True(moved > 0.01, $"the weights moved by {moved} only");
        for (int i = 0; i < got.Length; i++)
        {
            Assert.Equal(expected[i], got[i], 2e-6);
        }
    }

    [Fact]
    public void Accumulation_costs_one_more_copy_of_the_gradients()
    {
        (NDArray x, NDArray y) = TinyModels.Data(4);
        long Kept(int steps)
        {
            Model model = TinyModels.Network(3);
            using CompiledModel compiled = model.Compile(
                new Sgd(0.1) { GradientAccumulationSteps = steps },
                "sparse_categorical_crossentropy",
                device: device
            );
            var meter = new StorageMeter();
            using StorageMeter.Scope counted = meter.Count();
            for (int i = 0; i < 5; i++)
            {
                model.TrainOnBatch(x, y);
            }
            return meter.Bytes;
        }
        long weights = 4 * TinyModels.Network(3).CountParams();
        // Where losses are read late, a flag of one byte says whether all were finite.
        long flag = device == Device.Cpu ? 0 : 1;
        Assert.Equal(weights + flag, Kept(1));
        Assert.Equal((2 * weights) + flag, Kept(3));
    }

    private static Optimizer Make(string rule, int steps) =>
        rule switch
        {
            "sgd" => new Sgd(0.2, momentum: 0.9) { GradientAccumulationSteps = steps },
            "nesterov" => new Sgd(0.2, 0.9, true, 0.01, SgdRule.PyTorch) { GradientAccumulationSteps = steps },
            // A larger epsilon, since Adam makes much of a rounding where the gradient is next to nothing.
            "adam" => new Adam(0.02, epsilon: 0.01) { GradientAccumulationSteps = steps },
            "adamw" => new AdamW(0.02, 0.1, epsilon: 0.01) { GradientAccumulationSteps = steps },
            "lars" => new Lars(20) { GradientAccumulationSteps = steps, Rules = [new("bias", 0.01)] },
            "rmsprop" => new RmsProp(0.02, centered: true, epsilon: 0.01) { GradientAccumulationSteps = steps },
            "adagrad" => new Adagrad(0.1) { GradientAccumulationSteps = steps },
            "adadelta" => new Adadelta(5, epsilon: 0.001) { GradientAccumulationSteps = steps },
            "nadam" => new Nadam(0.02, epsilon: 0.01) { GradientAccumulationSteps = steps },
            "adamax" => new Adamax(0.02, epsilon: 0.1) { GradientAccumulationSteps = steps },
            "lamb" => new Lamb(0.02, epsilon: 0.01, weightDecay: 0.1) { GradientAccumulationSteps = steps },
            _ => new Sgd(0.5) { GradientAccumulationSteps = steps, ClipNorm = 0.1 },
        };
}

/// <inheritdoc/>
public sealed class AccumulationOnCpuTests() : AccumulationTests(Device.Cpu);

/// <inheritdoc/>
public sealed class AccumulationOnPortableTests() : AccumulationTests(Device.Portable);
