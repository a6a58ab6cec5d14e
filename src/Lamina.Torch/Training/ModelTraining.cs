using Lamina.Torch;

namespace Lamina;

/// <summary>Keras's compile, fit, evaluate and predict, for every model.</summary>
public static class ModelTraining
{
    extension(Model model)
    {
        /// <summary>The optimizer, loss and state of the last <c>Compile</c>; <see langword="null"/> before it.</summary>
        public CompiledModel? Compiled => (model.Engine as ModelEngine)?.Compiled;

        /// <summary>
        /// How <c>Predict</c> keeps the kernels of dense layers on a CPU; float32 at first. Training and evaluation go by
        /// the float32 weights, which stay beside.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">It is no precision.</exception>
        public WeightPrecision DensePrecision
        {
            get => (model.Engine as ModelEngine)?.Precision ?? default;
            set
            {
                if (!Enum.IsDefined(value))
                {
                    throw new ArgumentOutOfRangeException(nameof(value), value, "This is no precision.");
                }
                EngineOf(model).Precision = value;
            }
        }

        /// <summary>
        /// Gives the model an optimizer, a loss and metrics; what an earlier call gave is disposed, and a training that runs
        /// on another thread ends (<see cref="CompiledModel"/>).
        /// </summary>
        /// <param name="optimizer">The optimizer.</param>
        /// <param name="loss">The loss, or its Keras name.</param>
        /// <param name="metrics">Metrics, or their Keras names.</param>
        /// <param name="seed">What dropout depends on.</param>
        /// <param name="recompute">
        /// Whether to keep fewer activations from forward to backward and compute the others again: less memory, more time,
        /// the same bits (<see cref="CompiledModel.Recompute"/>).
        /// </param>
        /// <param name="statisticsSamples">
        /// How many training samples batch normalization's statistics are estimated from after each epoch of <c>Fit</c>, at
        /// least 0. Moving averages lag where there are few steps; about 1,000 samples make evaluation right after any number
        /// of them. Default: 0, Keras's moving averages alone.
        /// </param>
        /// <param name="validationLoss">
        /// The loss that <c>Fit</c> reports as <c>val_loss</c>, for example without the label smoothing of
        /// <paramref name="loss"/>. Default: <paramref name="loss"/>, as in Keras.
        /// </param>
        /// <param name="device">The device that trains and evaluates. Default: <see cref="Device.Cpu"/>.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="statisticsSamples"/> is below 0.</exception>
        /// <exception cref="LaminaException">The model has more than one output.</exception>
        public CompiledModel Compile(
            Optimizer optimizer,
            Loss loss,
            IReadOnlyList<Metric>? metrics = null,
            long seed = 0,
            bool recompute = false,
            int statisticsSamples = 0,
            Loss? validationLoss = null,
            Device device = default
        )
        {
            ArgumentNullException.ThrowIfNull(optimizer);
            ArgumentNullException.ThrowIfNull(loss);
            ArgumentOutOfRangeException.ThrowIfNegative(statisticsSamples);
            var objective = Objective.Of(model, loss);
            var compiled = new CompiledModel(
                model,
                optimizer,
                objective,
                objective.Metrics([metrics]),
                seed,
                device,
                recompute,
                statisticsSamples
            )
            {
                Validation = validationLoss is null ? objective : Objective.Of(model, validationLoss),
            };
            EngineOf(model).Compile(compiled);
            return compiled;
        }

