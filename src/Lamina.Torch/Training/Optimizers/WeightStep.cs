namespace Lamina.Torch;

/// <summary>One weight's share of an update.</summary>
/// <param name="Update">The update's number, from 1.</param>
/// <param name="LearningRate">The rate, with the weight's factor.</param>
/// <param name="DecayFactor">The weight's factor on the decay.</param>
internal readonly record struct WeightStep(long Update, double LearningRate, double DecayFactor = 1)
{
    /// <summary>What is to be done before and after the rule, in the same pass; rules hand it on to their loop.</summary>
    public Surroundings Around { get; init; }
}
