using System.Diagnostics;
using Lamina.Torch;

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
    private readonly Loss _loss;
    private readonly long _seed;
    private readonly Symbol _head;
    private readonly WeightUpdates _updates;
    private readonly TrainingTurn _turn;

    // Held for each step, evaluated batch, and read or write of the state; locks of weights are taken after it.
    private readonly Lock _gate = new();
    private bool _disposed;
    private Plan? _training;
    private MovedStatistics? _statistics;
    private StatisticsPass? _estimation;
    private readonly Dictionary<OpNode, Plan> _evaluations = [];
    private float[] _scores = [];

    internal CompiledModel(
        Model model,
        Optimizer optimizer,
        Loss loss,
        IReadOnlyList<Metric> metrics,
        long seed,
        bool recompute = false,
        int statisticsSamples = 0
    )
    {
        if (model.Outputs is not [var output])
        {
            throw new LaminaException(
                $"{model.Name} has {model.Outputs.Count} outputs; training takes models with one."
            );
        }
        (Model, Optimizer, _loss, Metrics, _seed) = (model, optimizer, loss, metrics, seed);
        ValidationLoss = loss;
        Recompute = recompute;
        StatisticsSamples = statisticsSamples;
        _head = HeadOf(output, loss);
        _updates = new WeightUpdates(model, optimizer);
        _turn = new TrainingTurn(model.Name);
    }

    /// <summary>
    /// What training computes: a final softmax is left out, since the loss works from its logits, which is exact and stable.
    /// </summary>
    internal static Symbol HeadOf(Symbol output, Loss loss) => loss.PrefersLogits ? LogitsHead.Of(output) : output;

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The optimizer; its rate may be changed between steps.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The metrics.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The loss.</summary>
    public Loss Loss => _loss;

    /// <summary>The loss that <c>Fit</c> reports as <c>val_loss</c>. Default: <see cref="Loss"/>.</summary>
    public Loss ValidationLoss { get; internal init; }

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

    /// <summary>What keeps the weights that training steps move beside the trained ones.</summary>
    internal MovedStatistics NewStatistics(int batch)
    {
        using Lock.Scope gate = EnterGate();
        _training ??= NewTrainingPlan(batch);
        return new MovedStatistics(_training);
    }

    /// <summary>The memory of a training step, as the plan computes it.</summary>
    internal MemoryUse MemoryAt(int batch)
    {
        using Lock.Scope gate = EnterGate();
        return WeightUpdates.MemoryOf((_training ??= NewTrainingPlan(batch)).Program, batch, Optimizer);
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

    private Plan NewTrainingPlan(int batch)
    {
        var graph = new OpGraph(Model.Inputs, [_head]);
        PlanProgram program = Recompute ? PlanSegments.Choose(graph, batch) : new PlanProgram(graph, training: true);
        var plan = new Plan(program, default) { Observer = Observer };
        // What lives as long as the training comes first, so that it lies beside what comes and goes and not amid it.
        plan.TakeParameters();
        _updates.Reserve(plan.Trained);
        return plan;
    }

    /// <summary>Takes one training step.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="metrics">Metrics to update.</param>
    /// <returns>The loss before the step.</returns>
    internal double TrainStep(Batch batch, IReadOnlyList<Metric> metrics)
    {
        using Lock.Scope gate = EnterGate();
        _training ??= NewTrainingPlan(batch.Inputs[0].Count);
        // From forward to the last update the weights are this step's.
        using WeightLocks.Held held = _training.Locks.Take();
        _statistics ??= new MovedStatistics(_training);
        if (AveragesIn)
        {
            SwapAverages();
        }
        var step = new StepContext(true, _seed, Step);
        long started = Now();
        Tensor[] inputs = Feed.ToTensors(Model, batch.Inputs);
        Observer?.Did(StepPart.Feed, started);
        try
        {
            _statistics.Keep();
            double loss = Run(_training, step, inputs, batch, metrics, _loss, out Tensor? gradient, wantGradient: true);
            if (!double.IsFinite(loss))
            {
                gradient!.Dispose();
                _statistics.GiveBack();
                if (NonFiniteLoss is { } tell)
                {
                    _training.Dispose();
                    StopTraining = true;
                    tell(Step, loss);
                    return loss;
                }
                throw new LossException(loss, Step);
            }
            _updates.Begin();
            _training.Backward(step, [gradient!], _updates.Apply);
            _updates.End();
            return loss;
        }
        catch
        {
            _training.Dispose();
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
        _estimation ??= StatisticsPass.Of(Model);
        return _estimation?.Run(train, epoch, StatisticsSamples, _seed, Step, cancellation) ?? true;
    }

    /// <summary>Evaluates one batch.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="metrics">Metrics to update.</param>
    /// <param name="loss">The compiled loss, or the one of validation.</param>
    /// <returns>The loss.</returns>
    internal double TestStep(Batch batch, IReadOnlyList<Metric> metrics, Loss loss)
    {
        using Lock.Scope gate = EnterGate();
        Symbol head = HeadOf(Model.Outputs[0], loss);
        if (!_evaluations.TryGetValue(head.Producer, out Plan? plan))
        {
            plan = new Plan(Model.Inputs, [head], training: false, default);
            _evaluations[head.Producer] = plan;
        }
        Tensor[] inputs = Feed.ToTensors(Model, batch.Inputs);
        return Run(plan, new StepContext(false, _seed, Step), inputs, batch, metrics, loss, out _);
    }

    private double Run(
        Plan plan,
        StepContext step,
        Tensor[] inputs,
        Batch batch,
        IReadOnlyList<Metric> metrics,
        Loss loss,
        out Tensor? gradient,
        bool wantGradient = false
    )
    {
        if (batch.Targets is not [var target])
        {
            Feed.Free(inputs);
            throw new LaminaException($"{Model.Name} needs one target a batch, got {batch.Targets.Count}.");
        }
        using Tensor output = plan.Forward(step, inputs, takesInputs: true)[0];
        long started = Now();
        using Tensor? local = output.Device.IsCpu ? null : Tensor.Empty(output.Sizes);
        local?.CopyFrom(output);
        Tensor host = local ?? output;
        using Tensor? slope = wantGradient ? Tensor.Empty(host.Sizes) : null;
        bool isLogits = HeadOf(Model.Outputs[0], loss) != Model.Outputs[0];
        double value = loss.Compute(host, target, isLogits, slope is null ? [] : slope.WriteSpan());
        UpdateMetrics(metrics, host, target);
        gradient =
            slope is null || output.Device.IsCpu
                ? slope?.Duplicate()
                : Tensor.Empty(host.Sizes, DType.Float32, output.Device);
        if (slope is not null && !output.Device.IsCpu)
        {
            gradient!.CopyFrom(slope);
        }
        Observer?.Did(StepPart.Loss, started);
        return value;
    }

    // Metrics keep nothing of the scores, so that these can have the same memory in every step.
    private void UpdateMetrics(IReadOnlyList<Metric> metrics, Tensor output, NDArray target)
    {
        if (metrics.Count == 0)
        {
            return;
        }
        int count = checked((int)output.Count);
        if (_scores.Length < count)
        {
            _scores = new float[count];
        }
        var scores = new NDArray(Feed.ShapeOf(output), _scores.AsMemory(0, count));
        output.CopyTo(scores.Values);
        foreach (Metric metric in metrics)
        {
            metric.Update(scores, target);
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
            () => new Plan(Model.Inputs, [_head], training: true, default)
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
        foreach (Plan plan in _evaluations.Values)
        {
            plan.Dispose();
        }
        _updates.Dispose();
    }
}
