using System.Text.Json.Nodes;
using Lamina.Runs.Folder;
using Lamina.Runs.Text;

namespace Lamina.Runs.Training;

/// <summary>A run's checkpoints, and what is said of them.</summary>
internal sealed class RunCheckpoints
{
    private readonly RunFolder _folder;
    private readonly TrainSettings _settings;
    private readonly int _end;

    /// <param name="folder">The run's folder.</param>
    /// <param name="settings">The settings: the interval of saving, and the number that is kept.</param>
    /// <param name="phase">The epochs that they are of.</param>
    /// <param name="end">The epoch after the last of the phase.</param>
    /// <param name="metadata">The metadata of the saved model, so that a checkpoint can be evaluated like it.</param>
    /// <param name="observer">The observer that is told of damaged ones, and where the run is resumed.</param>
    public RunCheckpoints(
        RunFolder folder,
        TrainSettings settings,
        TrainingPhase phase,
        int end,
        JsonObject metadata,
        RunObserver observer
    )
    {
        (_folder, _settings, _end) = (folder, settings, end);
        Callback = new BackupAndRestore(
            PathOf(folder, phase),
            new CheckpointOptions
            {
                Frequency = settings.Options.CheckpointEvery,
                Keep = Math.Max(1, settings.Options.Keep),
                // What the next epochs begin from must be there whenever they are gone on with.
                SaveAtEnd = !phase.IsLast,
                DeleteAtEnd = false,
                Metadata = metadata,
                OnDamaged = line => observer.OnWarning(OneLine.Of(line)),
                OnResumed = state =>
                {
                    if (phase.IsLast || (state.Epoch < end && !state.Stop))
                    {
                        observer.OnMessage(Place(state));
                    }
                },
            }
        );
    }

    /// <summary>The callback that saves and restores checkpoints.</summary>
    public BackupAndRestore Callback { get; }

    /// <summary><see langword="true"/> if there is no checkpoint to resume from.</summary>
    // A later phase begins when the first one has a checkpoint.
    public static bool IsEmpty(RunFolder folder) => !Has(folder.Checkpoints) && !Has(folder.FrozenCheckpoints(0));

    /// <summary><see langword="true"/> if the epochs of a phase are over: a later one has a checkpoint.</summary>
    public static bool HasPassed(IReadOnlyList<TrainingPhase> phases, int index, RunFolder folder) =>
        phases.Skip(index + 1).Any(p => Has(PathOf(folder, p)));

    /// <summary>The error of a training that cannot go on, with what is left of it.</summary>
    public LaminaException After(LossException error) =>
        new(
            Callback.LastCheckpoint is { } file
                ? $"{error.Message} The last good checkpoint is {file}; begin a new run with a smaller learning rate."
                : $"{error.Message} No checkpoint was saved before that; begin a new run with a smaller learning rate.",
            error
        );

    /// <summary>When all is written that a finished run has.</summary>
    public void Finish()
    {
        foreach (string frozen in Directory.GetDirectories(_folder.Root, "checkpoints-frozen*"))
        {
            new CheckpointFolder(frozen).Clear();
        }
        if (_settings.Options.Keep == 0)
        {
            new CheckpointFolder(_folder.Checkpoints).Clear();
        }
    }

    private static string PathOf(RunFolder folder, TrainingPhase phase) =>
        phase.IsLast ? folder.Checkpoints : folder.FrozenCheckpoints(phase.Index);

    private static bool Has(string folder) => new CheckpointFolder(folder).Files().Count > 0;

    private string Place(FitState state) =>
        state.Epoch >= _end || (state.Stop && !state.InEpoch)
            ? "going on after the last epoch"
            : FormattableString.Invariant(
                $"going on in epoch {state.Epoch + 1} of {_settings.Recipe.Epochs}, after {state.Batches} of its steps"
            );
}
