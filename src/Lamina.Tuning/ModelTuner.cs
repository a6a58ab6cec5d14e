namespace Lamina.Tuning;

/// <summary>
/// Searches for the hyperparameters of a model that a function builds and compiles, over <c>Fit</c>, as Keras Tuner does.
/// </summary>
/// <param name="build">Builds and compiles the model of a trial, and asks for its hyperparameters.</param>
/// <param name="options">The plan, the folder, the objective and the seed.</param>
/// <example>
/// <code>
/// Model Build(HyperParameters hp)
/// {
///     Symbol input = Input(28, 28, 1);
///     Symbol x = Dense(hp.Int("units", 32, 256, step: 32), activation: "relu")(Flatten()(input));
///     Model model = Model(input, Dense(10, activation: "softmax")(Dropout(hp.Float("dropout", 0, 0.5))(x)));
///     model.Compile(new Adam(hp.Float("lr", 1e-4, 1e-2, sampling: "log")), "sparse_categorical_crossentropy", ["accuracy"]);
///     return model;
/// }
/// var tuner = new ModelTuner(Build, new() { Plan = SearchPlan.Hyperband(epochs: 27), Folder = "tuning/digits" });
/// Console.WriteLine(tuner.Search(images, labels, validationSplit: 0.2));
/// Model best = tuner.BestModel();
/// </code>
/// </example>
public sealed class ModelTuner(Func<HyperParameters, Model> build, TuningOptions options)
{
    private TuningResult? _result;

    /// <summary>Searches, with <c>Fit</c> on arrays.</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="y">The targets.</param>
    /// <param name="batchSize">The number of samples per update. Default: 32.</param>
    /// <param name="validationSplit">The last fraction of the samples, to validate on. Default: 0, none.</param>
    /// <param name="validationData">The samples to validate on. Default: none.</param>
    /// <param name="observer">The observer of progress. Default: none.</param>
    /// <param name="cancellation">Ends the search after the current step.</param>
    /// <returns>The trials; <see cref="TuningResult.IsInterrupted"/> if the search was canceled.</returns>
    /// <exception cref="LaminaException">
    /// The folder contains another search, or the logs do not contain the objective.
    /// </exception>
    public TuningResult Search(
        ArrayGroup x,
        ArrayGroup y,
        int batchSize = 32,
        double validationSplit = 0,
        (ArrayGroup X, ArrayGroup Y)? validationData = null,
        TuningObserver? observer = null,
        CancellationToken cancellation = default
    ) =>
        Search(
            fit =>
                fit.Model.Fit(
                    x,
                    y,
                    batchSize,
                    fit.Epochs,
                    callbacks: fit.Callbacks,
                    verbose: 0,
                    validationData: validationData,
                    validationSplit: validationSplit,
                    cancellation: fit.Cancellation
                ),
            observer,
            cancellation
        );

    /// <summary>Searches, with any call of <c>Fit</c>: its batch size and data may depend on hyperparameters too.</summary>
    /// <param name="fit">Trains a model for the epochs, with the callbacks and the cancellation of its argument.</param>
    /// <param name="observer">The observer of progress. Default: none.</param>
    /// <param name="cancellation">Ends the search after the current step.</param>
    /// <returns>The trials; <see cref="TuningResult.IsInterrupted"/> if the search was canceled.</returns>
    /// <exception cref="LaminaException">
    /// The folder contains another search, or the logs do not contain the objective.
    /// </exception>
    public TuningResult Search(
        Func<TrialFit, History> fit,
        TuningObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(fit);
        return _result = TrialSearch.Run(options, new Trainer(build, fit, options), observer, cancellation);
    }

    /// <summary>Returns the model of the best trial with its weights. Compile it to train it further.</summary>
    /// <exception cref="LaminaException">There was no search, or all trials failed.</exception>
    public Model BestModel()
    {
        Trial best =
            (_result ?? throw new LaminaException("There is no best model before a search. Call Search first.")).Best
            ?? throw new LaminaException("There is no best model: all trials failed. Search smaller learning rates.");
        return ModelFile.Load(ModelPath(_result.FolderOf(best))).Model;
    }

    private static string ModelPath(string folder) => Path.Combine(folder, "model.lamina");

    private sealed class Trainer(Func<HyperParameters, Model> build, Func<TrialFit, History> fit, TuningOptions options)
        : TrialTrainer
    {
        public override void Choose(HyperParameters hyperParameters) => Build(hyperParameters).Compiled!.Dispose();

        public override double? Train(Trial trial, int epochs, CancellationToken cancellation)
        {
            var hyperParameters = new HyperParameters(trial.Values);
            Model model = Build(hyperParameters);
            string folder = Path.Combine(options.Folder, trial.FolderName);
            try
            {
                History history = fit(
                    new TrialFit(model, hyperParameters, epochs, [Checkpoints(folder)], cancellation)
                );
                if (history.Cancelled || history.Epochs.Count == 0)
                {
                    return null;
                }
                ModelFile.Save(model, ModelPath(folder));
                return options.Objective.Read(history.Epochs[^1].Logs);
            }
            catch (LossException e)
            {
                throw new TrialFailedException(e.Message, e);
            }
            finally
            {
                model.Compiled?.Dispose();
            }
        }

        public override void Discard(Trial trial) => TrialFolder.Delete(Path.Combine(options.Folder, trial.FolderName));

        // Names and weights are those of a new program, so that a trial does not depend on those before it.
        private Model Build(HyperParameters hyperParameters)
        {
            using IDisposable scope = Session.BeginScope(options.Seed);
            Model model = build(hyperParameters);
            return model.Compiled is null
                ? throw new InvalidOperationException(
                    "The build function returns a model that is not compiled. Call Compile in it."
                )
                : model;
        }

        private static BackupAndRestore Checkpoints(string folder) =>
            new(Path.Combine(folder, "checkpoints"), deleteCheckpoint: false);
    }
}

/// <summary>The arguments of a trial's <c>Fit</c>.</summary>
/// <param name="Model">The compiled model.</param>
/// <param name="HyperParameters">The hyperparameters; more may be asked for if the build function asks for them too.</param>
/// <param name="Epochs">The number of epochs to pass to <c>Fit</c>.</param>
/// <param name="Callbacks">The callbacks to pass, which resume the trial; others may be added.</param>
/// <param name="Cancellation">The request to stop.</param>
public sealed record TrialFit(
    Model Model,
    HyperParameters HyperParameters,
    int Epochs,
    IReadOnlyList<Callback> Callbacks,
    CancellationToken Cancellation
);
