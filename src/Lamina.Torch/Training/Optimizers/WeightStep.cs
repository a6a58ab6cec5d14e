using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>The part of one weight in an update.</summary>
/// <param name="Kernels">The update rules of the device.</param>
/// <param name="Update">The update's number, from 1.</param>
/// <param name="LearningRate">The rate, with the weight's factor.</param>
/// <param name="DecayFactor">The weight's factor on the decay.</param>
internal readonly record struct WeightStep(
    UpdateKernels Kernels,
    long Update,
    double LearningRate,
    double DecayFactor = 1
)
{
    /// <summary>The seed of random ops in a rule, another for each weight.</summary>
    public long Seed { get; init; }

    /// <summary>The work before and after the rule, in the same pass; rules pass it to their loop.</summary>
    public UpdateContext Context { get; init; }
}
