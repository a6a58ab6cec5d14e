using System.Text.Json.Nodes;
using Lamina.Runs.Training;
using Lamina.Torch;

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
    /// <param name="communicator">
    /// The ranks that train together, each of which makes the same call; not necessarily as many as before. Only rank 0 reads
    /// and writes the folder. Default: <see langword="null"/>, this process alone.
    /// </param>
    /// <param name="threads">The number of compute threads, at least 1. Default: as when the run was started.</param>
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
        ICommunicator? communicator = null,
        int? threads = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (communicator is { Rank: > 0 })
        {
            return Follow(communicator, device, workers, threads, observer, cancellation);
        }
        using var record = RunRecord.Open(folder);
        TrainSettings? saved = record.IsFinished ? null : record.Settings();
        if (communicator is { Size: > 1 })
        {
            RankSteps.Share(communicator, saved?.ToRunJson(saved.Options.Threads ?? 1).ToJsonString());
        }
        if (saved is null)
        {
            return null;
        }
        TrainSettings settings = On(saved, device, communicator, workers, threads);
        return new TrainingRun(settings, observer ?? new RunObserver(), cancellation, record).Execute();
    }

    /// <summary>Trains a new run up to an epoch and leaves it there, untested, to be resumed.</summary>
    /// <param name="options">The options of the whole run.</param>
    /// <param name="epochs">The number of epochs to train now, at least 1.</param>
    /// <param name="observer">The observer.</param>
    /// <param name="cancellation">Ends the run after the current step.</param>
    internal static RunResult TrainUntil(
        TrainOptions options,
        int epochs,
        RunObserver observer,
        CancellationToken cancellation
    ) => new TrainingRun(StartingPoint.Resolve(options), observer, cancellation, pauseAfter: epochs).Execute();

    /// <summary>Resumes a run up to an epoch and leaves it there, untested.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="epochs">The number of epochs of the run so far and now.</param>
    /// <param name="observer">The observer.</param>
    /// <param name="cancellation">Ends the run after the current step.</param>
    /// <returns>The result; null if the run is already finished.</returns>
    internal static RunResult? ResumeUntil(
        string folder,
        int epochs,
        RunObserver observer,
        CancellationToken cancellation
    )
    {
        using var record = RunRecord.Open(folder);
        return record.IsFinished
            ? null
            : new TrainingRun(record.Settings(), observer, cancellation, record, epochs).Execute();
    }

    // The first rank reads the settings.
    private static RunResult? Follow(
        ICommunicator communicator,
        Device? device,
        int? workers,
        int? threads,
        RunObserver? observer,
        CancellationToken cancellation
    )
    {
        if (RankSteps.Share(communicator, null) is not { } json)
        {
            return null;
        }
        var saved = TrainSettings.FromRunJson(JsonNode.Parse(json)!.AsObject());
        TrainSettings settings = On(saved, device, communicator, workers, threads);
        return new TrainingRun(settings, observer ?? new RunObserver(), cancellation).Execute();
    }

    private static TrainSettings On(
        TrainSettings saved,
        Device? device,
        ICommunicator? communicator,
        int? workers,
        int? threads
    ) =>
        saved with
        {
            Options = saved.Options with
            {
                Communicator = communicator,
                Device = device ?? saved.Options.Device,
                Workers = workers ?? saved.Options.Workers,
                Threads = threads ?? saved.Options.Threads,
            },
        };
}
