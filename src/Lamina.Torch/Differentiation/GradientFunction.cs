using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// A compiled function from arrays to a loss and its gradients; <see cref="Lamina.Gradients"/> creates it. It reads the
/// weights that the model has when it runs, so it stays valid while the model is trained.
/// </summary>
/// <remarks>Thread-safe; calls from several threads run one after another.</remarks>
public sealed class GradientFunction : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Symbol[] _by;
    private readonly OpGraph _graph;
    private readonly Plan _plan;
    private readonly GradientOptions _options;
    private readonly Tensor?[] _found;
    private long _step;
    private bool _disposed;

    internal GradientFunction(
        Symbol loss,
        IReadOnlyList<Symbol> by,
        IReadOnlyList<Symbol> inputs,
        GradientOptions options
    )
    {
        (_by, Inputs, _options) = ([.. by], [.. inputs], options);
        _graph = new OpGraph(Inputs, [loss, .. options.Values], options.Training, _by);
        _plan = new Plan(new PlanProgram(_graph, training: true, options.Device)) { Tap = OnGradient };
        _found = new Tensor?[_graph.Nodes.Count];
    }

    /// <summary>The inputs, in the order of the arguments of <c>Run</c>.</summary>
    public IReadOnlyList<Symbol> Inputs { get; }

    /// <summary>Computes the loss and its gradients.</summary>
    /// <param name="inputs">The values of <see cref="Inputs"/>, one row per sample.</param>
    /// <exception cref="ShapeException">The arrays do not fit the inputs.</exception>
    public GradientResult Run(params IReadOnlyList<NDArray> inputs) => Run(inputs, null);

    /// <summary>Computes the loss and the gradients of its elements, weighted.</summary>
    /// <param name="inputs">The values of <see cref="Inputs"/>, one row per sample.</param>
    /// <param name="weights">
    /// The weights of the loss's elements, in its shape, such as a row with a single 1 for the score of one class. Default:
    /// ones.
    /// </param>
    /// <exception cref="ShapeException">The arrays do not fit the inputs, or the weights the loss.</exception>
    /// <exception cref="ObjectDisposedException">The function is disposed.</exception>
    public GradientResult Run(IReadOnlyList<NDArray> inputs, NDArray? weights)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        Tensor[] fed = Feed.ToTensors(Inputs, inputs, _options.Device);
        lock (_lock)
        {
            if (_disposed)
            {
                Feed.Free(fed);
                throw new ObjectDisposedException(nameof(GradientFunction));
            }
            // From the forward to the backward pass, the weights do not change.
            using WeightLocks.Held held = _plan.Locks.Take();
            try
            {
                return Compute(fed, weights);
            }
            finally
            {
                Feed.Free(_found.OfType<Tensor>());
                Array.Clear(_found);
            }
        }
    }

    private GradientResult Compute(Tensor[] fed, NDArray? weights)
    {
        var step = new StepContext(true, _options.Seed, _step++) { AsInference = !_options.Training };
        Tensor[] results = _plan.Forward(step, fed, takesInputs: true);
        NDArray[] values;
        Tensor seed;
        try
        {
            values = [.. results.Select(Feed.ToArray)];
            seed = Seed(results[0], weights);
        }
        finally
        {
            Feed.Free(results);
        }
        Tensor?[] gradients = new Tensor?[results.Length];
        gradients[0] = seed;
        _plan.Backward(step, gradients, OnWeight);
        return new GradientResult(values[0], [.. _by.Select(ToArray)], values[1..]);
    }

    private static Tensor Seed(Tensor loss, NDArray? weights)
    {
        if (weights is null)
        {
            Tensor ones = Tensor.Empty(loss.Sizes, DType.Float32, loss.Device);
            ones.Fill(1);
            return ones;
        }
        Shape shape = Feed.ShapeOf(loss);
        return weights.Shape == shape
            ? Tensor.FromSpan(weights.Values, loss.Sizes, loss.Device)
            : throw new ShapeException(
                $"the weights of the loss have the shape {weights.Shape}; the loss has {shape}."
            );
    }

    private void OnGradient(int slot, Tensor gradient)
    {
        if (Array.IndexOf(_graph.Sources, slot) >= 0)
        {
            _found[slot] = Aten.Clone(gradient);
        }
        if (_options.ReluRule == ReluRule.Guided && _graph.Nodes[slot].Op is ActivationOp { Kind: ActivationKind.Relu })
        {
            Aten.UnaryInPlace("aten::relu_"u8, gradient);
        }
    }

    private void OnWeight(Weight weight, Tensor gradient) => _found[_graph.SlotOf(weight.Symbol.Producer)] = gradient;

    private NDArray ToArray(Symbol symbol)
    {
        int slot = _graph.SlotOf(symbol.Producer);
        Tensor gradient =
            _found[slot]
            ?? throw new GraphException($"{symbol}: an op on the way to it has no gradient for this input.");
        return symbol.Producer.Op is ParameterOp { Weight: { } weight }
            ? TorchParameter.Of(weight, _graph.IsKernel[slot], _options.Device).ToPublic(gradient)
            : Feed.ToArray(gradient);
    }

    /// <summary>Frees the function's memory; the weights stay.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _disposed = true;
                _plan.Dispose();
            }
        }
    }
}
