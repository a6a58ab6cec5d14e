using System.Diagnostics.CodeAnalysis;
using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>
/// The updates of a model's weights over a run: the tensors kept for each weight, accumulation over batches, averages,
/// and counts.
/// </summary>
internal sealed class WeightUpdates : IDisposable
{
    private const string Accumulator = "gradient_accumulator";
    private const string Average = "average";

    private readonly Optimizer _optimizer;
    private readonly Dictionary<Weight, WeightRule> _rules;
    private readonly Dictionary<Weight, Tensor[]> _slots = [];
    private readonly Dictionary<Weight, TorchParameter> _layouts = [];
    private readonly Dictionary<Weight, int> _places = [];
    private readonly FiniteGuard? _guard;
    private WeightRules _programs;
    private readonly int _own;
    private readonly int _accumulator;
    private readonly int _average;

    /// <param name="weights">The weights.</param>
    /// <param name="owner">The name of what they belong to, for messages.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="device">The device that trains.</param>
    /// <param name="guard">The flag without which updates have no effect; <see langword="null"/> for none.</param>
    /// <exception cref="LaminaException">The rule or a constraint does not fit a weight.</exception>
    public WeightUpdates(
        IReadOnlyList<Weight> weights,
        string owner,
        Optimizer optimizer,
        Device device = default,
        FiniteGuard? guard = null
    )
    {
        (_optimizer, _guard) = (optimizer, guard);
        RequireSlotNames(optimizer);
        _rules = WeightRule.Resolve(weights, owner, optimizer.Rules);
        _own = optimizer.Slots.Count;
        List<string> names = NamesOf(optimizer);
        _accumulator = names.IndexOf(Accumulator);
        _average = names.IndexOf(Average);
        SlotNames = names;
        for (int i = 0; i < weights.Count; i++)
        {
            _places[weights[i]] = i;
        }
        Use(device);
    }

    /// <summary>Prepares updates on a device; before the first one.</summary>
    [MemberNotNull(nameof(_programs))]
    public void Use(Device device)
    {
        _programs?.Dispose();
        _programs = new WeightRules(_optimizer, device, _guard);
        // What does not fit is refused here, and not in the middle of the first step.
        foreach (Weight weight in _places.Keys.Where(w => w.IsTrained))
        {
            _programs.Require(weight);
        }
    }

    /// <summary>Returns the names of all tensors that an optimizer keeps for a weight.</summary>
    public static List<string> NamesOf(Optimizer optimizer)
    {
        List<string> names = [.. optimizer.Slots];
        if (optimizer.GradientAccumulationSteps > 1)
        {
            names.Add(Accumulator);
        }
        if (optimizer.EmaMomentum is not null)
        {
            names.Add(Average);
        }
        return names;
    }

    private static void RequireSlotNames(Optimizer optimizer)
    {
        List<string> names = [Accumulator, Average];
        foreach (string name in optimizer.Slots)
        {
            if (string.IsNullOrWhiteSpace(name) || name.Contains('/', StringComparison.Ordinal) || names.Contains(name))
            {
                throw new LaminaException(
                    $"{optimizer.Name}: the slot name '{name}' is empty, contains '/', repeats, or is one of {Accumulator} and {Average}. Choose another."
                );
            }
            names.Add(name);
        }
    }

    /// <summary>Returns the memory of a step with an optimizer.</summary>
    public static MemoryUse MemoryOf(PlanProgram program, int batch, Optimizer optimizer)
    {
        KernelFactory kernels = Backends.For(program.Device);
        using FiniteGuard? guard = kernels.ReadsLate ? new FiniteGuard(program.Device) : null;
        using var rules = new WeightRules(optimizer, program.Device, guard);
        return PlanMemory.Of(program, batch, NamesOf(optimizer).Count, rules.Bytes);
    }

    /// <summary>The names of all tensors that are kept for a weight.</summary>
    public IReadOnlyList<string> SlotNames { get; }

    /// <summary>The update rules of the device that trains.</summary>
    public UpdateKernels Kernels => _programs.Kernels;

    /// <summary>The seed of random ops in the optimizer's rule.</summary>
    public long Seed { get; set; }

    /// <summary>The number of batches that were trained on.</summary>
    public long Steps { get; set; }

    /// <summary>The number of updates so far.</summary>
    public long Updates { get; set; }

    /// <summary>The number of batches since the last update.</summary>
    public int Accumulated { get; set; }

    /// <summary><see langword="true"/> if the model holds the averages, and the slots the weights.</summary>
    public bool AveragesIn { get; set; }

    /// <summary><see langword="true"/> if the optimizer keeps averages of the weights.</summary>
    public bool KeepsAverages => _average >= 0;

    /// <summary>The three counts.</summary>
    public UpdateCounts Counts
    {
        get => new(Steps, Updates, Accumulated);
        set => (Steps, Updates, Accumulated) = (value.Steps, value.Updates, value.Accumulated);
    }

    private bool IsUpdate => Accumulated + 1 == _optimizer.GradientAccumulationSteps;

    /// <summary>Prepares for the backward pass of a batch.</summary>
    public void Begin()
    {
        if (IsUpdate)
        {
            _optimizer.Follow(Updates);
        }
    }

