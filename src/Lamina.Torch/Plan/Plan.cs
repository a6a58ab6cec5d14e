using System.Diagnostics;
using Lamina.Torch.Kernels;
using Lamina.Torch.Kernels.Mixed;

namespace Lamina.Torch;

/// <summary>
/// A graph compiled to steps. The lifetime of each value is known in advance, so tensors are freed at known points, and
/// kernels overwrite their inputs where possible. Not thread-safe.
/// </summary>
internal sealed class Plan : IDisposable
{
    private readonly PlanProgram _program;
    private readonly OpGraph _graph;
    private readonly PlanStep[] _steps;
    private readonly int[] _parameters;
    private readonly Tensor?[] _values;
    private readonly DType[] _delivered;
    private bool _ownsInputs;

    /// <summary>Compiles the ops between inputs and targets.</summary>
    /// <param name="inputs">The symbols that are fed.</param>
    /// <param name="targets">The symbols that are computed.</param>
    /// <param name="training">
    /// <see langword="true"/> if <see cref="Backward"/> will follow, and ops behave as in training.
    /// </param>
    /// <param name="device">The device that runs it.</param>
    /// <param name="precision">The precision of the computation.</param>
    public Plan(
        IReadOnlyList<Symbol> inputs,
        IReadOnlyList<Symbol> targets,
        bool training,
        Device device,
        ComputePrecision precision = ComputePrecision.Float32
    )
        : this(new PlanProgram(inputs, targets, training, device, compute: precision)) { }

    /// <summary>Prepares a program to run on its device. The plan owns the kernels from now on.</summary>
    /// <exception cref="TorchException">libtorch cannot be loaded, or cannot use the device.</exception>
    public Plan(PlanProgram program)
    {
        TorchLibrary.Require(program.Device, program.Precision);
        _program = program;
        _graph = program.Graph;
        _steps = program.Steps;
        _values = new Tensor?[_graph.Nodes.Count];
        _delivered = new DType[_graph.Targets.Length];
        _parameters = [.. Enumerable.Range(0, _values.Length).Where(s => _graph.Nodes[s].Op is ParameterOp)];
        Locks = new WeightLocks(Parameters.Select(p => p.Weight));
    }

    /// <summary>The weights that the plan reads, with the layout that the engine uses for each.</summary>
    public IEnumerable<(Weight Weight, bool IsKernel)> Parameters =>
        _parameters.Select(s => (((ParameterOp)_graph.Nodes[s].Op).Weight, _graph.IsKernel[s]));

    /// <summary>The weights whose gradients <see cref="Backward"/> computes.</summary>
    public IEnumerable<Weight> Trained =>
        _steps.SelectMany(s => s.FinishedParameters).Select(slot => ((ParameterOp)_graph.Nodes[slot].Op).Weight);

    /// <summary>The observer of the steps; <see langword="null"/> in all runs except profiles.</summary>
    public IPlanObserver? Observer { get; set; }

    /// <summary>
    /// Called with the slot and the gradient of each step's output before the step's kernel runs backward, and of each
    /// input among the sources at the end. It may change the gradient in place; <see langword="null"/> in training.
    /// </summary>
    public Action<int, Tensor>? Tap { get; set; }

    /// <summary>The program that it runs.</summary>
    public PlanProgram Program => _program;

    /// <summary>The device that runs it.</summary>
    public Device Device => _program.Device;

    /// <summary>The precision of the computation.</summary>
    public ComputePrecision Precision => _program.Precision;

    /// <summary>
    /// The locks of its weights. <see cref="Forward"/> takes them; the caller of <see cref="Backward"/> holds them over
    /// both.
    /// </summary>
    public WeightLocks Locks { get; }

