using System.Diagnostics;
using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>Extensions that profile the time and memory of a model's step.</summary>
public static class ModelProfiling
{
    extension(Model model)
    {
        /// <summary>
        /// Times each kernel of a training step, or of inference, on generated data. The model does not change:
        /// weights, moving statistics and the result of <c>Compile</c> are kept. Print the result for a table.
        /// </summary>
        /// <param name="batchSize">The number of samples per step, at least 1.</param>
        /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
        /// <exception cref="LaminaException">
        /// The model has several outputs or nothing to train, or there is not enough memory.
        /// </exception>
        public ModelProfile Profile(int batchSize = 32, ProfileOptions? options = null)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
            options ??= new ProfileOptions();
            ArgumentOutOfRangeException.ThrowIfLessThan(options.WarmUp, 1, nameof(options));
            ArgumentOutOfRangeException.ThrowIfLessThan(options.Rounds, 1, nameof(options));
            Batch batch = MadeUp(model, batchSize);
            var meter = new StorageMeter(EngineBytes(model));
            using StorageMeter.Scope counted = meter.Count();
            if (!options.Training)
            {
                using var inference = new Plan(
                    model.Inputs,
                    model.Outputs,
                    training: false,
                    options.Device,
                    options.Precision
                );
                var recorder = new ProfileRecorder(batchSize, "", 0);
                inference.Observer = recorder;
                MemoryUse memory = PlanMemory.Of(inference.Program, batchSize);
                return Time(
                    model,
                    batchSize,
                    meter,
                    options,
                    memory,
                    recorder,
                    () => Infer(model, inference, batch, recorder)
                );
            }
            Optimizer optimizer = Still(options.Optimizer ?? new Sgd(momentum: 0.9));
            using var compiled = new CompiledModel(
                model,
                optimizer,
                Objective.Of(model, options.Loss ?? StandardLoss(model.Outputs[0])),
                [],
                seed: 0,
                options.Device,
                options.Recompute
            )
            {
                Precision = options.Precision,
            };
            return ProfileTraining(model, compiled, batch, meter, options);
        }