        /// <summary>
        /// Gives a model with several outputs an optimizer, and each output a loss and metrics by its place. Training
        /// minimizes the weighted sum; logs hold it as <c>loss</c>, and each output's as <c>name_loss</c>.
        /// </summary>
        /// <param name="optimizer">The optimizer.</param>
        /// <param name="losses">
        /// The loss of each output, in their order; <see langword="null"/> for one that is not trained. A batch has one target
        /// for each loss.
        /// </param>
        /// <param name="lossWeights">The factor of each loss. Default: 1.</param>
        /// <param name="metrics">The metrics of each output. Default: none.</param>
        /// <param name="seed">What dropout depends on.</param>
        /// <param name="recompute">As above.</param>
        /// <param name="statisticsSamples">As above.</param>
        /// <param name="device">As above.</param>
        /// <exception cref="LaminaException">A list does not fit the outputs.</exception>
        public CompiledModel Compile(
            Optimizer optimizer,
            IReadOnlyList<Loss?> losses,
            IReadOnlyList<double>? lossWeights = null,
            IReadOnlyList<IReadOnlyList<Metric>?>? metrics = null,
            long seed = 0,
            bool recompute = false,
            int statisticsSamples = 0,
            Device device = default
        )
        {
            ArgumentNullException.ThrowIfNull(optimizer);
            ArgumentNullException.ThrowIfNull(losses);
            ArgumentOutOfRangeException.ThrowIfNegative(statisticsSamples);
            var objective = Objective.Of(model, losses, lossWeights);
            IReadOnlyList<OutputMetric> all = objective.Metrics(metrics ?? []);
            var compiled = new CompiledModel(
                model,
                optimizer,
                objective,
                all,
                seed,
                device,
                recompute,
                statisticsSamples
            );
            EngineOf(model).Compile(compiled);
            return compiled;
        }

        /// <summary>
        /// Gives a model with several outputs an optimizer, and outputs a loss and metrics by name: the name of the layer that
        /// makes the output. An output without a loss is not trained and has no target.
        /// </summary>
        /// <param name="optimizer">The optimizer.</param>
        /// <param name="namedLosses">Losses by the name of their output. Targets come in the order of the outputs.</param>
        /// <param name="lossWeights">Factors of losses by the name of their output. Default: 1.</param>
        /// <param name="metrics">Metrics by the name of their output.</param>
        /// <param name="seed">What dropout depends on.</param>
        /// <param name="recompute">As above.</param>
        /// <param name="statisticsSamples">As above.</param>
        /// <param name="device">As above.</param>
        /// <exception cref="LaminaException">A name is no output's.</exception>
        public CompiledModel Compile(
            Optimizer optimizer,
            Dictionary<string, Loss> namedLosses,
            Dictionary<string, double>? lossWeights = null,
            Dictionary<string, IReadOnlyList<Metric>>? metrics = null,
            long seed = 0,
            bool recompute = false,
            int statisticsSamples = 0,
            Device device = default
        )
        {
            ArgumentNullException.ThrowIfNull(namedLosses);
            return model.Compile(
                optimizer,
                Objective.InOrder<Loss>(model, namedLosses, null!),
                lossWeights is null ? null : Objective.InOrder(model, lossWeights, 1),
                metrics is null ? null : Objective.InOrder<IReadOnlyList<Metric>>(model, metrics, null!),
                seed,
                recompute,
                statisticsSamples,
                device
            );
        }

        /// <summary>
        /// Frees the memory that running the model takes: the tensors of the weights, plans, and what <c>Compile</c> returned.
        /// The weights keep their values, in arrays, and a later prediction or training loads them again.
        /// </summary>
        /// <remarks>
        /// Waits for a step or batch that another thread computes. Models that share weights with this one go on as they were.
        /// Without it, the memory is freed some time after the last reference to the model is gone.
        /// </remarks>
        public void Unload() => (model.Engine as ModelEngine)?.Dispose();

