using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>
/// Ops that compute new values of a weight, and of what is kept beside it, on the weight's device: the rule of an optimizer,
/// or a constraint. Not thread-safe.
/// </summary>
internal sealed class WeightProgram : IDisposable
{
    private readonly Symbol[] _inputs;
    private readonly int _tensors;
    private readonly bool[] _isNew;
    private readonly PlanProgram _program;
    private readonly ElementOrder _order;
    private Plan? _plan;

    /// <param name="owner">The owner of the ops, for messages.</param>
    /// <param name="tensors">The inputs in the weight's shape. The results replace the first of them, in order.</param>
    /// <param name="numbers">The inputs of shape ().</param>
    /// <param name="results">The new values, in the weight's shape.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="LaminaException">A result has another shape, or the ops read other inputs.</exception>
    public WeightProgram(
        string owner,
        IReadOnlyList<Symbol> tensors,
        IReadOnlyList<Symbol> numbers,
        IReadOnlyList<Symbol> results,
        Device device
    )
    {
        (_inputs, _tensors) = ([.. tensors, .. numbers], tensors.Count);
        Shape shape = tensors[0].Shape;
        foreach (Symbol result in results)
        {
            if (result is null || result.Shape != shape)
            {
                throw new LaminaException(
                    $"{owner}: the new values have the shape {result?.Shape.ToString() ?? "null"}, for a weight of shape {shape}. Return the weight's shape."
                );
            }
        }
        _isNew = [.. results.Select((r, i) => r.Producer != tensors[i].Producer)];
        var graph = new OpGraph(_inputs, results, training: false);
        HashSet<OpNode> given = [.. _inputs.Select(i => i.Producer)];
        if (graph.Nodes.FirstOrDefault(n => n.Op is InputOp or ParameterOp && !given.Contains(n)) is { } other)
        {
            throw new LaminaException(
                $"{owner}: the new values depend on {other.Output}, which is not a part of this update. Read the weight, its gradient, slots and numbers only."
            );
        }
        _program = new PlanProgram(graph, training: false, device);
        _order = ElementOrders.OrderOf(graph, shape);
    }

    /// <summary>Returns the bytes that a run needs beside its inputs.</summary>
    /// <param name="isKernel"><see langword="true"/> for a weight that is stored as the kernel of a convolution.</param>
    /// <param name="kernels">The update rules of the device.</param>
    public long Bytes(bool isKernel, UpdateKernels kernels)
    {
        long weight = SymbolBytes.Of(_inputs[0], 1);
        long results = _isNew.Count(n => n) * weight;
        // A flag on the device decides between old and new values.
        long stored = kernels.IsGuarded && results > 0 ? weight : 0;
        long bytes = Math.Max(PlanMemory.BesideInputs(_program), results + stored);
        if (isKernel && _order == ElementOrder.Shape)
        {
            bytes += (_tensors + 1) * weight;
        }
        long block = kernels.ElementsAtOnce * sizeof(float);
        return _order == ElementOrder.None && block < weight ? bytes * block / weight : bytes;
    }

    /// <summary>Computes and stores the new values.</summary>
    /// <param name="tensors">The tensors, in the engine's layout of the weight, contiguous.</param>
    /// <param name="numbers">The numbers.</param>
    /// <param name="step">The seed and number of the update, for random ops.</param>
    /// <param name="isKernel"><see langword="true"/> for a weight that is stored as the kernel of a convolution.</param>
    /// <param name="kernels">The update rules of the device.</param>
    public void Run(
        ReadOnlySpan<Tensor> tensors,
        ReadOnlySpan<double> numbers,
        in StepContext step,
        bool isKernel,
        UpdateKernels kernels
    )
    {
        _plan ??= new Plan(_program);
        var scalars = new Tensor[numbers.Length];
        for (int i = 0; i < scalars.Length; i++)
        {
            // On the CPU, as libtorch's ops accept for every device, so that nothing is copied there.
            scalars[i] = Tensor.FromSpan([(float)numbers[i]], []);
        }
        try
        {
            if (isKernel && _order == ElementOrder.Shape)
            {
                RunInPublicLayout(tensors, scalars, step, kernels);
                return;
            }
            long count = tensors[0].Count;
            long block = _order == ElementOrder.None ? kernels.ElementsAtOnce : count;
            if (block >= count)
            {
                Run([.. tensors], scalars, step, kernels);
                return;
            }
            for (long at = 0; at < count; at += block)
            {
                RunPart(tensors, at, Math.Min(block, count - at), scalars, step, kernels);
            }
        }
        finally
        {
            Feed.Free(scalars);
        }
    }

    private void RunPart(
        ReadOnlySpan<Tensor> tensors,
        long at,
        long count,
        Tensor[] scalars,
        in StepContext step,
        UpdateKernels kernels
    )
    {
        var parts = new Tensor[tensors.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = tensors[i].Restride([count], [1], at);
        }
        Run(parts, scalars, step, kernels);
        Feed.Free(parts);
    }

    private void RunInPublicLayout(
        ReadOnlySpan<Tensor> tensors,
        Tensor[] scalars,
        in StepContext step,
        UpdateKernels kernels
    )
    {
        var copies = new Tensor[tensors.Length];
        for (int i = 0; i < copies.Length; i++)
        {
            copies[i] = Layout.TakeContiguous(Aten.Permute(tensors[i], [1, 2, 3, 0]));
        }
        Tensor[] results = Results(copies, scalars, step);
        for (int i = 0; i < results.Length; i++)
        {
            if (_isNew[i])
            {
                using Tensor stored = Layout.TakeContiguous(Aten.Permute(results[i], [3, 0, 1, 2]));
                kernels.Store(tensors[i], stored);
            }
        }
        Feed.Free(results);
        Feed.Free(copies);
    }

    private void Run(Tensor[] tensors, Tensor[] scalars, in StepContext step, UpdateKernels kernels)
    {
        Tensor[] results = Results(tensors, scalars, step);
        for (int i = 0; i < results.Length; i++)
        {
            if (_isNew[i])
            {
                kernels.Store(tensors[i], results[i]);
            }
        }
        Feed.Free(results);
    }

    private Tensor[] Results(Tensor[] tensors, Tensor[] scalars, in StepContext step)
    {
        Tensor[] results = _plan!.Forward(step, [.. tensors, .. scalars]);
        for (int i = 0; i < results.Length; i++)
        {
            // Values that only change places would be overwritten before they are read.
            if (_isNew[i] && tensors.Any(results[i].SharesStorage))
            {
                using Tensor shared = results[i];
                results[i] = Aten.Clone(shared);
            }
        }
        return results;
    }

    /// <inheritdoc/>
    public void Dispose() => _plan?.Dispose();
}
