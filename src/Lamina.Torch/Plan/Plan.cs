using System.Diagnostics;

namespace Lamina.Torch;

/// <summary>
/// A graph compiled to steps. It knows before it runs where each value dies, so tensors are freed at known points, and
/// where a kernel may write over its input.
/// </summary>
internal sealed class Plan : IDisposable
{
    private readonly OpGraph _graph;
    private readonly bool _training;
    private readonly Device _device;
    private readonly PlanStep[] _steps;
    private readonly int[] _parameters;
    private readonly Tensor?[] _values;

    /// <summary>Compiles the ops between inputs and targets.</summary>
    /// <param name="inputs">What is fed.</param>
    /// <param name="targets">What is computed.</param>
    /// <param name="training">Whether <see cref="Backward"/> will follow, and ops behave as in training.</param>
    /// <param name="device">Where it runs.</param>
    public Plan(IReadOnlyList<Symbol> inputs, IReadOnlyList<Symbol> targets, bool training, Device device)
    {
        _graph = new OpGraph(inputs, targets);
        _training = training;
        _device = device;
        _values = new Tensor?[_graph.Nodes.Count];
        _parameters = [.. Enumerable.Range(0, _values.Length).Where(s => _graph.Nodes[s].Op is ParameterOp)];
        _steps = PlanCompiler.Compile(_graph, training);
    }

    /// <summary>The weights that the plan reads, and how the engine lays each out.</summary>
    public IEnumerable<(Weight Weight, bool IsKernel)> Parameters =>
        _parameters.Select(s => (((ParameterOp)_graph.Nodes[s].Op).Weight, _graph.IsKernel[s]));

    /// <summary>Who is told what ran; <see langword="null"/> in all runs but profiles.</summary>
    public IPlanObserver? Observer { get; set; }

    /// <summary>The steps, in the order of forward.</summary>
    public IReadOnlyList<PlanStep> Steps => _steps;

    /// <summary>Runs forward.</summary>
    /// <param name="step">The step.</param>
    /// <param name="inputs">The inputs, which stay the caller's.</param>
    /// <returns>The targets, which the caller owns.</returns>
    public Tensor[] Forward(in StepContext step, IReadOnlyList<Tensor> inputs)
    {
        Clear();
        try
        {
            foreach (int slot in _parameters)
            {
                Weight weight = ((ParameterOp)_graph.Nodes[slot].Op).Weight;
                _values[slot] = TorchParameter.Of(weight, _graph.IsKernel[slot], _device).Value;
            }
            for (int i = 0; i < inputs.Count; i++)
            {
                _values[_graph.Inputs[i]] = inputs[i];
            }
            foreach (PlanStep s in _steps)
            {
                var read = new Tensor[s.Inputs.Length];
                for (int i = 0; i < read.Length; i++)
                {
                    read[i] = _values[s.Inputs[i]]!;
                }
                long started = Now();
                _values[s.Slot] = s.Kernel.Forward(step, read, s.Overwrites);
                Observer?.Ran(StepPart.Forward, s, started);
                Free(s.FreeAfterForward);
            }
            return [.. _graph.Targets.Select(t => _values[t]!.Duplicate())];
        }
        catch
        {
            Clear();
            throw;
        }
        finally
        {
            if (!_training)
            {
                Clear();
            }
        }
    }

    /// <summary>Runs backward after a forward in training.</summary>
    /// <param name="step">The step that forward ran.</param>
    /// <param name="gradients">The targets' gradients, which this owns.</param>
    /// <param name="finished">Called with each trained weight and its gradient, which it owns, as soon as that is final.</param>
    public void Backward(in StepContext step, IReadOnlyList<Tensor> gradients, Action<Weight, Tensor> finished)
    {
        var pending = new Tensor?[_values.Length];
        try
        {
            for (int i = 0; i < gradients.Count; i++)
            {
                Accumulate(pending, _graph.Targets[i], gradients[i]);
            }
            for (int i = _steps.Length - 1; i >= 0; i--)
            {
                RunBackward(step, _steps[i], pending);
                foreach (int slot in _steps[i].FinishedParameters)
                {
                    if (Take(pending, slot) is { } gradient)
                    {
                        Weight weight = ((ParameterOp)_graph.Nodes[slot].Op).Weight;
                        long started = Now();
                        finished(weight, gradient);
                        Observer?.Updated(weight, started);
                    }
                }
            }
        }
        finally
        {
            foreach (Tensor? gradient in pending)
            {
                gradient?.Dispose();
            }
            Clear();
        }
    }

    private void RunBackward(in StepContext step, PlanStep s, Tensor?[] pending)
    {
        Tensor? gradient = Take(pending, s.Slot);
        if (gradient is not null && !_graph.NeedsGradient[s.Slot])
        {
            gradient.Dispose();
            gradient = null;
        }
        if (gradient is not null)
        {
            var read = new Tensor?[s.Inputs.Length];
            var results = new Tensor?[s.Inputs.Length];
            for (int i = 0; i < read.Length; i++)
            {
                read[i] = s.Kernel.BackwardReadsInput(i) ? _values[s.Inputs[i]] : null;
            }
            Tensor? output = s.Kernel.BackwardReadsOutput ? _values[s.Slot] : null;
            long started = Now();
            s.Kernel.Backward(step, read, output, gradient, s.Wanted, results);
            for (int i = 0; i < results.Length; i++)
            {
                if (results[i] is { } result)
                {
                    Accumulate(pending, s.Inputs[i], result);
                }
            }
            Observer?.Ran(StepPart.Backward, s, started);
        }
        s.Kernel.Release();
        Free(s.FreeAfterBackward);
    }

    private long Now() => Observer is null ? 0 : Stopwatch.GetTimestamp();

    private static Tensor? Take(Tensor?[] tensors, int slot)
    {
        Tensor? taken = tensors[slot];
        tensors[slot] = null;
        return taken;
    }

    private static void Accumulate(Tensor?[] pending, int slot, Tensor gradient)
    {
        if (pending[slot] is not { } before)
        {
            pending[slot] = gradient;
            return;
        }
        using (before)
        using (gradient)
        {
            pending[slot] = Aten.Add(before, gradient);
        }
    }

    private void Free(int[] slots)
    {
        foreach (int slot in slots)
        {
            _values[slot]?.Dispose();
            _values[slot] = null;
        }
    }

    private void Clear()
    {
        foreach (PlanStep s in _steps)
        {
            s.Kernel.Release();
            _values[s.Slot]?.Dispose();
        }
        Array.Clear(_values);
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();
}
