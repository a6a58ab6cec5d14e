using Lamina.Torch;

namespace Lamina;

/// <summary>Extensions for every model with Keras's fit, evaluate and single steps.</summary>
public static class ModelFitting
{
    extension(Model model)
    {
        /// <summary>Trains the model on a source of batches.</summary>
        /// <param name="train">The training data.</param>
        /// <param name="epochs">The epoch at which training ends.</param>
        /// <param name="validation">Data that is evaluated after each epoch.</param>
        /// <param name="callbacks">The callbacks that are notified of progress.</param>
        /// <param name="initialEpoch">The epoch at which training begins, from 0.</param>
        /// <param name="verbose">The verbosity: 0 prints nothing, 1 a progress line.</param>
        /// <param name="stepsPerEpoch">
        /// The number of batches of an epoch. The next epoch continues with the following batches.
        /// <see langword="null"/> for all batches.
        /// </param>
        /// <param name="validationFrequency">The number of epochs per validation. Default: 1.</param>
        /// <param name="classWeight">
        /// The factor of a sample's loss by its class; 1 for classes that are missing. <see langword="null"/> for none.
        /// </param>
        /// <param name="cancellation">
        /// Cancels after the current step. The model is then as that step left it, with the averages in if the
        /// optimizer keeps them (<see cref="CompiledModel.SwapAverages"/>).
        /// </param>
        /// <exception cref="InvalidOperationException">
        /// The model is not compiled, or another thread trains it.
        /// </exception>
        /// <exception cref="ObjectDisposedException">
        /// The result of <c>Compile</c> is disposed, before or during training.
        /// </exception>
        /// <exception cref="LaminaException">The data does not match the model, or the loss is not finite.</exception>
        public History Fit(
            IBatchSource train,
            int epochs = 1,
            IBatchSource? validation = null,
            IReadOnlyList<Callback>? callbacks = null,
            int initialEpoch = 0,
            int verbose = 1,
            int? stepsPerEpoch = null,
            int validationFrequency = 1,
            IReadOnlyDictionary<int, double>? classWeight = null,
            CancellationToken cancellation = default
        )
        {
            ArgumentNullException.ThrowIfNull(train);
            Arguments.RequireAtLeast(1, validationFrequency);
            List<Callback> all = [.. callbacks ?? []];
            if (verbose > 0)
            {
                all.Add(new ProgressLine(Console.Out, !Console.IsOutputRedirected));
            }
            CompiledModel compiled = ModelTraining.Require(model);
            using IDisposable turn = compiled.BeginTraining();
            return new FitLoop(compiled, all, validationFrequency).Run(
                FitData.With(train, stepsPerEpoch, classWeight),
                epochs,
                validation,
                initialEpoch,
                cancellation
            );
        }

        /// <summary>Trains the model on batches that the program makes, such as an iterator's.</summary>
        /// <remarks>
        /// The sequence is enumerated once per epoch. With <paramref name="stepsPerEpoch"/>, an epoch takes that many
        /// batches and the next one continues, so that the sequence may be endless. A resumed run goes through the
        /// batches of its past steps again, without training on them.
        /// </remarks>
        /// <param name="batches">The training data.</param>
        /// <param name="epochs">The epoch at which training ends.</param>
        /// <param name="validation">Data that is evaluated after each epoch.</param>
        /// <param name="callbacks">The callbacks that are notified of progress.</param>
        /// <param name="initialEpoch">The epoch at which training begins, from 0.</param>
        /// <param name="verbose">The verbosity: 0 prints nothing, 1 a progress line.</param>
        /// <param name="stepsPerEpoch">The number of batches of an epoch; <see langword="null"/> for all.</param>
        /// <param name="validationFrequency">The number of epochs per validation. Default: 1.</param>
        /// <param name="classWeight">The factor of a sample's loss by its class.</param>
        /// <param name="cancellation">Cancels after the current step.</param>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        /// <exception cref="LaminaException">
        /// The data does not match the model, the batches end too early, or the loss is not finite.
        /// </exception>
        public History Fit(
            IEnumerable<Batch> batches,
            int epochs = 1,
            IBatchSource? validation = null,
            IReadOnlyList<Callback>? callbacks = null,
            int initialEpoch = 0,
            int verbose = 1,
            int? stepsPerEpoch = null,
            int validationFrequency = 1,
            IReadOnlyDictionary<int, double>? classWeight = null,
            CancellationToken cancellation = default
        )
        {
            ArgumentNullException.ThrowIfNull(batches);
            return model.Fit(
                new SequenceSource(batches, stepsPerEpoch),
                epochs,
                validation,
                callbacks,
                initialEpoch,
                verbose,
                stepsPerEpoch,
                validationFrequency,
                classWeight,
                cancellation
            );
        }

