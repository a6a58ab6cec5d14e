namespace Lamina.Tuning;

/// <summary>The trials of a search, complete or interrupted.</summary>
public sealed class TuningResult
{
    private const int MostLines = 20;
    private readonly TuningJournal _journal;
    private readonly TuningOptions _options;

    internal TuningResult(TuningOptions options, TuningJournal journal, bool isInterrupted) =>
        (_options, _journal, IsInterrupted) = (options, journal, isInterrupted);

    /// <summary>The folder of the search.</summary>
    public string Folder => _options.Folder;

    /// <summary>The value that was optimized.</summary>
    public Objective Objective => _options.Objective;

    /// <summary>
    /// The trials, best first: those that were trained longest, by their scores, then those that were dropped earlier, and
    /// failed ones last.
    /// </summary>
    public IReadOnlyList<Trial> Trials => [.. _journal.Ranked(_journal.Trials)];

    /// <summary>The best trial; <see langword="null"/> if none has a score.</summary>
    public Trial? Best => Trials.FirstOrDefault(t => t.Score is not null);

    /// <summary>The names of the hyperparameters.</summary>
    public IReadOnlyList<string> Parameters => _journal.Parameters;

    /// <summary><see langword="true"/> if the search was canceled and can be resumed.</summary>
    public bool IsInterrupted { get; }

    /// <summary>The number of trials of the plan.</summary>
    public int PlannedTrials => _options.Plan.Trials;

    /// <summary>The line about failed trials; <see langword="null"/> if there are none.</summary>
    public string? Failures => TuningTable.Failures(Trials);

    internal TuningResult AsInterrupted() => new(_options, _journal, isInterrupted: true);

    /// <summary>Returns the folder of a trial.</summary>
    /// <param name="trial">The trial.</param>
    public string FolderOf(Trial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return Path.Combine(Folder, trial.FolderName);
    }

    /// <summary>Returns the table of the trials as text, best first, with at most 20 lines.</summary>
    public override string ToString() => TuningTable.ToText(Objective, Parameters, Trials, MostLines);

    /// <summary>Draws the scores against the epochs and against each hyperparameter.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public void Plot(string path, bool isDark = false) =>
        RunPictures.Tuning(path, PictureOfTrials.Of(Objective, _journal, Trials) with { IsDark = isDark });
}
