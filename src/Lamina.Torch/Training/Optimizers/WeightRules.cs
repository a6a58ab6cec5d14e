using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>The rule of an optimizer and the constraints of weights on one device, compiled once for each shape.</summary>
/// <param name="optimizer">The optimizer.</param>
/// <param name="device">The device.</param>
/// <param name="guard">The flag without which updates have no effect; <see langword="null"/> for none.</param>
internal sealed class WeightRules(Optimizer optimizer, Device device, FiniteGuard? guard) : IDisposable
{
    private readonly Dictionary<Shape, OptimizerRule> _rules = [];
    private readonly Dictionary<(Constraint, Shape), WeightProgram> _constraints = [];

    /// <summary>The update rules of the device.</summary>
    public UpdateKernels Kernels { get; } = Backends.For(device).Updates(guard);

    /// <summary>Compiles what a weight needs.</summary>
    /// <exception cref="LaminaException">A rule or constraint does not fit the weight.</exception>
    public void Require(Weight weight)
    {
        _ = RuleOf(weight);
        _ = ConstraintOf(weight);
    }

    /// <summary>Returns the optimizer's rule for a weight.</summary>
    public OptimizerRule RuleOf(Weight weight)
    {
        if (!_rules.TryGetValue(weight.Shape, out OptimizerRule? rule))
        {
            rule = new OptimizerRule(optimizer, weight.Shape, device, Kernels);
            _rules[weight.Shape] = rule;
        }
        return rule;
    }

    /// <summary>Changes a weight so that it meets its constraint, if it has one.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="storage">Its values.</param>
    public void Constrain(Weight weight, TorchParameter storage) =>
        ConstraintOf(weight)?.Run([storage.Value], [], new StepContext(true, 0, 0), storage.IsKernel, Kernels);

    /// <summary>Returns the bytes that an update of a weight needs beside weight, gradient and slots.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="isKernel"><see langword="true"/> if it is stored as the kernel of a convolution.</param>
    public long Bytes(Weight weight, bool isKernel) =>
        Math.Max(RuleOf(weight).Bytes(weight, isKernel, Kernels), ConstraintOf(weight)?.Bytes(isKernel, Kernels) ?? 0);

    private WeightProgram? ConstraintOf(Weight weight)
    {
        if (weight.Constraint is not { } constraint)
        {
            return null;
        }
        if (!_constraints.TryGetValue((constraint, weight.Shape), out WeightProgram? program))
        {
            program = ProgramOf(constraint, weight);
            _constraints[(constraint, weight.Shape)] = program;
        }
        return program;
    }

    private WeightProgram ProgramOf(Constraint constraint, Weight weight)
    {
        string owner = $"{weight.Path}: {constraint.GetType().Name}";
        Symbol values = OpNode.Record(new InputOp(weight.Shape), []);
        try
        {
            return new WeightProgram(owner, [values], [], [constraint.Call(values)], device);
        }
        catch (ShapeException e)
        {
            throw new LaminaException($"{owner}: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable program in (IEnumerable<IDisposable>)[.. _rules.Values, .. _constraints.Values])
        {
            program.Dispose();
        }
        _rules.Clear();
        _constraints.Clear();
    }
}
