using Lamina.Runs.Folder;
using Lamina.Runs.Transfer;

namespace Lamina.Runs.Training;

/// <summary>Fits a model phase by phase, writing history and checkpoints to the run folder.</summary>
/// <param name="settings">The settings of the run.</param>
/// <param name="folder">The run folder; null if another rank writes it.</param>
/// <param name="info">The facts that a checkpoint contains, so that it can be evaluated like the saved model.</param>
/// <param name="observer">The observer that is told of steps and epochs.</param>
/// <param name="phases">The phases, of the model before anything is unfrozen.</param>
/// <param name="features">The first phase, if it is trained on features.</param>
/// <param name="featuresOf">Returns a later phase's features, if it is trained on them.</param>
internal sealed class PhasedFit(
    TrainSettings settings,
    RunFolder? folder,
    RunInfo info,
    RunObserver observer,
    IReadOnlyList<TrainingPhase> phases,
    FeaturePhase? features,
    Func<Model, FeaturePhase?> featuresOf
)
{
    private readonly HistoryFile? _history = folder is null ? null : new(folder.History);

    /// <summary>The learning rate of the last step of each epoch, from 1.</summary>
    public IReadOnlyDictionary<int, double> LearningRates => _history?.LearningRates ?? new Dictionary<int, double>();

    /// <summary>The checkpoints of the phase at hand; null before the first.</summary>
    public RunCheckpoints? Checkpoints { get; private set; }

    /// <summary>The model that the phase at hand trains: the whole, or the layers above frozen ones.</summary>
    public Model? Trained { get; private set; }

    /// <summary>The number of epochs after which training stops as if canceled; null for all.</summary>
    public int? PauseAfter { get; init; }

    /// <summary>Trains; a resumed run goes on after its last checkpoint.</summary>
    /// <param name="model">The model, compiled for the first phase.</param>
    /// <param name="train">The training batches.</param>
    /// <param name="validation">The images to validate on.</param>
    /// <param name="isResumed"><see langword="true"/> if the run was begun by another process.</param>
    /// <param name="prepare">Computes the features of a phase; <see langword="false"/> if that was canceled.</param>
    /// <param name="cancellation">Ends the training after the step at hand.</param>
    public History Run(
        Model model,
        IBatchSource train,
        DataLoader validation,
        bool isResumed,
        Func<FeaturePhase, CancellationToken, bool> prepare,
        CancellationToken cancellation
    )
    {
        Begin(isResumed);
        List<EpochLog> epochs = [];
        foreach (TrainingPhase phase in phases)
        {
            int begin = epochs.Count;
            if (phase.Index > 0)
            {
                Unfreeze(model, phase);
            }
            FeaturePhase? head = phase.Index == 0 ? features : featuresOf(model);
            bool isPassed = isResumed && folder is not null && RunCheckpoints.HasPassed(phases, phase.Index, folder);
            if (isPassed)
            {
                head?.Restore(folder!);
            }
            else if (head is not null && !prepare(head, cancellation))
            {
                return new History(epochs, true);
            }
            Trained = head?.Head ?? model;
            Compile(Trained, settings, phase, begin, train.Count, whole: model);
            Checkpoints = folder is null
                ? null
                : new RunCheckpoints(folder, settings, phase, begin + phase.Epochs, info.ToJson(), observer);
            // What is done already, in a run that goes on, comes from the phase's own last checkpoint.
            int end = begin + phase.Epochs;
            History history = Trained.Fit(
                head?.Train ?? train,
                Math.Min(end, PauseAfter ?? end),
                head?.Validation ?? validation,
                callbacks: Callbacks(phase),
                initialEpoch: begin,
                verbose: 0,
                cancellation: cancellation
            );
            head?.Finish();
            epochs.AddRange(history.Epochs);
            if (history.Cancelled || PauseAfter <= end)
            {
                return new History(epochs, true);
            }
        }
        return new History(epochs, false);
    }

    private void Begin(bool isResumed)
    {
        if (folder is null)
        {
            return;
        }
        bool begins = RunCheckpoints.IsEmpty(folder);
        if (begins && isResumed)
        {
            observer.OnMessage("there is no checkpoint yet: from the beginning");
        }
        if (begins || !isResumed)
        {
            _history!.Write();
        }
    }

    // Callbacks that act on values are the same on all ranks; one rank writes files.
    private Callback[] Callbacks(TrainingPhase phase) =>
        Checkpoints is null
            ? [.. phase.Recipe.NewCallbacks(), .. Stopping(phase), observer]
            : [.. phase.Recipe.NewCallbacks(), .. Stopping(phase), _history!, observer, Checkpoints.Callback];

    // Before the file of the history, so that a phase ends with its best weights when its checkpoints are complete.
    private IEnumerable<EarlyStopping> Stopping(TrainingPhase phase)
    {
        if (phase.Patience is { } patience)
        {
            yield return new EarlyStopping(
                patience: patience,
                restoreBestWeights: true,
                bestWeightsPath: folder?.BestWeights(phase.Index)
            );
        }
    }

    /// <summary>Compiles a model for a phase.</summary>
    /// <param name="model">The model that the phase trains.</param>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="phase">The phase.</param>
    /// <param name="begin">Its first epoch, from 0.</param>
    /// <param name="images">The number of training images.</param>
    /// <param name="whole">The whole model.</param>
    // A recipe's rule may be for weights that only the whole model has; one that is for no weights at all is a mistake.
    public static void Compile(
        Model model,
        TrainSettings settings,
        TrainingPhase phase,
        int begin,
        int images,
        Model whole
    )
    {
        CompiledModel compiled = model.Compile(
            phase.Recipe.NewOptimizer(
                images,
                rule => model.Weights.Any(rule.Matches) || !whole.Weights.Any(rule.Matches)
            ),
            phase.Recipe.NewLoss(model),
            ["accuracy"],
            // Dropout's masks count steps, which begin anew.
            settings.Options.Seed + begin,
            settings.Options.Recompute,
            settings.Recipe.StatisticsImages,
            validationLoss: RecipeBinding.NewValidationLoss(model),
            device: settings.Device,
            precision: settings.Precision
        );
        if (settings.Ranks is { } ranks)
        {
            compiled.Distribution = new Distribution(ranks)
            {
                SynchronizesBatchNormalization = settings.Options.SynchronizeBatchNormalization,
                GradientPrecision = settings.Options.GradientPrecision,
            };
        }
    }

    private void Unfreeze(Model model, TrainingPhase phase)
    {
        IReadOnlyList<Layer> layers = phase.Stage is { } stage ? TrunkStages.Unfreeze(stage) : model.Unfreeze();
        observer.OnMessage(
            FormattableString.Invariant(
                $"unfrozen: {string.Join(", ", layers.Select(l => l.Name))}; learning rate {phase.Recipe.LearningRate}"
            )
        );
    }
}
