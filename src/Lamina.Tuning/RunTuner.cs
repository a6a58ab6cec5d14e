using Lamina.Runs;

namespace Lamina.Tuning;

/// <summary>
/// Searches for the hyperparameters of a recipe: each trial is a run, and the best one is finished, so that it can be
/// evaluated, used and served like any other.
/// </summary>
/// <remarks>
/// Trials are compared on validation images: those of the data, or else a tenth of the training images. Test images are used
/// once, by the best trial. The schedule of the learning rate is that of the longest trials, also in a trial that is dropped
/// earlier.
/// </remarks>
/// <param name="train">The data, the recipe and the options of every trial; its output and epochs are those of the search.</param>
/// <param name="space">
/// The hyperparameters: <c>lr</c>, <c>momentum</c>, <c>weight-decay</c>, <c>warmup</c>, <c>label-smoothing</c>, <c>batch</c>,
/// <c>dropout</c>, <c>optimizer</c>, <c>model</c>, <c>input</c>, or keys of the recipe's JSON with points between, such as
/// <c>augmentation.random_rotation.degrees</c>. <see langword="null"/> for the learning rate, the weight decay and dropout.
/// </param>
/// <param name="options">The plan, the folder, the objective and the seed.</param>
public sealed class RunTuner(TrainOptions train, SearchSpace? space, TuningOptions options)
{
    private readonly SearchSpace _space = space ?? RecipeSpace.Standard(train.Recipe);

    /// <summary>The plan, the folder, the objective and the seed.</summary>
    public TuningOptions Options => options;

    /// <summary>The hyperparameters that are searched.</summary>
    public SearchSpace Space => _space;

    /// <summary>Searches, and finishes the best trial.</summary>
    /// <param name="observer">The observer of trials. Default: none.</param>
    /// <param name="runs">The observer of each trial's run. Default: none.</param>
    /// <param name="cancellation">Ends the search after the current step.</param>
    /// <returns>The trials, and the finished run of the best one.</returns>
    /// <exception cref="LaminaException">
    /// The data or the folder cannot be used, a hyperparameter does not fit the recipe, or the folder contains another search.
    /// </exception>
    public RunTuningResult Search(
        TuningObserver? observer = null,
        RunObserver? runs = null,
        CancellationToken cancellation = default
    )
    {
        RecipeSpace.Require(train.Recipe, _space);
        runs ??= new RunObserver();
        var trainer = new RunTrials(train, _space, options, runs);
        TuningResult result = TrialSearch.Run(options, trainer, observer, cancellation);
        if (result.IsInterrupted || result.Best is not { } best || best.Epochs < options.Plan.Epochs)
        {
            return new RunTuningResult(result, null);
        }
        string folder = result.FolderOf(best);
        RunResult? run = Run.Resume(folder, observer: runs, cancellation: cancellation);
        bool isInterrupted = run is { IsInterrupted: true };
        return new RunTuningResult(isInterrupted ? result.AsInterrupted() : result, isInterrupted ? null : folder)
        {
            Run = run,
        };
    }
}

/// <summary>The result of a search over runs.</summary>
/// <param name="Trials">The trials.</param>
/// <param name="BestRun">
/// The folder of the best trial's finished run; <see langword="null"/> if the search was interrupted, or all trials failed.
/// </param>
public sealed record RunTuningResult(TuningResult Trials, string? BestRun)
{
    /// <summary>
    /// The result of the best trial's run; <see langword="null"/> if it was not finished, or was before this process.
    /// </summary>
    public RunResult? Run { get; init; }
}
