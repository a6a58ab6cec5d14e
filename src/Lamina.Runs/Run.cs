using Lamina.Runs.Training;

namespace Lamina.Runs;

/// <summary>
/// Trains a model on images and keeps everything about it in one folder: the model, what made it, history, checkpoints,
/// pictures, a report. Canceling ends a run after the step at hand; what was trained is saved and can be resumed.
/// </summary>
public static class Run
{
    /// <summary>Trains a model, tests it, and writes the run folder.</summary>
    /// <param name="options">What to train on, and how. Default: the shipped Fashion-MNIST by the standard recipe.</param>
    /// <param name="observer">The observer that is told of progress, skipped images and warnings; none by default.</param>
    /// <param name="cancellation">Ends the run after the step at hand, with a checkpoint to resume from.</param>
    /// <returns>The trained model and its results; <see cref="RunResult.IsInterrupted"/> if it was canceled.</returns>
    /// <exception cref="LaminaException">
    /// The data, the weights or the folder cannot be used, the options contradict each other, or the loss is not finite.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was canceled before or after training itself.</exception>
    public static RunResult Train(
        TrainOptions? options = null,
        RunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        TrainSettings settings = StartingPoint.Resolve(options ?? new TrainOptions());
        return new TrainingRun(settings, observer ?? new RunObserver(), cancellation).Execute();
    }

    /// <summary>Resumes an interrupted run with its own settings, to the same result as if it had not been interrupted.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="workers">The threads that read images, at least 0. Default: as when the run began.</param>
    /// <param name="observer">The observer that is told of progress, skipped images and warnings; none by default.</param>
    /// <param name="cancellation">Ends the run after the step at hand, with a checkpoint to resume from.</param>
    /// <returns>The trained model and its results; <see langword="null"/> if the run is finished already.</returns>
    /// <exception cref="LaminaException">
    /// The folder is not a run folder, is damaged or in use, its data has changed, or the loss is not finite.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was canceled before or after training itself.</exception>
    public static RunResult? Resume(
        string folder,
        int? workers = null,
        RunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        using var record = RunRecord.Open(folder);
        if (record.IsFinished)
        {
            return null;
        }
        TrainSettings settings = record.Settings();
        settings = settings with { Options = settings.Options with { Workers = workers ?? settings.Options.Workers } };
        return new TrainingRun(settings, observer ?? new RunObserver(), cancellation, record).Execute();
    }
}