        /// <summary>Trains.</summary>
        /// <param name="train">The training data.</param>
        /// <param name="epochs">The epoch at which training ends.</param>
        /// <param name="validation">Data that is evaluated after each epoch.</param>
        /// <param name="callbacks">Who is told of the progress.</param>
        /// <param name="initialEpoch">The epoch at which training begins, from 0.</param>
        /// <param name="verbose">0 prints nothing, 1 a progress line.</param>
        /// <param name="cancellation">
        /// Stops after the step that runs; the model then is as that step left it, with the averages in if the optimizer
        /// keeps them (<see cref="CompiledModel.SwapAverages"/>).
        /// </param>
        /// <exception cref="InvalidOperationException">
        /// The model is not compiled, or another thread trains it.
        /// </exception>
        /// <exception cref="ObjectDisposedException">
        /// What <c>Compile</c> returned is disposed, before or while this trains.
        /// </exception>
        /// <exception cref="LaminaException">The data does not fit the model, or the loss is not finite.</exception>
        public History Fit(
            IBatchSource train,
            int epochs = 1,
            IBatchSource? validation = null,
            IReadOnlyList<Callback>? callbacks = null,
            int initialEpoch = 0,
            int verbose = 1,
            CancellationToken cancellation = default
        )
        {
            ArgumentNullException.ThrowIfNull(train);
            List<Callback> all = [.. callbacks ?? []];
            if (verbose > 0)
            {
                all.Add(new ProgressLine(Console.Out, !Console.IsOutputRedirected));
            }
            CompiledModel compiled = Require(model);
            using IDisposable turn = compiled.BeginTraining();
            return new FitLoop(compiled, all).Run(train, epochs, validation, initialEpoch, cancellation);
        }

        /// <summary>Trains on arrays.</summary>
        /// <param name="x">The inputs, one row a sample.</param>
        /// <param name="y">The targets, one row a sample.</param>
        /// <param name="batchSize">Samples a step.</param>
        /// <param name="epochs">The epoch at which training ends.</param>
        /// <param name="shuffle">Whether each epoch has an order of its own.</param>
        /// <param name="validation">Data that is evaluated after each epoch.</param>
        /// <param name="callbacks">Who is told of the progress.</param>
        /// <param name="initialEpoch">The epoch at which training begins, from 0.</param>
        /// <param name="verbose">0 prints nothing, 1 a progress line.</param>
        /// <param name="cancellation">Stops after the step that runs.</param>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        /// <exception cref="LaminaException">The data does not fit the model, or the loss is not finite.</exception>
        public History Fit(
            NDArray x,
            NDArray y,
            int batchSize = 32,
            int epochs = 1,
            bool shuffle = true,
            IBatchSource? validation = null,
            IReadOnlyList<Callback>? callbacks = null,
            int initialEpoch = 0,
            int verbose = 1,
            CancellationToken cancellation = default
        ) =>
            model.Fit(
                new ArraySource(x, y, batchSize, shuffle) { ReuseBuffers = true },
                epochs,
                validation,
                callbacks,
                initialEpoch,
                verbose,
                cancellation
            );

        /// <summary>The loss and metrics over data, by name, without changing the model.</summary>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        public IReadOnlyDictionary<string, double> Evaluate(IBatchSource data)
        {
            ArgumentNullException.ThrowIfNull(data);
            return new FitLoop(Require(model), []).Evaluate(data);
        }

        /// <summary>The loss and metrics over arrays, by name.</summary>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        public IReadOnlyDictionary<string, double> Evaluate(NDArray x, NDArray y, int batchSize = 32) =>
            model.Evaluate(new ArraySource(x, y, batchSize) { ReuseBuffers = true });

        /// <summary>Takes one training step; the loss and metrics of the batch before it, by name.</summary>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        public IReadOnlyDictionary<string, double> TrainOnBatch(NDArray x, NDArray y)
        {
            return model.TrainOnBatch(new Batch(x, y));
        }

        /// <summary>Takes one training step on any inputs and targets; returns loss and metrics before it, by name.</summary>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        public IReadOnlyDictionary<string, double> TrainOnBatch(Batch batch)
        {
            ArgumentNullException.ThrowIfNull(batch);
            CompiledModel compiled = Require(model);
            using IDisposable turn = compiled.BeginTraining();
            return OneBatch(compiled, batch, compiled.TrainStep);
        }

