using Lamina.Torch;

namespace Lamina;

/// <summary>The rule that moves weights by their gradients.</summary>
public abstract class Optimizer
{
    private double _learningRate;

    private protected Optimizer(string name, double learningRate)
    {
        Name = name;
        LearningRate = learningRate;
    }

    /// <summary>The rule's name.</summary>
    public string Name { get; }

    /// <summary>The step size; a schedule may change it at any time. At least 0 and finite.</summary>
    public double LearningRate
    {
        get => _learningRate;
        set =>
            _learningRate =
                double.IsFinite(value) && value >= 0
                    ? value
                    : throw new ArgumentOutOfRangeException(
                        nameof(value),
                        $"A learning rate of {value} is impossible. It must be at least 0."
                    );
    }

    /// <summary>The names of the tensors that the rule keeps for each weight.</summary>
    internal abstract IReadOnlyList<string> SlotNames { get; }

    /// <summary>Moves one weight.</summary>
    /// <param name="weight">The weight's values, changed in place.</param>
    /// <param name="gradient">Its gradient, which may be written over.</param>
    /// <param name="slots">The kept tensors, in the order of <see cref="SlotNames"/>, changed in place.</param>
    /// <param name="iteration">The number of this update, from 1.</param>
    internal abstract void Update(Tensor weight, Tensor gradient, Tensor[] slots, long iteration);

    private protected static double Share(double value, string name, double max = double.MaxValue) =>
        value >= 0 && value <= max
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be from 0 to {max}.");
}
