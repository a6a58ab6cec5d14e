using Lamina.Runs.Folder;
using Lamina.Runs.Text;

namespace Lamina.Tuning;

/// <summary>Searches for hyperparameters with any training.</summary>
public static class TrialSearch
{
    /// <summary>The name of the picture in the folder of a search.</summary>
    public const string PictureName = "tuning.png";

    /// <summary>
    /// Searches, and writes the journal, the table and the picture to the folder. A search that was interrupted in the same
    /// folder goes on, to the same trials as without the interruption.
    /// </summary>
    /// <param name="options">The plan, the folder, the objective and the seed.</param>
    /// <param name="trainer">The training.</param>
    /// <param name="observer">The observer of progress. Default: none.</param>
    /// <param name="cancellation">Ends the search after the current step.</param>
    /// <returns>The trials; <see cref="TuningResult.IsInterrupted"/> if the search was canceled.</returns>
    /// <exception cref="LaminaException">
    /// The folder contains another search or is in use, it cannot be written, or nothing is searched.
    /// </exception>
    public static TuningResult Run(
        TuningOptions options,
        TrialTrainer trainer,
        TuningObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(trainer);
        options.Validate();
        IReadOnlyDictionary<string, string> description = trainer.Describe();
        // A folder that is not a search's is refused before anything is written to it.
        _ = TuningJournal.Open(options, description);
        var folder = NewFolder.Of(options.Folder, isEmpty: !TuningJournal.Exists(options.Folder));
        Create(options.Folder);
        TuningJournal? journal = null;
        try
        {
            return Search(options, trainer, description, observer, j => journal = j, cancellation);
        }
        // Data that cannot be used, for example: the same command would find a search that never began.
        catch when (journal is null || !journal.Trials.Any(t => IsBegun(t, options)))
        {
            folder.Remove();
            throw;
        }
    }

    private static bool IsBegun(Trial trial, TuningOptions options) =>
        trial.Scores.Count > 0 || Directory.Exists(Path.Combine(options.Folder, trial.FolderName));

    private static TuningResult Search(
        TuningOptions options,
        TrialTrainer trainer,
        IReadOnlyDictionary<string, string> description,
        TuningObserver? observer,
        Action<TuningJournal> opened,
        CancellationToken cancellation
    )
    {
        using var held = RunLock.Take(options.Folder);
        var journal = TuningJournal.Open(options, description);
        opened(journal);
        journal.Write();
        bool isComplete = new SearchRun(
            options,
            trainer,
            journal,
            observer ?? new TuningObserver(),
            cancellation
        ).Execute();
        var result = new TuningResult(options, journal, !isComplete);
        if (journal.Trials.Count > 0)
        {
            result.Plot(Path.Combine(options.Folder, PictureName));
        }
        held.RemoveFile = isComplete;
        return result;
    }

    private static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{folder}: cannot create the folder ({OneLine.Of(e.Message)})", e);
        }
    }
}
