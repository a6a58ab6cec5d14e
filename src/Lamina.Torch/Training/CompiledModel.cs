using Lamina.Torch;

namespace Lamina;

/// <summary>
/// A model with an optimizer, a loss and metrics: its plans, its step count, its optimizer's state. Made by
/// <c>model.Compile(…)</c>. Disposing frees the plans and the optimizer's state; the weights stay the model's.
/// </summary>
public sealed class CompiledModel : IDisposable
{
    private readonly Loss _loss;
    private readonly long _seed;
    private readonly Symbol _head;
    private readonly bool _headIsLogits;
    private readonly Dictionary<Weight, Tensor[]> _slots = [];
    private Plan? _training;
    private Plan? _evaluation;

    internal CompiledModel(Model model, Optimizer optimizer, Loss loss, IReadOnlyList<Metric> metrics, long seed)
    {
        if (model.Outputs is not [var output])
        {
            throw new LaminaException(
                $"{model.Name} has {model.Outputs.Count} outputs; training takes models with one."
            );
        }
        (Model, Optimizer, _loss, Metrics, _seed) = (model, optimizer, loss, metrics, seed);
        // A final softmax is left out: the loss works from its logits, which is exact and stable.
        _headIsLogits = loss.PrefersLogits && output.Producer.Op is SoftmaxOp;
        _head = _headIsLogits ? output.Producer.Inputs[0] : output;
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The optimizer; its rate may be changed between steps.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The metrics.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The loss.</summary>
    public Loss Loss => _loss;

    /// <summary>How many training steps were taken.</summary>
    public long Step { get; private set; }

    /// <summary>
    /// Whether Fit is to end after the step or epoch at hand: Keras's <c>stop_training</c>. Callbacks set it; Fit clears it
    /// when it begins.
    /// </summary>
    public bool StopTraining { get; set; }

    /// <summary>
    /// Is told the step and its loss when that is not finite, and then training stops; <see langword="null"/> to throw.
    /// </summary>
    internal Action<long, double>? NonFiniteLoss { get; set; }

    internal double TrainStep(Batch batch)
    {
        _training ??= new Plan(Model.Inputs, [_head], training: true, default);
        var step = new StepContext(true, _seed, Step);
        // Backward reads the inputs again, so they live until it is done.
        Tensor[] inputs = Feed.ToTensors(Model, batch.Inputs);
        try
        {
            double loss = Run(_training, step, inputs, batch, wantGradient: true, out Tensor? gradient);
            if (!double.IsFinite(loss))
            {
                gradient!.Dispose();
                if (NonFiniteLoss is { } tell)
                {
                    _training.Dispose();
                    StopTraining = true;
                    tell(Step, loss);
                    return loss;
                }
                throw new LaminaException(
                    $"The loss became {loss} at step {Step}. Use a smaller learning rate, or check the data for NaN."
                );
            }
            _training.Backward(step, [gradient!], Update);
            Step++;
            return loss;
        }
        catch
        {
            _training.Dispose();
            throw;
        }
        finally
        {
            Feed.Free(inputs);
        }
    }

    internal double TestStep(Batch batch)
    {
        _evaluation ??= new Plan(Model.Inputs, [_head], training: false, default);
        Tensor[] inputs = Feed.ToTensors(Model, batch.Inputs);
        try
        {
            return Run(_evaluation, new StepContext(false, _seed, Step), inputs, batch, wantGradient: false, out _);
        }
        finally
        {
            Feed.Free(inputs);
        }
    }

    private double Run(
        Plan plan,
        StepContext step,
        Tensor[] inputs,
        Batch batch,
        bool wantGradient,
        out Tensor? gradient
    )
    {
        if (batch.Targets is not [var target])
        {
            throw new LaminaException($"{Model.Name} needs one target a batch, got {batch.Targets.Count}.");
        }
        using Tensor output = plan.Forward(step, inputs)[0];
        using Tensor? local = output.Device.IsCpu ? null : Tensor.Empty(output.Sizes);
        local?.CopyFrom(output);
        Tensor host = local ?? output;
        var scores = new NDArray(Feed.ShapeOf(host));
        host.CopyTo(scores.Values);
        var slope = wantGradient ? new float[host.Count] : [];
        double loss = _loss.Compute(host, target, _headIsLogits, slope);
        foreach (Metric metric in Metrics)
        {
            metric.Update(scores, target);
        }
        gradient = wantGradient ? Tensor.FromSpan(slope, host.Sizes, output.Device) : null;
        return loss;
    }

    // Called as soon as a weight's gradient is final, so that it lives no longer than it must.
    private void Update(Weight weight, Tensor gradient)
    {
        using (gradient)
        {
            Tensor value = ((TorchParameter)weight.Storage!).Value;
            Optimizer.Update(value, gradient, SlotsOf(weight, value), Step + 1);
        }
    }

    private Tensor[] SlotsOf(Weight weight, Tensor value)
    {
        if (!_slots.TryGetValue(weight, out Tensor[]? slots))
        {
            slots = [.. Optimizer.SlotNames.Select(_ => Tensor.Zeros(value.Sizes, DType.Float32, value.Device))];
            _slots[weight] = slots;
        }
        return slots;
    }

    /// <summary>
    /// The optimizer's state: the step count as <c>iterations</c>, and each weight's tensors as <c>path/slot</c>, in the
    /// weight's public layout.
    /// </summary>
    public IReadOnlyDictionary<string, NDArray> GetOptimizerState()
    {
        Dictionary<string, NDArray> state = new(StringComparer.Ordinal)
        {
            // Two exact floats hold any step count below 2⁴⁸.
            ["iterations"] = new NDArray([2], new float[] { Step >> 24, Step & 0xFFFFFF }),
        };
        foreach ((Weight weight, string key) in StateKeys())
        {
            if (_slots.TryGetValue(weight, out Tensor[]? slots))
            {
                for (int i = 0; i < slots.Length; i++)
                {
                    var storage = (TorchParameter)weight.Storage!;
                    state[$"{key}/{Optimizer.SlotNames[i]}"] = storage.ToPublic(slots[i]);
                }
            }
        }
        return state;
    }

    /// <summary>Goes on from a state that <see cref="GetOptimizerState"/> gave.</summary>
    /// <exception cref="LaminaException">The state is of another model or optimizer.</exception>
    public void SetOptimizerState(IReadOnlyDictionary<string, NDArray> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.TryGetValue("iterations", out NDArray? iterations) || iterations.Values.Length != 2)
        {
            throw new LaminaException("The optimizer state has no 'iterations'. It was not written by this optimizer.");
        }
        Dictionary<string, (Weight Weight, int Slot)> places = [];
        foreach ((Weight weight, string key) in StateKeys())
        {
            for (int i = 0; i < Optimizer.SlotNames.Count; i++)
            {
                places[$"{key}/{Optimizer.SlotNames[i]}"] = (weight, i);
            }
        }
        foreach ((string key, NDArray values) in state.Where(p => p.Key != "iterations"))
        {
            if (!places.TryGetValue(key, out (Weight Weight, int Slot) place) || values.Shape != place.Weight.Shape)
            {
                throw new LaminaException(
                    $"The optimizer state holds '{key}' {values.Shape}, which fits no weight of {Model.Name}."
                );
            }
        }
        using var plan = new Plan(Model.Inputs, [_head], training: true, default);
        foreach ((Weight weight, bool isKernel) in plan.Parameters)
        {
            TorchParameter.Of(weight, isKernel, default);
        }
        foreach ((string key, NDArray values) in state.Where(p => p.Key != "iterations"))
        {
            (Weight weight, int slot) = places[key];
            var storage = (TorchParameter)weight.Storage!;
            storage.FromPublic(values.Values, SlotsOf(weight, storage.Value)[slot]);
        }
        Step = ((long)iterations.Values[0] << 24) | (long)iterations.Values[1];
    }

    // Paths can repeat where models are nested; the weight's number then keeps them apart.
    private IEnumerable<(Weight Weight, string Key)> StateKeys()
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        int index = 0;
        foreach (Weight weight in Model.Weights)
        {
            yield return (weight, seen.Add(weight.Path) ? weight.Path : $"{weight.Path}#{index}");
            index++;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _training?.Dispose();
        _evaluation?.Dispose();
        foreach (Tensor slot in _slots.Values.SelectMany(s => s))
        {
            slot.Dispose();
        }
        _slots.Clear();
    }
}