    /// <summary>
    /// Processes a weight's gradient as soon as it is final, and frees it, so that it lives no longer than necessary.
    /// </summary>
    public void Apply(Weight weight, Tensor gradient)
    {
        using (gradient)
        {
            Tensor value = ((TorchParameter)weight.Storage!).Value;
            Tensor[] slots = SlotsOf(weight, value);
            if (!IsUpdate)
            {
                Accumulate(slots[_accumulator], gradient);
                return;
            }
            var context = new UpdateContext
            {
                Accumulated = _accumulator >= 0 ? slots[_accumulator] : null,
                Share = 1.0 / _optimizer.GradientAccumulationSteps,
                Clip = _optimizer.ClipValue,
                Average = _average >= 0 ? slots[_average] : null,
                Momentum = _optimizer.EmaMomentum ?? 0,
            };
            Update(weight, value, gradient, slots, context);
        }
    }

    private void Update(Weight weight, Tensor value, Tensor gradient, Tensor[] slots, UpdateContext context)
    {
        // In one pass if possible: a rule or a clipping that measures the gradient needs all of it first, and custom
        // rules and the dispatcher have no fused loops.
        bool isFused = Kernels.IsOnePass && _optimizer.IsFused;
        var storage = (TorchParameter)weight.Storage!;
        if (!isFused || _optimizer.MeasuresGradient || _optimizer.ClipNorm is not null)
        {
            Kernels.Prepare(gradient, context);
            context = context with { Accumulated = null, Clip = null };
        }
        if (_optimizer.ClipNorm is { } longest)
        {
            context = Kernels.ClipNorm(gradient, longest, context, inRule: isFused && !_optimizer.MeasuresGradient);
        }
        WeightStep step = StepOf(weight) with { Context = isFused ? context : default };
        _programs.RuleOf(weight).Run(value, gradient, slots.AsSpan(0, _own), step, storage.IsKernel);
        if (!isFused && context.Average is { } average)
        {
            Kernels.Blend(average, value, context.Momentum, 1 - context.Momentum);
        }
        _programs.Constrain(weight, storage);
    }

    /// <summary>Completes the backward pass of a batch.</summary>
    public void End()
    {
        bool updated = IsUpdate;
        Steps++;
        Updates += updated ? 1 : 0;
        Accumulated = updated ? 0 : Accumulated + 1;
    }

    /// <summary>Exchanges the weights that have averages with their averages.</summary>
    public void SwapAverages()
    {
        foreach ((Weight weight, Tensor[] slots) in _slots)
        {
            slots[_average] = LayoutOf(weight).Same(weight).Exchange(slots[_average]);
        }
        AveragesIn = !AveragesIn;
    }

    /// <summary>Returns the tensors of a weight that a checkpoint contains; an empty sum is left out.</summary>
    public IEnumerable<(string Name, Tensor Values)> Kept(Weight weight)
    {
        if (_slots.TryGetValue(weight, out Tensor[]? slots))
        {
            for (int i = 0; i < slots.Length; i++)
            {
                if (i != _accumulator || Accumulated > 0)
                {
                    yield return (SlotNames[i], slots[i]);
                }
            }
        }
    }

    /// <summary>
    /// Returns the tensors of a weight, creating them if necessary: zeros, and for the average the weight's values.
    /// </summary>
    public Tensor[] SlotsOf(Weight weight, Tensor value)
    {
        if (!_slots.TryGetValue(weight, out Tensor[]? slots))
        {
            slots = [.. SlotNames.Select(_ => Tensor.Zeros(value.Sizes, DType.Float32, value.Device))];
            if (_average >= 0)
            {
                slots[_average].CopyFrom(value);
            }
            _slots[weight] = slots;
            _layouts[weight] = (TorchParameter)weight.Storage!;
        }
        return slots;
    }

    /// <summary>
    /// Returns the storage of a weight when its slots were created, for their layout. Another model that shares the
    /// weight may have unloaded it since.
    /// </summary>
    public TorchParameter LayoutOf(Weight weight) => _layouts[weight];

    /// <summary>Returns <see langword="true"/> if a weight has slots.</summary>
    public bool Knows(Weight weight) => _layouts.ContainsKey(weight);

    /// <summary>Creates the tensors of weights whose values are tensors already.</summary>
    public void Reserve(IEnumerable<Weight> weights)
    {
        foreach (Weight weight in weights)
        {
            _ = SlotsOf(weight, ((TorchParameter)weight.Storage!).Value);
        }
    }

    private WeightStep StepOf(Weight weight)
    {
        WeightRule? rule = _rules.GetValueOrDefault(weight);
        return new WeightStep(
            Kernels,
            Updates + 1,
            _optimizer.LearningRate * (rule?.LearningRate ?? 1),
            rule?.WeightDecay ?? 1
        )
        {
            // Weights of one shape would draw the same numbers from one seed.
            Seed = (Seed * 1_000_003) + _places.GetValueOrDefault(weight, -1),
        };
    }

    private void Accumulate(Tensor sum, Tensor gradient)
    {
        if (Accumulated == 0)
        {
            Kernels.Store(sum, gradient);
            return;
        }
        Kernels.Blend(sum, gradient, 1, 1);
    }

    /// <summary>Frees all tensors.</summary>
    public void Clear()
    {
        foreach (Tensor slot in _slots.Values.SelectMany(s => s))
        {
            slot.Dispose();
        }
        _slots.Clear();
        _layouts.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        _programs.Dispose();
    }
}
