using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>The rule of an optimizer for weights of one shape: the kernel of a backend, or the rule's ops as a plan.</summary>
internal sealed class OptimizerRule : IDisposable
{
    private readonly Optimizer _optimizer;
    private readonly WeightProgram? _program;
    private readonly Func<UpdateStep, double>[] _numbers = [];

    /// <param name="optimizer">The optimizer.</param>
    /// <param name="shape">The shape of the weights.</param>
    /// <param name="device">The device.</param>
    /// <param name="kernels">The update rules of the device.</param>
    /// <exception cref="LaminaException">The ops of the rule do not fit the weight.</exception>
    public OptimizerRule(Optimizer optimizer, Shape shape, Device device, UpdateKernels kernels)
    {
        _optimizer = optimizer;
        if (optimizer.HasKernel(kernels))
        {
            return;
        }
        var update = new WeightUpdate(shape, optimizer.Slots.Count);
        UpdatedWeight values = Record(optimizer, update);
        if (values.Slots.Count != update.Slots.Count)
        {
            throw new LaminaException(
                $"{optimizer.Name}: Update returned {values.Slots.Count} slots of {update.Slots.Count} ({string.Join(", ", optimizer.Slots)}). Return a new value for each, in order."
            );
        }
        _numbers = [.. update.Scalars.Select(s => s.Value)];
        _program = new WeightProgram(
            optimizer.Name,
            [update.Weight, .. update.Slots, update.Gradient],
            [.. update.Scalars.Select(s => s.Symbol)],
            [values.Weight, .. values.Slots],
            device
        );
    }

    /// <summary>Returns the bytes that an update of a weight needs beside weight, gradient and slots.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="isKernel"><see langword="true"/> if it is stored as the kernel of a convolution.</param>
    /// <param name="kernels">The update rules of the device.</param>
    public long Bytes(Weight weight, bool isKernel, UpdateKernels kernels) =>
        _program?.Bytes(isKernel, kernels)
        ?? (kernels.IsOnePass ? 0 : _optimizer.Temporaries * weight.Count * sizeof(float));

    /// <summary>Updates a weight.</summary>
    /// <param name="weight">The values, changed in place.</param>
    /// <param name="gradient">The gradient, which may be overwritten.</param>
    /// <param name="slots">The slots, changed in place.</param>
    /// <param name="step">The update's kernels, number, rate and decay.</param>
    /// <param name="isKernel"><see langword="true"/> for a weight that is stored as the kernel of a convolution.</param>
    public void Run(
        Tensor weight,
        Tensor gradient,
        ReadOnlySpan<Tensor> slots,
        in WeightStep step,
        bool isKernel = false
    )
    {
        if (_program is null)
        {
            _optimizer.Run(new KernelUpdate(weight, gradient, slots, step));
            return;
        }
        var numbers = new UpdateStep(step.Update, step.LearningRate, step.DecayFactor);
        _program.Run(
            [weight, .. slots, gradient],
            Array.ConvertAll(_numbers, n => n(numbers)),
            new StepContext(Training: true, step.Seed, step.Update),
            isKernel,
            step.Kernels
        );
    }

    private static UpdatedWeight Record(Optimizer optimizer, WeightUpdate update)
    {
        try
        {
            return optimizer.InOps(update);
        }
        catch (LaminaException e)
        {
            throw new LaminaException($"{optimizer.Name}, for a weight of shape {update.Weight.Shape}: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _program?.Dispose();
}
