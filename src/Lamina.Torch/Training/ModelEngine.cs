using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>What the engine holds for a model: what it was compiled with, and the plan that predicts.</summary>
internal sealed class ModelEngine(Model model) : IDisposable
{
    // Held for each prediction, so that nobody disposes the plan in the middle of it; locks of weights are taken after it.
    private readonly Lock _lock = new();
    private CompiledModel? _compiled;
    private Plan? _plan;
    private WeightPrecision _precision;

    /// <summary>The optimizer, loss and state of the last <see cref="Compile"/>.</summary>
    public CompiledModel? Compiled => Volatile.Read(ref _compiled);

    /// <summary>How predictions keep the kernels of dense layers.</summary>
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

    /// <summary>Takes what the model was compiled with, and disposes what it was compiled with before.</summary>
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

    /// <summary>Computes the outputs, a batch at a time.</summary>
    public NDArray[] Predict(IReadOnlyList<NDArray> inputs, int batchSize, Device device)
    {
        int count = inputs.Count > 0 ? inputs[0].Count : 0;
        if (inputs.Any(i => i.Count != count))
        {
            throw new ShapeException($"{model.Name}: the inputs have different numbers of samples.");
        }
        NDArray[]? outputs = null;
        lock (_lock)
        {
            if (_plan is { } made && made.Device != device)
            {
                DropPlan();
            }
            _plan ??= new Plan(
                new PlanProgram(model.Inputs, model.Outputs, training: false, device, precision: _precision)
            );
            for (int start = 0; start < count; start += batchSize)
            {
                int rows = Math.Min(batchSize, count - start);
                Tensor[] fed = Feed.ToTensors(model, [.. inputs.Select(i => i.Samples(start, rows))], device);
                Tensor[] results = [];
                try
                {
                    results = _plan.Forward(new StepContext(false, 0, 0), fed, takesInputs: true);
                    outputs ??= [.. results.Select(r => new NDArray(Feed.ShapeOf(r).WithBatch(count)))];
                    for (int i = 0; i < results.Length; i++)
                    {
                        results[i].CopyTo(outputs[i].Samples(start, rows).Values);
                    }
                }
                finally
                {
                    Feed.Free(results);
                }
            }
        }
        return outputs!;
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
        foreach (Weight weight in model.Weights)
        {
            weight.MoveTo(null);
        }
    }

    private void DropPlan()
    {
        _plan?.Dispose();
        _plan = null;
    }
}