        /// <summary>Trains the model on arrays: one, several in order, or several by name.</summary>
        /// <param name="x">The inputs, one row per sample.</param>
        /// <param name="y">The targets, one row per sample, of the outputs that have a loss.</param>
        /// <param name="batchSize">The number of samples per step.</param>
        /// <param name="epochs">The epoch at which training ends.</param>
        /// <param name="shuffle"><see langword="true"/> to shuffle the samples in each epoch.</param>
        /// <param name="validation">Data that is evaluated after each epoch.</param>
        /// <param name="callbacks">The callbacks that are notified of progress.</param>
        /// <param name="initialEpoch">The epoch at which training begins, from 0.</param>
        /// <param name="verbose">The verbosity: 0 prints nothing, 1 a progress line.</param>
        /// <param name="validationData">Inputs and targets that are evaluated after each epoch.</param>
        /// <param name="validationSplit">
        /// The share of samples at the end that is not trained on but evaluated after each epoch, in [0, 1). Default: 0.
        /// </param>
        /// <param name="validationFrequency">The number of epochs per validation. Default: 1.</param>
        /// <param name="stepsPerEpoch">
        /// The number of batches of an epoch. The next epoch continues with the following batches.
        /// <see langword="null"/> for all batches.
        /// </param>
        /// <param name="classWeight">
        /// The factor of a sample's loss by its class; 1 for classes that are missing. <see langword="null"/> for none.
        /// </param>
        /// <param name="sampleWeight">
        /// The factors of the samples' losses: one array for all targets, or one for each. <see langword="null"/> for none.
        /// </param>
        /// <param name="cancellation">Cancels after the current step.</param>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        /// <exception cref="LaminaException">The data does not match the model, or the loss is not finite.</exception>
        public History Fit(
            ArrayGroup x,
            ArrayGroup y,
            int batchSize = 32,
            int epochs = 1,
            bool shuffle = true,
            IBatchSource? validation = null,
            IReadOnlyList<Callback>? callbacks = null,
            int initialEpoch = 0,
            int verbose = 1,
            (ArrayGroup X, ArrayGroup Y)? validationData = null,
            double validationSplit = 0,
            int validationFrequency = 1,
            int? stepsPerEpoch = null,
            IReadOnlyDictionary<int, double>? classWeight = null,
            ArrayGroup? sampleWeight = null,
            CancellationToken cancellation = default
        )
        {
            CompiledModel compiled = ModelTraining.Require(model);
            Batch train = FitData.Batch(compiled, x, y, sampleWeight);
            if (((bool[])[validation is not null, validationData is not null, validationSplit != 0]).Count(g => g) > 1)
            {
                throw new LaminaException("Pass one of validation, validationData and validationSplit.");
            }
            if (validationData is { } data)
            {
                validation = FitData.Source(FitData.Batch(compiled, data.X, data.Y, null), batchSize);
            }
            if (validationSplit != 0)
            {
                (train, Batch held) = FitData.Split(train, validationSplit);
                validation = FitData.Source(held, batchSize);
            }
            return model.Fit(
                FitData.Source(train, batchSize, shuffle),
                epochs,
                validation,
                callbacks,
                initialEpoch,
                verbose,
                stepsPerEpoch,
                validationFrequency,
                classWeight,
                cancellation
            );
        }