        /// <summary>The loss and metrics of one batch, by name.</summary>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        public IReadOnlyDictionary<string, double> TestOnBatch(NDArray x, NDArray y)
        {
            return model.TestOnBatch(new Batch(x, y));
        }

        /// <summary>Computes the loss and metrics of one batch of any inputs and targets, by name.</summary>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        public IReadOnlyDictionary<string, double> TestOnBatch(Batch batch)
        {
            ArgumentNullException.ThrowIfNull(batch);
            CompiledModel compiled = Require(model);
            return OneBatch(compiled, batch, (b, metrics) => compiled.TestStep(b, metrics, compiled.Objective));
        }

        /// <summary>The output for these inputs; the model need not be compiled.</summary>
        /// <remarks>
        /// Safe to call from several threads, which take turns. While another thread trains, each batch is computed between
        /// two training steps.
        /// </remarks>
        /// <param name="x">The inputs, one row a sample.</param>
        /// <param name="batchSize">Samples computed at a time.</param>
        /// <param name="device">
        /// The device that computes. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
        /// </param>
        /// <exception cref="ShapeException">The inputs do not fit the model, or it has not one input and output.</exception>
        public NDArray Predict(NDArray x, int batchSize = 32, Device? device = null) =>
            model.PredictAll([x], batchSize, device) is [var output]
                ? output
                : throw new ShapeException($"{model.Name} has several outputs. Use PredictAll.");

        /// <summary>Computes the logits for these inputs; the model need not be compiled.</summary>
        /// <remarks>
        /// The logits are what goes into the softmax that ends the model, or its output where none does. Losses computed from
        /// them are exact where probabilities round to 0.
        /// </remarks>
        /// <param name="x">The inputs, one row for each sample.</param>
        /// <param name="batchSize">Samples computed at a time.</param>
        /// <param name="device">
        /// The device that computes. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
        /// </param>
        /// <returns>An array of the shape of the output.</returns>
        /// <exception cref="ShapeException">The inputs do not fit the model, or it has not one input and output.</exception>
        public NDArray PredictLogits(NDArray x, int batchSize = 32, Device? device = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
            return EngineOf(model).PredictLogits([x], batchSize, DeviceOf(model, device));
        }

        /// <summary>The outputs for these inputs, one array each.</summary>
        /// <param name="inputs">One array for each input, one row a sample.</param>
        /// <param name="batchSize">Samples computed at a time.</param>
        /// <param name="device">
        /// The device that computes. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
        /// </param>
        /// <exception cref="ShapeException">The inputs do not fit the model.</exception>
        public IReadOnlyList<NDArray> PredictAll(
            IReadOnlyList<NDArray> inputs,
            int batchSize = 32,
            Device? device = null
        )
        {
            ArgumentNullException.ThrowIfNull(inputs);
            ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
            return EngineOf(model).Predict(inputs, batchSize, DeviceOf(model, device));
        }
    }

    /// <summary>Returns the device that was asked for, else the one that the model is compiled for, else the CPU.</summary>
    internal static Device DeviceOf(Model model, Device? asked) => asked ?? model.Compiled?.Device ?? Device.Cpu;

    private static ModelEngine EngineOf(Model model) => model.EngineOrNew(m => new ModelEngine(m));

    private static Dictionary<string, double> OneBatch(
        CompiledModel compiled,
        Batch batch,
        Func<Batch, IReadOnlyList<OutputMetric>, BatchLoss> step
    )
    {
        OutputMetric[] metrics = [.. compiled.OutputMetrics.Select(m => m.Fresh())];
        var means = new RunningMeans(compiled.Objective.PartKeys, metrics);
        means.Add(step(batch, metrics), samples: 1);
        return means.Logs();
    }

    private static CompiledModel Require(Model model) =>
        model.Compiled
        ?? throw new InvalidOperationException($"{model.Name} is not compiled. Call Compile(optimizer, loss) first.");
}
