using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// A model with an optimizer, a loss and metrics: its plans, step count and optimizer state. <c>model.Compile(…)</c>
/// creates it. Disposing frees the plans and the optimizer's state; the model keeps its weights.
/// </summary>
/// <remarks>
/// Thread-safe. One thread at a time trains a model; another gets an <see cref="InvalidOperationException"/>.
/// Evaluations, predictions, and reads and writes of weights and state on other threads run between two training steps.
/// Disposing, which compiling the model again also does, waits for the current step; a <c>Fit</c> that has more to do
/// then ends with an <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed partial class CompiledModel : IDisposable
{
    private readonly long _seed;
    private readonly WeightUpdates _updates;
    private readonly FiniteGuard? _guard;
    private readonly TrainingSteps _steps;
    private readonly TrainingTurn _turn;

    // Held for each step, evaluated batch, and read or write of the state; locks of weights are taken after it.
    private readonly Lock _gate = new();
    private bool _disposed;
    private StatisticsPass? _estimation;
    private RankSteps? _ranks;
    private CustomStepRunner? _custom;
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
        _guard = Backends.For(device).ReadsLate ? new FiniteGuard(device) : null;
        _updates = new WeightUpdates(model.Weights, model.Name, optimizer, device, _guard) { Seed = seed };
        _steps = new TrainingSteps(this, _updates, _guard);
        _turn = new TrainingTurn(model.Name);
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The optimizer; its learning rate may be changed between steps.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The metrics.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The loss; for several outputs, that of the first output that has one.</summary>
    /// <exception cref="InvalidOperationException">The model was compiled with a step that has losses of its own.</exception>
    public Loss Loss => FirstLoss(Objective);

    /// <summary>The losses of the outputs that have one, in the order of their targets.</summary>
    public IReadOnlyList<Loss> Losses => [.. Objective.Parts.Select(p => p.Loss)];

    /// <summary>The loss that <c>Fit</c> reports as <c>val_loss</c>. Default: <see cref="Loss"/>.</summary>
    /// <exception cref="InvalidOperationException">The model was compiled with a step that has losses of its own.</exception>
    public Loss ValidationLoss => FirstLoss(Validation);

    /// <summary>The losses that training minimizes.</summary>
    internal Objective Objective { get; }

    /// <summary>The losses that validation reports.</summary>
    internal Objective Validation { get; init; }

    /// <summary>The metrics, each with its output.</summary>
    internal IReadOnlyList<OutputMetric> OutputMetrics { get; }

    /// <summary>The device that trains and evaluates.</summary>
    public Device Device { get; }

    /// <summary>The precision in which training and evaluation compute.</summary>
    public ComputePrecision Precision { get; internal init; }

    /// <summary>
    /// <see langword="true"/> if activations are recomputed for the backward pass instead of kept: less memory, more
    /// time, the same bits. The points of recomputation are chosen for the size of the first batch.
    /// </summary>
    public bool Recompute { get; }

    /// <summary>
    /// The number of training samples for estimating batch normalization's statistics after each epoch of Fit; 0 for
    /// Keras's moving averages only.
    /// </summary>
    /// <remarks>
    /// With an estimate, the statistics match the weights that validation, <see cref="Callback.OnEpochEnd"/> and a
    /// saved model use (the averaged ones with <see cref="Optimizer.EmaMomentum"/>), after any number of steps.
    /// Training itself does not read them, so trained weights are bitwise equal with and without an estimate.
    /// </remarks>
    public int StatisticsSamples { get; }

    /// <summary>
    /// The ranks that train together; <see langword="null"/> for this process alone. Set it before <c>Fit</c>.
    /// </summary>
    public Distribution? Distribution
    {
        get => _ranks?.Distribution;
        set
        {
            using Lock.Scope gate = EnterGate();
            RequireNotBoth(_custom is not null, value is not null);
            _ranks?.Dispose();
            _ranks = value is { Communicator.Size: > 1 } ? new RankSteps(value) : null;
        }
    }

    /// <summary>
    /// The step that <c>Fit</c> and <c>TrainOnBatch</c> run instead of the compiled one; <see langword="null"/> for that.
    /// Set it once, before training. This object disposes it.
    /// </summary>
    /// <exception cref="InvalidOperationException">A step is set already.</exception>
    /// <exception cref="LaminaException">The step trains weights of another model, or several processes train.</exception>
    public TrainStep? CustomStep
    {
        get => _custom?.Step;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            using Lock.Scope gate = EnterGate();
            if (_custom is not null)
            {
                throw new InvalidOperationException(
                    $"{Model.Name} has the step {_custom.Step.GetType().Name} already. Compile again for another."
                );
            }
            RequireNotBoth(hasStep: true, _ranks is not null);
            _custom = new CustomStepRunner(this, value);
        }
    }

    /// <summary>The runner of <see cref="CustomStep"/>.</summary>
    internal CustomStepRunner? Custom => _custom;

    /// <summary>Counts a step that did not run the compiled one.</summary>
    internal void CountStep() => _updates.Steps++;

    /// <summary>Throws if a callback cannot set the learning rate.</summary>
    /// <exception cref="LaminaException">The optimizer has a schedule, or there are several optimizers.</exception>
    internal void RequireSettableRate(string callback)
    {
        if (_custom is { Step.Minimizers.Count: > 1 } custom)
        {
            throw new LaminaException(
                $"{callback} sets the learning rate of one optimizer; {custom.Step.GetType().Name} has {custom.Step.Minimizers.Count}. Give each a schedule instead."
            );
        }
        Optimizer.RequireSettableRate(callback);
    }

    private Loss FirstLoss(Objective objective) =>
        objective.Parts is [{ Loss: { } loss }, ..]
            ? loss
            : throw new InvalidOperationException($"{Model.Name} was compiled with a step that has losses of its own.");

    private void RequireNotBoth(bool hasStep, bool isDistributed)
    {
        if (hasStep && isDistributed)
        {
            throw new LaminaException(
                $"{Model.Name}: a step of a program's own runs in one process. Leave out the distribution, or the step."
            );
        }
    }

    /// <summary>The exchange of steps with other ranks; <see langword="null"/> if there are none.</summary>
    internal RankSteps? Ranks => _ranks;

    /// <summary>The seed of dropout.</summary>
    internal long Seed => _seed;

    /// <summary>The number of training steps so far, one per batch.</summary>
    public long Step => _updates.Steps;

    /// <summary>
    /// The number of weight updates so far: <see cref="Step"/>, divided by
    /// <see cref="Optimizer.GradientAccumulationSteps"/>. Schedules and Adam's bias correction count these.
    /// </summary>
    public long Updates => _updates.Updates;

    /// <summary>
    /// <see langword="true"/> if the model holds the moving averages of its trained weights
    /// (<see cref="Optimizer.EmaMomentum"/>), and the optimizer's state the weights themselves.
    /// </summary>
    public bool AveragesIn => _updates.AveragesIn || _custom is { AveragesIn: true };

    private bool HasAverages => Optimizer.EmaMomentum is not null || _custom is { HasAverages: true };

    /// <summary>
    /// Exchanges the trained weights with their averages by swapping pointers. A training step puts the weights back.
    /// Fit puts the averages in after each epoch's last step, so that validation and <see cref="Callback.OnEpochEnd"/>
    /// see them, and leaves them in when it ends, is stopped or is canceled (except after an exception). Nothing is
    /// lost: the state records which are in, and training that continues, here or from a checkpoint of model and state,
    /// does so from the weights, exactly as without an interruption. Moving statistics of batch normalization are not
    /// trained weights and do not change. Values that are set while the averages are in replace the averages; to train
    /// from them, compile again.
    /// </summary>
    /// <exception cref="InvalidOperationException">The optimizer keeps no averages.</exception>
    /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
    public void SwapAverages()
    {
        using Lock.Scope gate = EnterGate();
        if (!HasAverages)
        {
            throw new InvalidOperationException(
                $"{Optimizer.Name} keeps no averages of the weights. Set its EmaMomentum."
            );
        }
        using WeightLocks.Held held = new WeightLocks(Model.Weights).Take();
        if (_updates.KeepsAverages && Objective.Parts.Count > 0)
        {
            _updates.SwapAverages();
        }
        _custom?.SwapAverages();
    }

    /// <summary>
    /// <see langword="true"/> to end Fit after the current step or epoch, like Keras's <c>stop_training</c>. Callbacks
    /// set it; Fit clears it when it begins.
    /// </summary>
    public bool StopTraining { get; set; }

    /// <summary>
    /// Called with the step and its loss if that is not finite, and then training stops; <see langword="null"/> to
    /// throw.
    /// </summary>
    internal Action<long, double>? NonFiniteLoss { get; set; }

    /// <summary>The observer of the parts of training steps; <see langword="null"/> except in profiles.</summary>
    internal IPlanObserver? Observer { get; set; }

    /// <summary>The update rules of the device.</summary>
    internal UpdateKernels UpdateKernels => _updates.Kernels;

    /// <summary>The number of tensors that are kept for each trained weight.</summary>
    internal int SlotCount => _updates.SlotNames.Count;

    /// <summary>Creates the store of the weights that training steps change besides the trained ones.</summary>
    internal MovedStatistics NewStatistics(Batch batch)
    {
        using Lock.Scope gate = EnterGate();
        return new MovedStatistics(_steps.PlanFor(batch));
    }

    /// <summary>Returns the memory of a training step, as the plan computes it.</summary>
    internal MemoryUse MemoryAt(Batch batch)
    {
        using Lock.Scope gate = EnterGate();
        return WeightUpdates.MemoryOf(_steps.PlanFor(batch).Program, batch.Inputs[0].Count, Optimizer);
    }

    /// <summary>
    /// Reserves training for this thread until the result is disposed. The thread that holds it may reserve it again.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another thread trains the model.</exception>
    /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
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

    /// <summary>Puts the averages in, if there are any.</summary>
    internal void UseAverages()
    {
        if (HasAverages && !AveragesIn)
        {
            SwapAverages();
        }
    }

    /// <summary>
    /// Returns all state that the optimizer needs to continue exactly. It contains the step count as <c>iterations</c>,
    /// the learning rate unless a schedule sets it, each weight's tensors as <c>path/slot</c> in the weight's public
    /// layout (including accumulated gradients and averages), and whether weights or averages are in the model.
    /// </summary>
    /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
    public IReadOnlyDictionary<string, NDArray> GetOptimizerState()
    {
        using Lock.Scope gate = EnterGate();
        Dictionary<string, NDArray> state = OptimizerState.Write(Model, Optimizer, _updates);
        _custom?.WriteState(state);
        return state;
    }

    /// <summary>
    /// Restores a state that <see cref="GetOptimizerState"/> returned; the model's weights must be those of the same
    /// moment.
    /// </summary>
    /// <exception cref="LaminaException">The state belongs to another model or optimizer.</exception>
    /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
    public void SetOptimizerState(IReadOnlyDictionary<string, NDArray> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using Lock.Scope gate = EnterGate();
        using WeightLocks.Held held = new WeightLocks(Model.Weights).Take();
        OptimizerState.Read(
            _custom?.ReadState(state) ?? state,
            Model,
            Optimizer,
            _updates,
            () =>
                Objective.Parts.Count == 0
                    ? null
                    : new Plan(Model.Inputs, Objective.Outputs, training: true, Device, Precision)
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Set first, so that the training thread does not begin one step after another while this waits.
        Volatile.Write(ref _disposed, true);
        using Lock.Scope gate = _gate.EnterScope();
        _steps.Dispose();
        _estimation?.Dispose();
        _ranks?.Dispose();
        _custom?.Dispose();
        foreach ((Plan plan, _) in _evaluations.Values)
        {
            plan.Dispose();
        }
        _updates.Dispose();
        _guard?.Dispose();
    }
}