        /// <summary>Computes the loss and metrics over data, by name, without changing the model.</summary>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        public IReadOnlyDictionary<string, double> Evaluate(IBatchSource data)
        {
            ArgumentNullException.ThrowIfNull(data);
            return new FitLoop(ModelTraining.Require(model), []).Evaluate(data);
        }

        /// <summary>Computes the loss and metrics over arrays, by name, without changing the model.</summary>
        /// <param name="x">The inputs, one row per sample.</param>
        /// <param name="y">The targets, one row per sample, of the outputs that have a loss.</param>
        /// <param name="batchSize">The number of samples per batch.</param>
        /// <param name="sampleWeight">The factors of the samples' losses; <see langword="null"/> for none.</param>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        /// <exception cref="LaminaException">The data does not match the model.</exception>
        public IReadOnlyDictionary<string, double> Evaluate(
            ArrayGroup x,
            ArrayGroup y,
            int batchSize = 32,
            ArrayGroup? sampleWeight = null
        ) => model.Evaluate(FitData.Source(FitData.Batch(ModelTraining.Require(model), x, y, sampleWeight), batchSize));

        /// <summary>Runs one training step and returns the loss and metrics of the batch before it, by name.</summary>
        /// <param name="x">The inputs, one row per sample.</param>
        /// <param name="y">The targets, one row per sample, of the outputs that have a loss.</param>
        /// <param name="sampleWeight">The factors of the samples' losses; <see langword="null"/> for none.</param>
        /// <param name="classWeight">The factor of a sample's loss by its class; <see langword="null"/> for none.</param>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        /// <exception cref="LaminaException">The data does not match the model.</exception>
        public IReadOnlyDictionary<string, double> TrainOnBatch(
            ArrayGroup x,
            ArrayGroup y,
            ArrayGroup? sampleWeight = null,
            IReadOnlyDictionary<int, double>? classWeight = null
        )
        {
            Batch batch = FitData.Batch(ModelTraining.Require(model), x, y, sampleWeight);
            return model.TrainOnBatch(classWeight is null ? batch : new ClassWeights(classWeight).Apply(batch));
        }

        /// <summary>
        /// Runs one training step on any inputs and targets, and returns the loss and metrics before it, by name.
        /// </summary>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        public IReadOnlyDictionary<string, double> TrainOnBatch(Batch batch)
        {
            ArgumentNullException.ThrowIfNull(batch);
            CompiledModel compiled = ModelTraining.Require(model);
            using IDisposable turn = compiled.BeginTraining();
            return OneBatch(compiled, batch, compiled.TrainStep);
        }

        /// <summary>Computes the loss and metrics of one batch, by name.</summary>
        /// <param name="x">The inputs, one row per sample.</param>
        /// <param name="y">The targets, one row per sample, of the outputs that have a loss.</param>
        /// <param name="sampleWeight">The factors of the samples' losses; <see langword="null"/> for none.</param>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        /// <exception cref="LaminaException">The data does not match the model.</exception>
        public IReadOnlyDictionary<string, double> TestOnBatch(
            ArrayGroup x,
            ArrayGroup y,
            ArrayGroup? sampleWeight = null
        ) => model.TestOnBatch(FitData.Batch(ModelTraining.Require(model), x, y, sampleWeight));

        /// <summary>Computes the loss and metrics of one batch of any inputs and targets, by name.</summary>
        /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
        public IReadOnlyDictionary<string, double> TestOnBatch(Batch batch)
        {
            ArgumentNullException.ThrowIfNull(batch);
            CompiledModel compiled = ModelTraining.Require(model);
            return OneBatch(compiled, batch, (b, metrics) => compiled.TestStep(b, metrics, compiled.Objective));
        }
    }

    private static Dictionary<string, double> OneBatch(
        CompiledModel compiled,
        Batch batch,
        Func<Batch, IReadOnlyList<OutputMetric>, StepOutcome> step
    )
    {
        OutputMetric[] metrics = [.. compiled.OutputMetrics.Select(m => m.Fresh())];
        var means = new RunningMeans(compiled.Objective.PartKeys, metrics);
        means.Add(step(batch, metrics), samples: 1);
        return means.Logs();
    }
}
