using System.IO.Enumeration;

namespace Lamina;

/// <summary>
/// The factors on the learning rate and the weight decay of some weights, like Caffe's <c>lr_mult</c> and
/// <c>decay_mult</c>. Caffe's AlexNets use <c>new("bias", 2, 0)</c>.
/// </summary>
/// <param name="Weights">
/// The weights: a weight's name (<c>"bias"</c>, <c>"gamma"</c>), or a path (<c>"conv2d_1/*"</c>, <c>"*/kernel"</c>).
/// <c>*</c> matches any characters, <c>?</c> one; case-sensitive.
/// </param>
/// <param name="LearningRate">The factor on the learning rate, at least 0.</param>
/// <param name="WeightDecay">The factor on the weight decay, at least 0.</param>
public sealed record WeightRule(string Weights, double LearningRate = 1, double WeightDecay = 1)
{
    /// <summary>The name or path of the weights.</summary>
    public string Weights { get; } =
        string.IsNullOrWhiteSpace(Weights)
            ? throw new ArgumentException("A rule needs the name or path of its weights.", nameof(Weights))
            : Weights;

    /// <summary>The factor on the learning rate.</summary>
    public double LearningRate { get; } = Factor(LearningRate, nameof(LearningRate));

    /// <summary>The factor on the weight decay.</summary>
    public double WeightDecay { get; } = Factor(WeightDecay, nameof(WeightDecay));

    /// <summary>Returns <see langword="true"/> if the rule matches a weight.</summary>
    public bool Matches(Weight weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        string name = Weights.Contains('/', StringComparison.Ordinal) ? weight.Path : weight.Name;
        return FileSystemName.MatchesSimpleExpression(Weights, name, ignoreCase: false);
    }

    /// <summary>Returns the first rule that matches each weight; weights without one are left out.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="owner">The name of their model, for messages.</param>
    /// <param name="rules">The rules.</param>
    /// <exception cref="ConfigException">A rule matches no weight.</exception>
    internal static Dictionary<Weight, WeightRule> Resolve(
        IReadOnlyList<Weight> weights,
        string owner,
        IReadOnlyList<WeightRule> rules
    )
    {
        foreach (WeightRule rule in rules.Where(r => !weights.Any(r.Matches)))
        {
            throw new ConfigException(
                $"The rule for '{rule.Weights}' matches no weight of {owner}. Its weights are such as "
                    + $"'{(weights is [var first, ..] ? first.Path : "")}'; use a path, or a weight's name alone."
            );
        }
        Dictionary<Weight, WeightRule> found = [];
        foreach (Weight weight in weights)
        {
            if (rules.FirstOrDefault(r => r.Matches(weight)) is { } rule)
            {
                found[weight] = rule;
            }
        }
        return found;
    }

    private static double Factor(double value, string name) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be at least 0.");
}
