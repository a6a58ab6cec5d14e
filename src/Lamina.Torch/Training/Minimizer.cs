using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// A compiled training step of its own: computes a loss from arrays and updates some weights by its gradients, which stay
/// on the device. <c>optimizer.Minimize(loss, weights)</c> creates it.
/// </summary>
/// <remarks>
/// Layers behave as in training. Weights that are not listed are read and not changed, whether frozen or not, so that two
/// minimizers can train two networks against each other. Thread-safe; calls from several threads run one after another.
/// </remarks>
public sealed class Minimizer : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Symbol[] _by;
    private readonly OpGraph _graph;
    private readonly int _values;
    private Plan? _plan;
    private MovedStatistics? _statistics;
    private bool _disposed;

    internal Minimizer(
        Symbol loss,
        Optimizer optimizer,
        IReadOnlyList<Weight> weights,
        IReadOnlyList<Symbol>? inputs,
        IReadOnlyList<Symbol> values
    )
    {
        (Optimizer, Weights, _by) = (optimizer, [.. weights], [.. weights.Select(w => w.Symbol)]);
        var all = new OpGraph([], [loss, .. values], training: true);
        Inputs = [.. inputs ?? GradientPaths.InputsOf(all)];
        GradientPaths.RequireInputs(all, Inputs);
        GradientPaths.Require(new OpGraph([], [loss], training: true, _by), loss, _by);
        _graph = new OpGraph(Inputs, [loss, .. values], training: true, _by);
        _values = values.Count;
        Updates = new WeightUpdates(Weights, $"the minimizer of {loss}", optimizer);
    }

    /// <summary>The inputs, in the order of the arguments of <c>Run</c>.</summary>
    public IReadOnlyList<Symbol> Inputs { get; }

    /// <summary>The optimizer; its learning rate may be changed between steps.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The weights that a step updates.</summary>
    public IReadOnlyList<Weight> Weights { get; }

    /// <summary>The number of steps so far.</summary>
    public long Steps => Updates.Steps;

    internal WeightUpdates Updates { get; }

    /// <summary>The device; it is chosen before the first step.</summary>
    internal Device Device
    {
        get;
        set
        {
            field = value;
            Updates.Use(value);
        }
    }

    /// <summary>The seed of dropout and random layers.</summary>
    internal long Seed
    {
        get => Updates.Seed;
        set => Updates.Seed = value;
    }

    /// <summary>Takes a step: computes the loss, and updates the weights.</summary>
    /// <param name="inputs">The values of <see cref="Inputs"/>, one row per sample.</param>
    /// <returns>The loss and the further values, from before the update.</returns>
    /// <exception cref="ShapeException">The arrays do not fit the inputs.</exception>
    /// <exception cref="LossException">The loss is not finite; no weight has changed.</exception>
    /// <exception cref="ObjectDisposedException">The minimizer is disposed.</exception>
    public MinimizerResult Run(params IReadOnlyList<NDArray> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Plan plan = _plan ??= Compile();
            Tensor[] fed = Feed.ToTensors(Inputs, inputs, Device);
            // From the forward pass to the last update, the weights belong to this step.
            using WeightLocks.Held held = plan.Locks.Take();
            _statistics ??= new MovedStatistics(plan);
            if (Updates.AveragesIn)
            {
                Updates.SwapAverages();
            }
            return Step(plan, fed);
        }
    }

    /// <summary>Exchanges the weights with their averages, if the optimizer keeps any.</summary>
    internal void SwapAverages()
    {
        lock (_lock)
        {
            using WeightLocks.Held held = new WeightLocks(Weights).Take();
            Updates.SwapAverages();
        }
    }

    internal Plan NewPlan() => new(new PlanProgram(_graph, training: true, Device));

    private Plan Compile()
    {
        Plan plan = NewPlan();
        plan.TakeParameters();
        Updates.Reserve(plan.Trained);
        return plan;
    }

    private MinimizerResult Step(Plan plan, Tensor[] fed)
    {
        var step = new StepContext(true, Seed, Updates.Steps);
        _statistics!.Keep();
        Tensor[] results = plan.Forward(step, fed, takesInputs: true);
        double loss;
        NDArray[] values;
        Tensor slope;
        try
        {
            loss = MeanOf(results[0]);
            values = [.. results[1..].Select(Feed.ToArray)];
            slope = Tensor.Empty(results[0].Sizes, DType.Float32, Device);
            slope.Fill(1.0 / Math.Max(1, results[0].Count));
        }
        finally
        {
            Feed.Free(results);
        }
        if (!double.IsFinite(loss))
        {
            slope.Dispose();
            _statistics.Restore();
            plan.Abandon();
            throw new LossException(loss, Updates.Steps);
        }
        Updates.Begin();
        plan.Backward(step, [slope, .. new Tensor?[_values]], Updates.Apply);
        Updates.End();
        return new MinimizerResult(loss, values);
    }

    private static double MeanOf(Tensor loss)
    {
        var values = new float[loss.Count];
        loss.CopyTo(values);
        return values.Average(v => (double)v);
    }

    /// <summary>Frees the memory of the plan and the optimizer's state; the weights stay.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _disposed = true;
                _plan?.Dispose();
                _statistics?.Dispose();
                Updates.Dispose();
            }
        }
    }
}

/// <summary>The result of a step of a <see cref="Minimizer"/>.</summary>
/// <param name="Loss">The mean of the loss's elements, before the update.</param>
/// <param name="Values">The further values, in the order in which they were requested.</param>
public sealed record MinimizerResult(double Loss, IReadOnlyList<NDArray> Values);
