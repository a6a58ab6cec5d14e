using System.Diagnostics;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// A model with an optimizer, a loss and metrics: its plans, its step count, its optimizer's state. Made by
/// <c>model.Compile(…)</c>. Disposing frees the plans and the optimizer's state; the weights stay the model's.
/// </summary>
/// <remarks>
/// Safe to use from several threads. One thread at a time trains a model; another gets an
/// <see cref="InvalidOperationException"/>. Evaluations, predictions, and reads and writes of weights and state on other
/// threads are done between two training steps. Disposing, which compiling the model again does too, waits for the step at
/// hand; a <c>Fit</c> that has more to do then ends with an <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class CompiledModel : IDisposable
{
    private readonly long _seed;
    private readonly WeightUpdates _updates;
    private readonly TrainingTurn _turn;

    // Held for each step, evaluated batch, and read or write of the state; locks of weights are taken after it.
    private readonly Lock _gate = new();
    private bool _disposed;
    private Plan? _training;
    private BoundObjective? _bound;
    private string? _boundKey;
    private MovedStatistics? _statistics;
    private StatisticsPass? _estimation;
    private readonly Dictionary<(Objective, string), (Plan Plan, BoundObjective Bound)> _evaluations = [];

    internal CompiledModel(
        Model model,
        Optimizer optimizer,
        Objective objective,
        IReadOnlyList<OutputMetric> metrics,
        long seed,
        Device device,
        bool recompute = false,
        int statisticsSamples = 0
    )
    {
        (Model, Optimizer, Objective, OutputMetrics, _seed) = (model, optimizer, objective, metrics, seed);
        Metrics = [.. metrics.Select(m => m.Metric)];
        Validation = objective;
        Device = device;
        Recompute = recompute;
        StatisticsSamples = statisticsSamples;
        _updates = new WeightUpdates(model, optimizer);
        _turn = new TrainingTurn(model.Name);
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The optimizer; its rate may be changed between steps.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The metrics.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The loss; of several outputs, the first one's that has a loss.</summary>
    public Loss Loss => Objective.Parts[0].Loss;

    /// <summary>The losses of the outputs that have one, in the order of their targets.</summary>
    public IReadOnlyList<Loss> Losses => [.. Objective.Parts.Select(p => p.Loss)];

    /// <summary>The loss that <c>Fit</c> reports as <c>val_loss</c>. Default: <see cref="Loss"/>.</summary>
    public Loss ValidationLoss => Validation.Parts[0].Loss;

    /// <summary>What training minimizes.</summary>
    internal Objective Objective { get; }

    /// <summary>What validation reports.</summary>
    internal Objective Validation { get; init; }

    /// <summary>The metrics with the outputs that they are of.</summary>
    internal IReadOnlyList<OutputMetric> OutputMetrics { get; }

    /// <summary>The device that trains and evaluates.</summary>
    public Device Device { get; }

    /// <summary>
    /// Whether activations are computed again for backward instead of kept: less memory, more time, the same bits. Where
    /// that begins anew is chosen for the first batch's size.
    /// </summary>
    public bool Recompute { get; }

    /// <summary>
    /// How many training samples batch normalization's statistics are estimated from after each epoch of Fit; 0 for Keras's
    /// moving averages alone.
    /// </summary>
    /// <remarks>
    /// With an estimate, the statistics are those of the weights that validation, <see cref="Callback.OnEpochEnd"/> and a saved
    /// model have (the averaged ones with <see cref="Optimizer.EmaMomentum"/>), after any number of steps. Training itself
    /// does not read them, so trained weights are the same to the bit with and without.
    /// </remarks>
    public int StatisticsSamples { get; }

    /// <summary>What dropout depends on.</summary>
    internal long Seed => _seed;

    /// <summary>How many training steps were taken: batches that were trained on.</summary>
    public long Step => _updates.Steps;

    /// <summary>
    /// How many times the weights were moved: <see cref="Step"/>, divided by
    /// <see cref="Optimizer.GradientAccumulationSteps"/>. Schedules and Adam's correction count these.
    /// </summary>
    public long Updates => _updates.Updates;

    /// <summary>
    /// Whether the model holds the moving averages of its trained weights (<see cref="Optimizer.EmaMomentum"/>), and the
    /// optimizer's state the weights themselves.
    /// </summary>
    public bool AveragesIn => _updates.AveragesIn;

    /// <summary>
    /// Exchanges the trained weights with their averages; pointers move, no values. A training step puts the weights back
    /// in by itself. Fit puts the averages in after each epoch's last step, so that validation and
    /// <see cref="Callback.OnEpochEnd"/> see them, and leaves them in however it ends, stopped or cancelled included (an
    /// exception apart). Nothing is lost by it: the state says which are in, and training that goes on, here or from a
    /// checkpoint of model and state, does so from the weights, exactly as if it had not been interrupted. Moving statistics
    /// of batch normalisation are no trained weights and stay. Values that are set while the averages are in replace these;
    /// to train from them, compile again.
    /// </summary>
    /// <exception cref="InvalidOperationException">The optimizer keeps no averages.</exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public void SwapAverages()
    {
        using Lock.Scope gate = EnterGate();
        if (Optimizer.EmaMomentum is null)
        {
            throw new InvalidOperationException(
                $"{Optimizer.Name} keeps no averages of the weights. Set its EmaMomentum."
            );
        }
        using WeightLocks.Held held = new WeightLocks(Model.Weights).Take();
        _updates.SwapAverages();
    }

    /// <summary>
    /// Whether Fit is to end after the step or epoch at hand: Keras's <c>stop_training</c>. Callbacks set it; Fit clears it
    /// when it begins.
    /// </summary>
    public bool StopTraining { get; set; }

    /// <summary>
    /// Is told the step and its loss when that is not finite, and then training stops; <see langword="null"/> to throw.
    /// </summary>
    internal Action<long, double>? NonFiniteLoss { get; set; }

    /// <summary>Who is told of the parts of training steps; <see langword="null"/> in all runs but profiles.</summary>
    internal IPlanObserver? Observer { get; set; }

    /// <summary>How many tensors are kept for each trained weight.</summary>
    internal int SlotCount => _updates.SlotNames.Count;

    /// <summary>Creates what keeps the weights that training steps move beside the trained ones.</summary>
    internal MovedStatistics NewStatistics(Batch batch)
    {
        using Lock.Scope gate = EnterGate();
        return new MovedStatistics(TrainingPlan(batch));
    }

    /// <summary>Returns the memory of a training step, as the plan computes it.</summary>
    internal MemoryUse MemoryAt(Batch batch)
    {
        using Lock.Scope gate = EnterGate();
        return WeightUpdates.MemoryOf(TrainingPlan(batch).Program, batch.Inputs[0].Count, Optimizer);
    }

    /// <summary>Takes the turn to train until the result is disposed. The thread that has it may take it again.</summary>
    /// <exception cref="InvalidOperationException">Another thread has it.</exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    internal IDisposable BeginTraining()
    {
        ThrowIfDisposed();
        return _turn.Take();
    }

    private Lock.Scope EnterGate()
    {
        Lock.Scope scope = _gate.EnterScope();
        try
        {
            ThrowIfDisposed();
            return scope;
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    private void ThrowIfDisposed()
    {
        if (Volatile.Read(ref _disposed))
        {
            throw new ObjectDisposedException(
                null,
                $"{Model.Name}: what Compile returned is disposed, or the model has been compiled again. Call Compile before "
                    + "training, evaluating, or reading the optimizer's state."
            );
        }
    }

    /// <summary>Returns the plan of training for a batch; a new one if its targets have another shape than those before.</summary>
    private Plan TrainingPlan(Batch batch)
    {
        string key = Objective.KeyOf(batch);
        if (_training is not null && key == _boundKey)
        {
            return _training;
        }
        _statistics?.Dispose();
        _training?.Dispose();
        (_statistics, _training) = (null, null);
        (_bound, _boundKey) = (Objective.Bind(batch), key);
        var graph = new OpGraph(_bound.Inputs, _bound.Targets);
        PlanProgram program = Recompute
            ? PlanSegments.Choose(graph, batch.Inputs[0].Count, Device)
            : new PlanProgram(graph, training: true, Device);
        var plan = new Plan(program) { Observer = Observer };
        // What lives as long as the training comes first, so that it lies beside what comes and goes and not amid it.
        plan.TakeParameters();
        _updates.Reserve(plan.Trained);
        return _training = plan;
    }

    /// <summary>Takes one training step.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="metrics">Metrics to update.</param>
    /// <returns>The loss before the step.</returns>
    internal BatchLoss TrainStep(Batch batch, IReadOnlyList<OutputMetric> metrics)
    {
        using Lock.Scope gate = EnterGate();
        Plan plan = TrainingPlan(batch);
        // From forward to the last update the weights are this step's.
        using WeightLocks.Held held = plan.Locks.Take();
        _statistics ??= new MovedStatistics(plan);
        if (AveragesIn)
        {
            SwapAverages();
        }
        var step = new StepContext(true, _seed, Step);
        long started = Now();
        Tensor[] inputs = _bound!.Feed(batch, Device);
        Observer?.Did(StepPart.Feed, started);
        List<Tensor?> gradients = [];
        try
        {
            _statistics.Keep();
            BatchLoss loss = Run(plan, _bound, step, inputs, batch, metrics, gradients);
            if (!double.IsFinite(loss.Total))
            {
                Feed.Free(gradients.OfType<Tensor>());
                _statistics.GiveBack();
                if (NonFiniteLoss is { } tell)
                {
                    plan.Dispose();
                    StopTraining = true;
                    tell(Step, loss.Total);
                    return loss;
                }
                throw new LossException(loss.Total, Step);
            }
            _updates.Begin();
            plan.Backward(step, gradients, _updates.Apply);
            _updates.End();
            return loss;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    /// <summary>Estimates batch normalization's statistics anew for the weights that the model holds, if that was asked for.</summary>
    /// <param name="train">The training data.</param>
    /// <param name="epoch">The epoch whose first batches are read.</param>
    /// <param name="cancellation">Ends it; the statistics are then what they were.</param>
    /// <returns><see langword="true"/> unless it was cancelled.</returns>
    internal bool EstimateStatistics(IBatchSource train, int epoch, CancellationToken cancellation)
    {
        if (StatisticsSamples == 0)
        {
            return true;
        }
        using Lock.Scope gate = EnterGate();
        _estimation ??= StatisticsPass.Of(Model, Device);
        return _estimation?.Run(train, epoch, StatisticsSamples, _seed, Step, cancellation) ?? true;
    }

    /// <summary>Evaluates one batch.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="metrics">Metrics to update.</param>
    /// <param name="objective">The compiled losses, or those of validation.</param>
    /// <returns>The loss.</returns>
    internal BatchLoss TestStep(Batch batch, IReadOnlyList<OutputMetric> metrics, Objective objective)
    {
        using Lock.Scope gate = EnterGate();
        (Objective, string) key = (objective, objective.KeyOf(batch));
        if (!_evaluations.TryGetValue(key, out (Plan Plan, BoundObjective Bound) evaluation))
        {
            BoundObjective bound = objective.Bind(batch);
            evaluation = (new Plan(bound.Inputs, bound.Targets, training: false, Device), bound);
            _evaluations[key] = evaluation;
        }
        Tensor[] inputs = evaluation.Bound.Feed(batch, Device);
        return Run(
            evaluation.Plan,
            evaluation.Bound,
            new StepContext(false, _seed, Step),
            inputs,
            batch,
            metrics,
            null
        );
    }

    private BatchLoss Run(
        Plan plan,
        BoundObjective bound,
        StepContext step,
        Tensor[] inputs,
        Batch batch,
        IReadOnlyList<OutputMetric> metrics,
        List<Tensor?>? gradients
    )
    {
        Tensor[] results = plan.Forward(step, inputs, takesInputs: true);
        try
        {
            long started = Now();
            BatchLoss loss = bound.Compute(results, batch, metrics, gradients);
            Observer?.Did(StepPart.Loss, started);
            return loss;
        }
        finally
        {
            Feed.Free(results);
        }
    }

    private long Now() => Observer is null ? 0 : Stopwatch.GetTimestamp();

    /// <summary>Puts the averages in, if there are any.</summary>
    internal void UseAverages()
    {
        if (Optimizer.EmaMomentum is not null && !AveragesIn)
        {
            SwapAverages();
        }
    }

    /// <summary>
    /// All that the optimizer needs to go on exactly: the step count as <c>iterations</c>, the learning rate where no schedule
    /// gives it, each weight's tensors as <c>path/slot</c> in the weight's public layout (what is accumulated and averaged
    /// too), and which of weights and averages are in the model.
    /// </summary>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public IReadOnlyDictionary<string, NDArray> GetOptimizerState()
    {
        using Lock.Scope gate = EnterGate();
        return OptimizerState.Write(Model, Optimizer, _updates);
    }

    /// <summary>
    /// Goes on from a state that <see cref="GetOptimizerState"/> gave; the model's weights must be those of the same moment.
    /// </summary>
    /// <exception cref="LaminaException">The state is of another model or optimizer.</exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public void SetOptimizerState(IReadOnlyDictionary<string, NDArray> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using Lock.Scope gate = EnterGate();
        using WeightLocks.Held held = new WeightLocks(Model.Weights).Take();
        OptimizerState.Read(
            state,
            Model,
            Optimizer,
            _updates,
            () => new Plan(Model.Inputs, Objective.Heads, training: true, Device)
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Said first, so that the training thread does not begin one step after another while this waits.
        Volatile.Write(ref _disposed, true);
        using Lock.Scope gate = _gate.EnterScope();
        _training?.Dispose();
        _statistics?.Dispose();
        _estimation?.Dispose();
        foreach ((Plan plan, _) in _evaluations.Values)
        {
            plan.Dispose();
        }
        _updates.Dispose();
    }
}
