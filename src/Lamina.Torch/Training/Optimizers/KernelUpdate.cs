using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>One weight in one update, as the kernels of a backend read and change it.</summary>
/// <param name="weight">The values, changed in place.</param>
/// <param name="gradient">The gradient, which may be overwritten.</param>
/// <param name="slots">The slots, in the order of the optimizer's names, changed in place.</param>
/// <param name="step">The update's number, rate and decay.</param>
internal readonly ref struct KernelUpdate(Tensor weight, Tensor gradient, ReadOnlySpan<Tensor> slots, WeightStep step)
{
    /// <summary>The values, changed in place.</summary>
    public Tensor Weight { get; } = weight;

    /// <summary>The gradient, which may be overwritten.</summary>
    public Tensor Gradient { get; } = gradient;

    /// <summary>The slots, changed in place.</summary>
    public ReadOnlySpan<Tensor> Slots { get; } = slots;

    /// <summary>The update's kernels, number, rate and decay.</summary>
    public WeightStep Step { get; } = step;

    /// <summary>The update rules of the device.</summary>
    public UpdateKernels Kernels => Step.Kernels;

    /// <summary>The number of this update, from 1.</summary>
    public long Number => Step.Update;

    /// <summary>The learning rate of this update, with the factor of the weight's rule.</summary>
    public double LearningRate => Step.LearningRate;

    /// <summary>The factor on the weight decay that the weight's rule sets; otherwise 1.</summary>
    public double DecayFactor => Step.DecayFactor;
}