    /// <summary>Runs the forward pass.</summary>
    /// <param name="step">The step.</param>
    /// <param name="inputs">The inputs, which the caller keeps unless it passes ownership.</param>
    /// <param name="takesInputs">
    /// <see langword="true"/> to pass ownership of the inputs to the plan, which frees them after their last use.
    /// </param>
    /// <returns>The results, which the caller owns.</returns>
    public Tensor[] Forward(in StepContext step, IReadOnlyList<Tensor> inputs, bool takesInputs = false)
    {
        using WeightLocks.Held held = Locks.Take();
        Clear();
        _ownsInputs = takesInputs;
        try
        {
            TakeParameters();
            for (int i = 0; i < inputs.Count; i++)
            {
                _values[_graph.Inputs[i]] = inputs[i];
            }
            for (int i = 0; i < _program.Delivery; i++)
            {
                RunForward(step, _program.Actions[i]);
            }
            Tensor[] targets = [.. _graph.Targets.Select((t, i) => Deliver(_values[t]!, i))];
            Free(_program.Actions[_program.Delivery].Free);
            return targets;
        }
        catch
        {
            Clear();
            throw;
        }
        finally
        {
            if (!_program.Training)
            {
                Clear();
            }
        }
    }

    /// <summary>Runs the backward pass after a forward pass in training.</summary>
    /// <param name="step">The step that forward ran.</param>
    /// <param name="gradients">
    /// The gradients of the results, which this method owns; <see langword="null"/> for a result that has none.
    /// </param>
    /// <param name="finished">
    /// Called with each trained weight and its gradient, which it owns, as soon as that is final.
    /// </param>
    public void Backward(in StepContext step, IReadOnlyList<Tensor?> gradients, Action<Weight, Tensor> finished)
    {
        var pending = new Tensor?[_values.Length];
        StepContext again = step with { Recomputing = true };
        try
        {
            for (int i = 0; i < gradients.Count; i++)
            {
                if (gradients[i] is { } gradient)
                {
                    Accumulate(pending, _graph.Targets[i], Casting.Take(gradient, _delivered[i]));
                }
            }
            foreach (PlanAction action in _program.Actions.AsSpan(_program.Delivery + 1))
            {
                if (action.Kind == PlanActionKind.Recompute)
                {
                    RunForward(again, action);
                    continue;
                }
                RunBackward(step, action, pending);
                foreach (int slot in _steps[action.Step].FinishedParameters)
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
            foreach (int slot in _graph.Sources)
            {
                if (pending[slot] is { } gradient)
                {
                    Tap?.Invoke(slot, gradient);
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

    /// <summary>Frees what a forward pass in training kept, if no backward pass follows.</summary>
    public void Abandon() => Clear();

    /// <summary>Moves the weights to where the plan reads them, as the first step would.</summary>
    public void TakeParameters()
    {
        using WeightLocks.Held held = Locks.Take();
        foreach (int slot in _parameters)
        {
            Weight weight = ((ParameterOp)_graph.Nodes[slot].Op).Weight;
            _values[slot] = TorchParameter.Of(weight, _graph.IsKernel[slot], Device).Value;
        }
    }

    // Results are float32 in any precision.
    private Tensor Deliver(Tensor value, int target)
    {
        _delivered[target] = value.DType;
        return Casting.Take(value.Duplicate(), DType.Float32);
    }

    private void RunForward(in StepContext step, PlanAction action)
    {
        PlanStep s = _steps[action.Step];
        var read = new Tensor[s.Inputs.Length];
        for (int i = 0; i < read.Length; i++)
        {
            read[i] = _values[s.Inputs[i]]!;
        }
        long started = Now();
        Tensor output = s.Kernel.Forward(step, read, s.Overwrites);
        if (action.DropsOutput)
        {
            output.Dispose();
        }
        else
        {
            _values[s.Slot] = output;
        }
        Observer?.Ran(step.Recomputing ? StepPart.Recompute : StepPart.Forward, s, started);
        if (action.Release)
        {
            s.Kernel.Release();
        }
        Free(action.Free);
    }

    private void RunBackward(in StepContext step, PlanAction action, Tensor?[] pending)
    {
        PlanStep s = _steps[action.Step];
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
            Tap?.Invoke(s.Slot, gradient);
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
        Free(action.Free);
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
            if (_ownsInputs || _graph.Nodes[slot].Op is not InputOp)
            {
                _values[slot]?.Dispose();
            }
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
        foreach (int slot in _ownsInputs ? _graph.Inputs : [])
        {
            _values[slot]?.Dispose();
        }
        Array.Clear(_values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        foreach (PlanStep s in _steps)
        {
            s.Kernel.Dispose();
        }
    }
}
