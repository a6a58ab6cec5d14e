using Extending;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Profiling;

/// <summary>The memory that the plan computes, held against what its tensors take.</summary>
public abstract class MemoryTests(Device device)
{
    private static readonly Func<Optimizer>[] s_optimizers =
    [
        () => new Sgd(0.01, momentum: 0.9),
        () => new Adam { EmaMomentum = 0.9 },
        () => new Sgd(0.01) { ClipValue = 0.1, GradientAccumulationSteps = 2 },
    ];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 16)]
    [InlineData(1, 16)]
    [InlineData(2, 5)]
    public void A_training_step_takes_what_the_plan_says(int optimizer, int batch)
    {
        Model model = EveryLayer.Build();
        MemoryUse computed = model.TrainingMemory(batch, s_optimizers[optimizer](), device: device);
        (NDArray x, NDArray y) = EveryLayer.Data(batch);
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        using CompiledModel compiled = model.Compile(
            s_optimizers[optimizer](),
            "sparse_categorical_crossentropy",
            device: device
        );
        for (int step = 0; step < 3; step++)
        {
            model.TrainOnBatch(x, y);
        }
        long standing = meter.Bytes;
        // Where losses are read late, a flag of one byte says whether all were finite.
        long flag = device == Device.Cpu ? 0 : 1;
        Assert.Equal(computed.Weights + computed.OptimizerState + flag, standing);
        meter.ResetPeak();
        model.TrainOnBatch(x, y);
        Assert.InRange(meter.PeakBytes, computed.Peak * 0.99, computed.Peak * 1.01);
        Assert.Equal(standing, meter.Bytes);
        Assert.InRange(computed.Peak, computed.Weights + computed.OptimizerState, computed.Sum);
    }

    // The figures that alexnet compare and alexnet profile print.
    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    public void Figures_of_comparison_and_profile_are_within_5_percent_of_a_step(int batch)
    {
        Session.Clear();
        Symbol input = Input(48, 48, 3);
        Symbol x = Conv2D(32, 5, padding: "same", activation: "relu")(input);
        x = MaxPool2D(3, 2)(BatchNormalization()(x));
        x = Conv2D(64, 3, padding: "same", activation: "relu")(x);
        x = MaxPool2D(3, 2)(Conv2D(64, 3, padding: "same", activation: "relu")(x));
        x = Dropout(0.5)(Dense(256, activation: "relu")(Flatten()(x)));
        Model model = Model(input, Dense(10, activation: "softmax")(x));
        long compared = model.TrainingMemory(batch, device: device).Peak;
        var options = new ProfileOptions
        {
            Rounds = 1,
            Duration = TimeSpan.Zero,
            Training = true,
            Device = device,
        };
        ModelProfile profile = model.Profile(batch, options);
        Assert.InRange(profile.Memory.Peak, 0.95 * profile.PeakTensorBytes, 1.05 * profile.PeakTensorBytes);
        Assert.InRange(compared, 0.95 * profile.PeakTensorBytes, 1.05 * profile.PeakTensorBytes);
    }

    // Few samples, so that updates need the most.
    [Theory]
    [InlineData("sign_momentum", false)]
    [InlineData("sign_momentum", true)]
    [InlineData("lion", false)]
    [InlineData("lamb", false)]
    [InlineData("adagrad", true)]
    [InlineData("sgd", true)]
    public void An_update_takes_what_the_plan_says(string name, bool hasConstraint)
    {
        Optimizer Make() => name == "sign_momentum" ? new SignMomentum() : Optimizer.FromName(name);

        Session.Clear();
        Symbol input = Input(9, 9, 32);
        Constraint? constraint = hasConstraint ? new MaxNorm(1, [0, 1, 2]) : null;
        Symbol x = Conv2D(64, 9, kernelConstraint: constraint)(input);
        Model model = Model(input, Dense(2, activation: "softmax")(Flatten()(x)));
        MemoryUse computed = model.TrainingMemory(1, Make(), device: device);
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        using CompiledModel compiled = model.Compile(Make(), "sparse_categorical_crossentropy", device: device);
        for (int step = 0; step < 2; step++)
        {
            model.TrainOnBatch(new NDArray([1, 9, 9, 32]), new NDArray([1]));
            meter.ResetPeak();
        }
        model.TrainOnBatch(new NDArray([1, 9, 9, 32]), new NDArray([1]));
        Assert.InRange(meter.PeakBytes, computed.Peak * 0.99, computed.Peak * 1.01);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    public void Inference_takes_what_the_plan_says(int batch)
    {
        Model model = EveryLayer.Build();
        MemoryUse computed = model.InferenceMemory(batch, device);
        (NDArray x, _) = EveryLayer.Data(batch);
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        model.Predict(x, batch, device);
        meter.ResetPeak();
        model.Predict(x, batch, device);
        Assert.InRange(meter.PeakBytes, computed.Peak * 0.99, computed.Peak * 1.01);
        Assert.Equal((0, 0, 0), (computed.Gradients, computed.OptimizerState, computed.Activations));
    }

    [Fact]
    public void The_parts_of_a_dense_model_are_what_one_counts_by_hand()
    {
        Session.Clear();
        Symbol input = Input(100);
        Symbol hidden = Dense(50, activation: "relu")(input);
        Model model = Model(input, Dense(10, activation: "softmax")(hidden));
        MemoryUse memory = model.TrainingMemory(batchSize: 8, new Adam(), device: device);
        const long weights = 4 * ((100 * 50) + 50 + (50 * 10) + 10);
        Assert.Equal(weights, memory.Weights);
        Assert.Equal(weights, memory.Gradients);
        Assert.Equal(2 * weights, memory.OptimizerState);
        // The batch, the hidden layer, and the loss's logarithms and targets as rows.
        Assert.Equal(4 * 8 * (100 + 50 + 10 + 10), memory.Activations);
        Assert.Equal((4 * weights) + memory.Activations + memory.Workspace, memory.Sum);
        if (device == Device.Cpu)
        {
            // The first layer's weights' gradients.
            Assert.Equal(4 * ((100 * 50) + 50), memory.Workspace);
            Assert.Equal((3 * weights) + (4 * 8 * (100 + 50)) + (4 * ((100 * 50) + 50)), memory.Peak);
            Assert.Equal("backward of dense", memory.PeakAt);
            return;
        }
        // By libtorch's ops, Adam's update of the first kernel has three tensors of its size.
        Assert.Equal(3 * 4 * 100 * 50, memory.Workspace);
        Assert.Equal((3 * weights) + (4 * ((100 * 50) + 50)) + (3 * 4 * 100 * 50), memory.Peak);
        Assert.Equal("update of dense", memory.PeakAt);
    }

    [Fact]
    public void A_model_of_frozen_layers_has_no_training()
    {
        Symbol input = Input(4);
        Model model = Model(input, Dense(2)(input));
        model.Trainable = false;
        Assert.Throws<LaminaException>(() => model.TrainingMemory(1, device: device));
    }
}

/// <inheritdoc/>
public sealed class MemoryOnCpuTests() : MemoryTests(Device.Cpu);

/// <inheritdoc/>
public sealed class MemoryOnPortableTests() : MemoryTests(Device.Portable);
