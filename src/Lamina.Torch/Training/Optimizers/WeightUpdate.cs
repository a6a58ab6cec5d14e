using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>One weight in one update: the values that an optimizer's rule reads and changes.</summary>
/// <remarks>
/// Elements are in the engine's order, which is the same in <see cref="Values"/>, <see cref="Gradient"/> and slots, and
/// may differ from the order of the weight's public shape. Rules for single elements, and norms over all of them, do
/// not depend on it.
/// </remarks>
public readonly ref struct WeightUpdate
{
    internal WeightUpdate(Tensor weight, Tensor gradient, ReadOnlySpan<Tensor> slots, in WeightStep step)
    {
        (WeightTensor, GradientTensor, Step) = (weight, gradient, step);
        SlotTensors = slots;
    }

    /// <summary>The weight's values, to be changed in place.</summary>
    public Span<float> Values => WeightTensor.WriteSpan();

    /// <summary>The gradient of the loss, after clipping and accumulation; it may be overwritten.</summary>
    public Span<float> Gradient => GradientTensor.WriteSpan();

    /// <summary>The number of dimensions of the weight: 1 for biases, gamma and beta.</summary>
    public int Rank => WeightTensor.Rank;

    /// <summary>The number of this update, from 1.</summary>
    public long Number => Step.Update;

    /// <summary>The learning rate of this update, with the factor of the weight's <see cref="WeightRule"/>.</summary>
    public double LearningRate => Step.LearningRate;

    /// <summary>The factor on the weight decay that the weight's <see cref="WeightRule"/> sets; otherwise 1.</summary>
    public double DecayFactor => Step.DecayFactor;

    internal UpdateKernels Kernels => Step.Kernels;

    internal Tensor WeightTensor { get; }

    internal Tensor GradientTensor { get; }

    internal ReadOnlySpan<Tensor> SlotTensors { get; }

    internal WeightStep Step { get; }

    /// <summary>
    /// Returns the values kept for the weight between updates, initially zero, to be changed in place.
    /// </summary>
    /// <param name="index">The index of the slot in <see cref="Optimizer.SlotNames"/>.</param>
    public Span<float> Slot(int index) => SlotTensors[index].WriteSpan();
}