        /// <summary>Computes the memory of a training step, without loading the engine.</summary>
        /// <param name="batchSize">The number of samples per step, at least 1.</param>
        /// <param name="optimizer">The optimizer. Default: SGD with a momentum of 0.9.</param>
        /// <param name="recompute">
        /// <see langword="true"/> to recompute activations for backward, as with <c>Compile</c>.
        /// </param>
        /// <param name="device">The device that would train. Default: <see cref="Device.Cpu"/>.</param>
        /// <exception cref="LaminaException">The model has nothing to train.</exception>
        public MemoryUse TrainingMemory(
            int batchSize,
            Optimizer? optimizer = null,
            bool recompute = false,
            Device device = default
        )
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
            optimizer ??= new Sgd(momentum: 0.9);
            PlanProgram program = TrainingProgram(model, batchSize, recompute, device);
            return WeightUpdates.MemoryOf(program, batchSize, optimizer);
        }

        /// <summary>Computes the memory of inference, without loading the engine.</summary>
        /// <param name="batchSize">The number of samples per batch, at least 1.</param>
        /// <param name="device">The device that would compute. Default: <see cref="Device.Cpu"/>.</param>
        public MemoryUse InferenceMemory(int batchSize, Device device = default)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
            return PlanMemory.Of(new PlanProgram(model.Inputs, model.Outputs, training: false, device), batchSize);
        }
    }

    private static PlanProgram TrainingProgram(Model model, int batchSize, bool recompute, Device device)
    {
        OpGraph graph = Objective
            .Of(model, [.. model.Outputs.Select(StandardLoss)], weights: null)
            .Bind([.. model.Outputs.Select(o => StandardTarget(o, batchSize))], [])
            .TrainingGraph();
        return recompute
            ? PlanSegments.Choose(graph, batchSize, device)
            : new PlanProgram(graph, training: true, device);
    }

    private static ModelProfile ProfileTraining(
        Model model,
        CompiledModel compiled,
        Batch batch,
        StorageMeter meter,
        ProfileOptions options
    )
    {
        var recorder = new ProfileRecorder(batch.Count, compiled.Optimizer.Name, compiled.SlotCount);
        compiled.Observer = recorder;
        using MovedStatistics statistics = compiled.NewStatistics(batch);
        // Other threads do not see these steps, and keep theirs when the statistics are restored.
        using WeightLocks.Held held = new WeightLocks(model.Weights).Take();
        statistics.Keep();
        try
        {
            return Time(
                model,
                batch.Count,
                meter,
                options,
                compiled.MemoryAt(batch),
                recorder,
                () => _ = compiled.TrainStep(batch, []).Loss
            );
        }
        finally
        {
            statistics.Restore();
        }
    }

    private static ModelProfile Time(
        Model model,
        int batch,
        StorageMeter meter,
        ProfileOptions options,
        MemoryUse memory,
        ProfileRecorder recorder,
        Action step
    )
    {
        for (int i = 0; i < options.WarmUp; i++)
        {
            recorder.Time(step);
        }
        recorder.Clear();
        long resident = PeakResident();
        using MachineProbe probe = NewProbe(meter);
        meter.ResetPeak();
        long started = Stopwatch.GetTimestamp();
        int rounds = 0;
        for (; rounds < options.Rounds || Stopwatch.GetElapsedTime(started) < options.Duration; rounds++)
        {
            using (meter.Pause())
            {
                probe.Measure();
            }
            recorder.Time(step);
        }
        return new ModelProfile
        {
            Model = model.Name,
            BatchSize = batch,
            Training = options.Training,
            Threads = TorchLibrary.Threads,
            Rounds = rounds,
            Kernels = recorder.Kernels,
            ParallelLoops = Medians.Of(recorder.Loops),
            IdleShare = Medians.Of(recorder.Idle),
            Step = ProfileRecorder.Span(Medians.Of(recorder.Steps)),
            LowerQuartile = ProfileRecorder.Span(Medians.Quantile(recorder.Steps, 0.25)),
            UpperQuartile = ProfileRecorder.Span(Medians.Quantile(recorder.Steps, 0.75)),
            Machine = probe.Result,
            Memory = memory,
            PeakTensorBytes = meter.PeakBytes,
            PeakResidentBytes = resident,
        };
    }

    private static MachineProbe NewProbe(StorageMeter meter)
    {
        using StorageMeter.Scope pause = meter.Pause();
        return new MachineProbe();
    }

    /// <summary>Returns the size of weights that are in the engine's memory already.</summary>
    private static long EngineBytes(Model model) =>
        model.Weights.Where(w => w.Storage is TorchParameter).Sum(w => w.Count) * sizeof(float);

    private static long PeakResident()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static void Infer(Model model, Plan plan, Batch batch, ProfileRecorder recorder)
    {
        long started = Stopwatch.GetTimestamp();
        Tensor[] inputs = Feed.ToTensors(model, batch.Inputs, plan.Device);
        recorder.Did(StepPart.Feed, started);
        Feed.Free(plan.Forward(new StepContext(false, 0, 0), inputs, takesInputs: true));
    }

    /// <summary>Returns the optimizer with a rate of 0: it does all its work without changing weights.</summary>
    private static Optimizer Still(Optimizer optimizer)
    {
        JsonObject config = optimizer.GetConfig();
        config["learning_rate"] = 0.0;
        return Optimizer.FromConfig(config);
    }

    private static Loss StandardLoss(Symbol output) =>
        HasClasses(output)
            ? new SparseCategoricalCrossentropy(fromLogits: output.Producer.Op is not SoftmaxOp)
            : new MeanSquaredError();

    private static Shape StandardTarget(Symbol output, int batch) =>
        HasClasses(output) ? [batch, 1] : output.Shape.WithBatch(batch);

    private static bool HasClasses(Symbol output) => output.Shape.Rank == 2 && output.Shape[1] > 1;

    private static Batch MadeUp(Model model, int batch)
    {
        var stream = new RandomStream(1, RandomPurpose.User);
        List<NDArray> inputs = [];
        foreach (Symbol input in model.Inputs)
        {
            var values = new NDArray(input.Shape.WithBatch(batch));
            foreach (ref float value in values.Values)
            {
                value = stream.NextSingle();
            }
            inputs.Add(values);
        }
        return new Batch(inputs, [new NDArray(StandardTarget(model.Outputs[0], batch))]);
    }
}
