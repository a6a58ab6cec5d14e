using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>The state of the engine for a model: the compiled model, and the plan of predictions.</summary>
internal sealed class ModelEngine(Model model) : IDisposable
{
    // Held for each prediction, so that nobody disposes the plan in the middle of it; locks of weights are taken after
    // it.
    private readonly Lock _lock = new();
    private CompiledModel? _compiled;
    private Plan? _plan;
    private readonly List<Model> _sized = [];

    // Logits are computed only for callers that ask for them; the plan then computes the outputs and the logits.
    private bool _hasLogits;
    private WeightPrecision _precision;

    /// <summary>Returns the engine of a model, creating it if necessary.</summary>
    public static ModelEngine Of(Model model) => model.EngineOrNew(m => new ModelEngine(m));

    /// <summary>The optimizer, loss and state of the last <see cref="Compile"/>.</summary>
    public CompiledModel? Compiled => Volatile.Read(ref _compiled);

    /// <summary>The precision in which predictions keep the kernels of dense layers.</summary>
    public WeightPrecision Precision
    {
        get => _precision;
        set
        {
            lock (_lock)
            {
                _precision = value;
                DropPlan();
            }
        }
    }

    /// <summary>Sets the compiled model, and disposes the previous one.</summary>
    public void Compile(CompiledModel compiled)
    {
        CompiledModel? before;
        lock (_lock)
        {
            before = _compiled;
            Volatile.Write(ref _compiled, compiled);
            DropPlan();
        }
        before?.Dispose();
    }

    /// <summary>Computes the outputs, one batch at a time.</summary>
    public NDArray[] Predict(
        IReadOnlyList<NDArray> inputs,
        int batchSize,
        Device device,
        ComputePrecision precision = ComputePrecision.Float32
    )
    {
        if (model.HasUnknownSizes)
        {
            return EngineOf(inputs).Predict(inputs, batchSize, device, precision);
        }
        lock (_lock)
        {
            DropPlanOfOther(device, precision);
            _plan ??= NewPlan(model.Outputs, device, precision);
            return Run(inputs, batchSize, skip: 0, take: model.Outputs.Count);
        }
    }

    /// <summary>Computes the logits of a model with one output, one batch at a time.</summary>
    public NDArray PredictLogits(
        IReadOnlyList<NDArray> inputs,
        int batchSize,
        Device device,
        ComputePrecision precision = ComputePrecision.Float32
    )
    {
        LogitsHead.RequireOneOutput(model);
        if (model.HasUnknownSizes)
        {
            return EngineOf(inputs).PredictLogits(inputs, batchSize, device, precision);
        }
        lock (_lock)
        {
            DropPlanOfOther(device, precision);
            if (_plan is null || !_hasLogits)
            {
                DropPlan();
                _plan = NewPlan([model.Outputs[0], LogitsHead.Of(model.Outputs[0])], device, precision);
                _hasLogits = true;
            }
            return Run(inputs, batchSize, skip: 1, take: 1)[0];
        }
    }

    // The model of the sizes at hand. Few are kept, because each has plans of its own.
    private ModelEngine EngineOf(IReadOnlyList<NDArray> inputs)
    {
        const int MaxSizes = 4;
        lock (_lock)
        {
            int known = _sized.FindIndex(m =>
                m.Inputs.Zip(inputs, (i, x) => i.Shape.Sample == x.Shape.Sample).All(e => e)
            );
            Model sized = known >= 0 ? _sized[known] : model.ForInput([.. inputs.Select(x => x.Shape.Sample)]);
            if (known >= 0)
            {
                _sized.RemoveAt(known);
            }
            _sized.Add(sized);
            if (_sized.Count > MaxSizes)
            {
                _sized.RemoveAt(0);
            }
            return sized.EngineOrNew(m => new ModelEngine(m));
        }
    }

    private NDArray[] Run(IReadOnlyList<NDArray> inputs, int batchSize, int skip, int take) =>
        BatchedForward.Run(
            model,
            inputs,
            batchSize,
            _plan!.Device,
            fed =>
            {
                Tensor[] results = _plan!.Forward(new StepContext(false, 0, 0), fed, takesInputs: true);
                Feed.Free([.. results.Take(skip), .. results.Skip(skip + take)]);
                return results[skip..(skip + take)];
            }
        );

    private Plan NewPlan(IReadOnlyList<Symbol> targets, Device device, ComputePrecision precision) =>
        new(new PlanProgram(model.Inputs, targets, training: false, device, precision: _precision, compute: precision));

    private void DropPlanOfOther(Device device, ComputePrecision precision)
    {
        if (_plan is { } plan && (plan.Device != device || plan.Precision != precision))
        {
            DropPlan();
        }
    }

    /// <summary>Frees plans, the optimizer's state and the tensors of the weights, whose values move back into arrays.</summary>
    public void Dispose()
    {
        CompiledModel? compiled;
        lock (_lock)
        {
            compiled = _compiled;
            Volatile.Write(ref _compiled, null);
            DropPlan();
        }
        compiled?.Dispose();
        foreach (Model sized in _sized)
        {
            sized.Engine?.Dispose();
        }
        foreach (Weight weight in model.Weights)
        {
            weight.MoveTo(null);
        }
    }

    private void DropPlan()
    {
        _plan?.Dispose();
        _plan = null;
        _hasLogits = false;
    }
}
