using System.IO.Enumeration;

namespace Lamina;

/// <summary>
/// Factors on the learning rate and the weight decay of some weights, as Caffe's <c>lr_mult</c> and <c>decay_mult</c>.
/// Caffe's AlexNets have <c>new("bias", 2, 0)</c>.
/// </summary>
/// <param name="Weights">
/// Which weights: a weight's name (<c>"bias"</c>, <c>"gamma"</c>), or a path (<c>"conv2d_1/*"</c>, <c>"*/kernel"</c>). <c>*</c>
/// stands for any characters, <c>?</c> for one; upper and lower case differ.
/// </param>
/// <param name="LearningRate">The factor on the learning rate, at least 0.</param>
/// <param name="WeightDecay">The factor on the weight decay, at least 0.</param>
public sealed record WeightRule(string Weights, double LearningRate = 1, double WeightDecay = 1)
{
    /// <summary>Which weights.</summary>
    public string Weights { get; } =
        string.IsNullOrWhiteSpace(Weights)
            ? throw new ArgumentException("A rule needs the name or path of its weights.", nameof(Weights))
            : Weights;

    /// <summary>The factor on the learning rate.</summary>
    public double LearningRate { get; } = Factor(LearningRate, nameof(LearningRate));

    /// <summary>The factor on the weight decay.</summary>
    public double WeightDecay { get; } = Factor(WeightDecay, nameof(WeightDecay));

    /// <summary>Whether the rule is meant for a weight.</summary>
    public bool Matches(Weight weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        string name = Weights.Contains('/', StringComparison.Ordinal) ? weight.Path : weight.Name;
        return FileSystemName.MatchesSimpleExpression(Weights, name, ignoreCase: false);
    }

    /// <summary>The first rule that matches each weight of a model, where one does.</summary>
    /// <exception cref="ConfigException">A rule matches no weight.</exception>
    internal static Dictionary<Weight, WeightRule> Resolve(Model model, IReadOnlyList<WeightRule> rules)
    {
        foreach (WeightRule rule in rules.Where(r => !model.Weights.Any(r.Matches)))
        {
            throw new ConfigException(
                $"The rule for '{rule.Weights}' matches no weight of {model.Name}. Its weights are such as "
                    + $"'{(model.Weights is [var first, ..] ? first.Path : "")}'; use a path, or a weight's name alone."
            );
        }
        Dictionary<Weight, WeightRule> found = [];
        foreach (Weight weight in model.Weights)
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
