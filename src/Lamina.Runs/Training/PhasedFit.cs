using Lamina.Runs.Folder;

namespace Lamina.Runs.Training;

/// <summary>Fits a model phase by phase, writing history and checkpoints to the run folder.</summary>
/// <param name="settings">The settings of the run.</param>
/// <param name="folder">The run folder.</param>
/// <param name="info">What a checkpoint keeps, so that it can be evaluated like the saved model.</param>
/// <param name="observer">The observer that is told of steps and epochs.</param>
/// <param name="features">The first phase, if it is trained on features.</param>
internal sealed class PhasedFit(
    TrainSettings settings,
    RunFolder folder,
    RunInfo info,
    RunObserver observer,
    FeaturePhase? features
)
{
    private readonly IReadOnlyList<TrainingPhase> _phases = TrainingPhase.Of(settings);
    private readonly HistoryFile _history = new(folder.History);

    /// <summary>The learning rate of the last step of each epoch, from 1.</summary>
    public IReadOnlyDictionary<int, double> LearningRates => _history.LearningRates;

    /// <summary>The checkpoints of the phase at hand; null before the first.</summary>
    public RunCheckpoints? Checkpoints { get; private set; }

    /// <summary>Trains; a resumed run goes on after its last checkpoint.</summary>
    /// <param name="model">The model, compiled for the first phase.</param>
    /// <param name="train">The training batches.</param>
    /// <param name="validation">The images to validate on.</param>
    /// <param name="isResumed"><see langword="true"/> if the run was begun by another process.</param>
    /// <param name="cancellation">Ends the training after the step at hand.</param>
    public History Run(
        Model model,
        IBatchSource train,
        DataLoader validation,
        bool isResumed,
        CancellationToken cancellation
    )
    {
        bool begins = RunCheckpoints.IsEmpty(folder);
        if (begins && isResumed)
        {
            observer.OnMessage("there is no checkpoint yet: from the beginning");
        }
        if (begins || !isResumed)
        {
            _history.Write();
        }
        List<EpochLog> epochs = [];
        foreach (TrainingPhase phase in _phases)
        {
            if (phase.Begin > 0)
            {
                Thaw(model, phase, train.Count);
            }
            Checkpoints = new RunCheckpoints(folder, settings, phase, info.ToJson(), observer);
            // What is done already, in a run that goes on, comes from the phase's own last checkpoint.
            FeaturePhase? head = phase.Begin == 0 ? features : null;
            History history = (head?.Head ?? model).Fit(
                head?.Train ?? train,
                phase.End,
                head?.Validation ?? validation,
                callbacks: [.. phase.Recipe.NewCallbacks(), _history, observer, Checkpoints.Callback],
                initialEpoch: phase.Begin,
                verbose: 0,
                cancellation: cancellation
            );
            head?.Finish();
            epochs.AddRange(history.Epochs);
            if (history.Cancelled)
            {
                return new History(epochs, true);
            }
        }
        return new History(epochs, false);
    }

    /// <summary>Compiles a model for the first phase.</summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="images">The number of training images.</param>
    /// <param name="features">The first phase, if it is trained on features: its head is compiled then.</param>
    /// <returns>The model that the first phase trains.</returns>
    public static Model Compile(Model model, TrainSettings settings, int images, FeaturePhase? features)
    {
        Model first = features?.Head ?? model;
        Compile(first, settings, TrainingPhase.Of(settings)[0], images, whole: model);
        return first;
    }

    private void Thaw(Model model, TrainingPhase phase, int images)
    {
        IReadOnlyList<Layer> layers = model.Unfreeze();
        Compile(model, settings, phase, images, whole: model);
        observer.OnMessage(
            FormattableString.Invariant(
                $"unfrozen: {string.Join(", ", layers.Select(l => l.Name))}; learning rate {phase.Recipe.LearningRate}"
            )
        );
    }

    // A recipe's rule may be for weights that only the whole model has; one that is for no weights at all is a mistake.
    private static void Compile(Model model, TrainSettings settings, TrainingPhase phase, int images, Model whole) =>
        model.Compile(
            phase.Recipe.NewOptimizer(
                images,
                rule => model.Weights.Any(rule.Matches) || !whole.Weights.Any(rule.Matches)
            ),
            phase.Recipe.NewLoss(model),
            ["accuracy"],
            // Dropout's masks count steps, which begin anew.
            settings.Options.Seed + phase.Begin,
            settings.Options.Recompute,
            settings.Recipe.StatisticsImages,
            validationLoss: RecipeBinding.NewValidationLoss(model),
            device: settings.Device,
            precision: settings.Precision
        );
}
