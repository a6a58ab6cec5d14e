using Lamina.Runs.Training;

namespace Lamina.Runs;

/// <summary>
/// Trains a model on images and writes a run folder: the model, its settings, history, checkpoints, pictures and a report.
/// Canceling ends a run after the current step; its state is saved and can be resumed.
/// </summary>
public static class Run
{
    /// <summary>Trains a model, tests it, and writes the run folder.</summary>
    /// <param name="options">The data and settings. Default: the shipped Fashion-MNIST with the standard recipe.</param>
    /// <param name="observer">The observer of progress, skipped images and warnings. Default: none.</param>
    /// <param name="cancellation">Ends the run after the current step, with a checkpoint to resume from.</param>
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

    /// <summary>Resumes an interrupted run with its saved settings, to the same result as without the interruption.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="workers">The number of threads that read images, at least 0. Default: as when the run was started.</param>
    /// <param name="observer">The observer of progress, skipped images and warnings. Default: none.</param>
    /// <param name="device">
    /// The device that trains, which may differ from that of the interrupted run; sums are then rounded differently. Default: as
    /// when the run was started.
    /// </param>
    /// <param name="cancellation">Ends the run after the current step, with a checkpoint to resume from.</param>
    /// <returns>The trained model and its results; <see langword="null"/> if the run is already finished.</returns>
    /// <exception cref="LaminaException">
    /// The folder is not a run folder, is damaged or in use, its data has changed, or the loss is not finite.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was canceled before or after training itself.</exception>
    public static RunResult? Resume(
        string folder,
        int? workers = null,
        RunObserver? observer = null,
        Device? device = null,
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
        settings = settings with
        {
            Options = settings.Options with
            {
                Workers = workers ?? settings.Options.Workers,
                Device = device ?? settings.Options.Device,
            },
        };
        return new TrainingRun(settings, observer ?? new RunObserver(), cancellation, record).Execute();
    }
}
