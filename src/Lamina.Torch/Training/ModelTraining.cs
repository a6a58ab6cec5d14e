using Lamina.Torch;

namespace Lamina;

/// <summary>Extensions for every model with Keras's compile.</summary>
public static class ModelTraining
{
    extension(Model model)
    {
        /// <summary>The optimizer, loss and state of the last <c>Compile</c>; <see langword="null"/> before it.</summary>
        public CompiledModel? Compiled => (model.Engine as ModelEngine)?.Compiled;

        /// <summary>
        /// Configures the model for training with an optimizer, a loss and metrics. The result of an earlier call is
        /// disposed, and a training that runs on another thread ends (<see cref="CompiledModel"/>).
        /// </summary>
        /// <param name="optimizer">The optimizer.</param>
        /// <param name="loss">The loss, or its Keras name.</param>
        /// <param name="metrics">Metrics, or their Keras names.</param>
        /// <param name="seed">The seed of dropout.</param>
        /// <param name="recompute">
        /// <see langword="true"/> to keep fewer activations from forward to backward and recompute the others: less
        /// memory, more time, the same bits (<see cref="CompiledModel.Recompute"/>).
        /// </param>
        /// <param name="statisticsSamples">
        /// The number of training samples for estimating batch normalization's statistics after each epoch of
        /// <c>Fit</c>, at least 0. Moving averages lag if there are few steps; about 1,000 samples make evaluation
        /// correct after any number of them. Default: 0, which uses Keras's moving averages.
        /// </param>
        /// <param name="validationLoss">
        /// The loss that <c>Fit</c> reports as <c>val_loss</c>, for example without the label smoothing of
        /// <paramref name="loss"/>, and without penalties. Default: as in training, which is what Keras reports.
        /// </param>
        /// <param name="weightedMetrics">Metrics that sample weights apply to, or their Keras names.</param>
        /// <param name="device">The device that trains and evaluates. Default: <see cref="Device.Cpu"/>.</param>
        /// <param name="precision">
        /// The precision in which it does, like Keras's policy. Default: <see cref="ComputePrecision.Float32"/>.
        /// </param>
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
            IReadOnlyList<Metric>? weightedMetrics = null,
            Device device = default,
            ComputePrecision precision = ComputePrecision.Float32
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
                [.. objective.Metrics([metrics]), .. objective.Metrics([weightedMetrics], areWeighted: true)],
                seed,
                device,
                recompute,
                statisticsSamples
            )
            {
                Precision = Defined(precision),
                Validation = validationLoss is null ? objective : Objective.Alone(model, validationLoss),
            };
            ModelEngine.Of(model).Compile(compiled);
            return compiled;
        }

        /// <summary>
        /// Configures a model with several outputs for training, with a loss and metrics for each output by its index.
        /// Training minimizes the weighted sum; logs contain it as <c>loss</c>, and each output's as <c>name_loss</c>.
        /// </summary>
        /// <param name="optimizer">The optimizer.</param>
        /// <param name="losses">
        /// The loss of each output, in order; <see langword="null"/> for an output that is not trained. A batch has one
        /// target for each loss.
        /// </param>
        /// <param name="lossWeights">The factor of each loss. Default: 1.</param>
        /// <param name="metrics">The metrics of each output. Default: none.</param>
        /// <param name="seed">The seed of dropout.</param>
        /// <param name="recompute"><see langword="true"/> to recompute activations, as for one output.</param>
        /// <param name="statisticsSamples">The number of samples for statistics, as for one output.</param>
        /// <param name="validationLosses">
        /// The losses that <c>Fit</c> reports for validation, for the same outputs as <paramref name="losses"/>. Default:
        /// those.
        /// </param>
        /// <param name="weightedMetrics">The metrics of each output that sample weights apply to.</param>
        /// <param name="device">The device that trains and evaluates. Default: <see cref="Device.Cpu"/>.</param>
        /// <param name="precision">
        /// The precision in which it does, like Keras's policy. Default: <see cref="ComputePrecision.Float32"/>.
        /// </param>
        /// <exception cref="LaminaException">A list does not match the outputs.</exception>
        public CompiledModel Compile(
            Optimizer optimizer,
            IReadOnlyList<Loss?> losses,
            IReadOnlyList<double>? lossWeights = null,
            IReadOnlyList<IReadOnlyList<Metric>?>? metrics = null,
            long seed = 0,
            bool recompute = false,
            int statisticsSamples = 0,
            IReadOnlyList<Loss?>? validationLosses = null,
            IReadOnlyList<IReadOnlyList<Metric>?>? weightedMetrics = null,
            Device device = default,
            ComputePrecision precision = ComputePrecision.Float32
        )
        {
            ArgumentNullException.ThrowIfNull(optimizer);
            ArgumentNullException.ThrowIfNull(losses);
            ArgumentOutOfRangeException.ThrowIfNegative(statisticsSamples);
            var objective = Objective.Of(model, losses, lossWeights);
            IReadOnlyList<OutputMetric> all =
            [
                .. objective.Metrics(metrics ?? []),
                .. objective.Metrics(weightedMetrics ?? [], areWeighted: true),
            ];
            var compiled = new CompiledModel(
                model,
                optimizer,
                objective,
                all,
                seed,
                device,
                recompute,
                statisticsSamples
            )
            {
                Precision = Defined(precision),
                Validation = validationLosses is null
                    ? objective
                    : objective.ForValidation(validationLosses, lossWeights),
            };
            ModelEngine.Of(model).Compile(compiled);
            return compiled;
        }

        /// <summary>
        /// Configures a model with several outputs for training, with losses and metrics by the output's name: the name
        /// of the layer that computes it. An output without a loss is not trained and has no target.
        /// </summary>
        /// <param name="optimizer">The optimizer.</param>
        /// <param name="namedLosses">
        /// The losses by the name of their output. Targets are in the order of the outputs.
        /// </param>
        /// <param name="lossWeights">The factors of losses by the name of their output. Default: 1.</param>
        /// <param name="metrics">The metrics by the name of their output.</param>
        /// <param name="seed">The seed of dropout.</param>
        /// <param name="recompute"><see langword="true"/> to recompute activations, as for one output.</param>
        /// <param name="statisticsSamples">The number of samples for statistics, as for one output.</param>
        /// <param name="validationLosses">
        /// The losses that <c>Fit</c> reports for validation, by the name of their output. Default, also for a name that is
        /// missing: the one of <paramref name="namedLosses"/>.
        /// </param>
        /// <param name="weightedMetrics">The metrics that sample weights apply to, by the name of their output.</param>
        /// <param name="device">The device that trains and evaluates. Default: <see cref="Device.Cpu"/>.</param>
        /// <param name="precision">
        /// The precision in which it does, like Keras's policy. Default: <see cref="ComputePrecision.Float32"/>.
        /// </param>
        /// <exception cref="LaminaException">A name is not that of an output.</exception>
        public CompiledModel Compile(
            Optimizer optimizer,
            Dictionary<string, Loss> namedLosses,
            Dictionary<string, double>? lossWeights = null,
            Dictionary<string, IReadOnlyList<Metric>>? metrics = null,
            long seed = 0,
            bool recompute = false,
            int statisticsSamples = 0,
            Dictionary<string, Loss>? validationLosses = null,
            Dictionary<string, IReadOnlyList<Metric>>? weightedMetrics = null,
            Device device = default,
            ComputePrecision precision = ComputePrecision.Float32
        )
        {
            ArgumentNullException.ThrowIfNull(namedLosses);
            Loss?[] losses = Objective.InOrder<Loss>(model, namedLosses, null!);
            return model.Compile(
                optimizer,
                losses,
                lossWeights is null ? null : Objective.InOrder(model, lossWeights, 1),
                metrics is null ? null : Objective.InOrder<IReadOnlyList<Metric>>(model, metrics, null!),
                seed,
                recompute,
                statisticsSamples,
                validationLosses is null
                    ? null
                    : [.. Objective.InOrder<Loss>(model, validationLosses, null!).Select((v, i) => v ?? losses[i])],
                weightedMetrics is null
                    ? null
                    : Objective.InOrder<IReadOnlyList<Metric>>(model, weightedMetrics, null!),
                device,
                precision
            );
        }

        /// <summary>
        /// Configures the model for training by a step that a program wrote, with its own losses and optimizers, like a
        /// Keras model with a <c>train_step</c>.
        /// </summary>
        /// <param name="step">The step; the result disposes it.</param>
        /// <param name="metrics">Metrics that the step updates.</param>
        /// <param name="seed">The seed of dropout and of the step's random numbers.</param>
        /// <param name="device">The device that trains. Default: <see cref="Device.Cpu"/>.</param>
        /// <exception cref="LaminaException">
        /// The step has no minimizer, trains weights of another model, or a metric is a mean of symbols.
        /// </exception>
        public CompiledModel Compile(
            TrainStep step,
            IReadOnlyList<Metric>? metrics = null,
            long seed = 0,
            Device device = default
        )
        {
            ArgumentNullException.ThrowIfNull(step);
            string name = step.GetType().Name;
            if (step.Minimizers is not [(_, { } first), ..])
            {
                throw new LaminaException(
                    $"{name} has no loss to minimize. Call Minimize in its constructor, or compile with a loss and set it as CustomStep."
                );
            }
            if (metrics?.FirstOrDefault(m => m is MeanOf { IsOfModel: true }) is { } mean)
            {
                throw new LaminaException(
                    $"{name}: the metric {mean.Name} is computed with a loss of Compile. Return its value from Run instead."
                );
            }
            var compiled = new CompiledModel(
                model,
                first.Optimizer,
                Objective.None(model),
                [.. (metrics ?? []).Select(m => new OutputMetric(0, m.Name, m))],
                seed,
                device
            );
            try
            {
                compiled.CustomStep = step;
            }
            catch
            {
                compiled.Dispose();
                throw;
            }
            ModelEngine.Of(model).Compile(compiled);
            return compiled;
        }

        /// <summary>
        /// Frees the memory for running the model: the tensors of the weights, plans, and the result of <c>Compile</c>.
        /// The weights keep their values, in arrays, and a later prediction or training loads them again.
        /// </summary>
        /// <remarks>
        /// Waits for a step or batch that another thread computes. Models that share weights with this one are not
        /// affected. Without this call, the memory is freed some time after the last reference to the model is gone.
        /// </remarks>
        public void Unload() => (model.Engine as ModelEngine)?.Dispose();
    }

    internal static ComputePrecision Defined(ComputePrecision precision) =>
        Enum.IsDefined(precision)
            ? precision
            : throw new ArgumentOutOfRangeException(nameof(precision), precision, "This is not a precision.");

    internal static CompiledModel Require(Model model) =>
        model.Compiled
        ?? throw new InvalidOperationException($"{model.Name} is not compiled. Call Compile(optimizer, loss) first.");
}
