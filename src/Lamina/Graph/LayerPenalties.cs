using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The regularizers and constraints of a layer by the names of its weights, also of weights that it has yet to create.</summary>
internal sealed class LayerPenalties
{
    private readonly Dictionary<string, Regularizer> _regularizers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Constraint> _constraints = new(StringComparer.Ordinal);

    /// <summary>Returns the regularizer of a weight to create.</summary>
    public Regularizer? RegularizerOf(string weight) => _regularizers.GetValueOrDefault(weight);

    /// <summary>Returns the constraint of a weight to create.</summary>
    public Constraint? ConstraintOf(string weight) => _constraints.GetValueOrDefault(weight);

    /// <summary>Sets the regularizer of a weight, of those that exist too.</summary>
    public void Set(string weight, Regularizer? regularizer, IEnumerable<Weight> weights)
    {
        Set(_regularizers, weight, regularizer);
        weights.Where(w => w.Name == weight).ToList().ForEach(w => w.Regularizer = regularizer);
    }

    /// <summary>Sets the constraint of a weight, of those that exist too.</summary>
    public void Set(string weight, Constraint? constraint, IEnumerable<Weight> weights)
    {
        Set(_constraints, weight, constraint);
        weights.Where(w => w.Name == weight).ToList().ForEach(w => w.Constraint = constraint);
    }

    /// <summary>Adds all to a layer's config, with Keras's keys.</summary>
    public JsonObject AddTo(JsonObject config, Layer layer, IEnumerable<Weight> weights)
    {
        Dictionary<string, object?> penalties = new(StringComparer.Ordinal);
        foreach ((string weight, Regularizer regularizer) in _regularizers)
        {
            penalties[layer.ArgumentNameOf(weight) + PenaltyConfig.Regularizer] = regularizer;
        }
        foreach ((string weight, Constraint constraint) in _constraints)
        {
            penalties[layer.ArgumentNameOf(weight) + PenaltyConfig.Constraint] = constraint;
        }
        // Weights that exist decide.
        foreach (Weight weight in weights)
        {
            penalties[layer.ArgumentNameOf(weight.Name) + PenaltyConfig.Regularizer] = weight.Regularizer;
            penalties[layer.ArgumentNameOf(weight.Name) + PenaltyConfig.Constraint] = weight.Constraint;
        }
        penalties["activity" + PenaltyConfig.Regularizer] = layer.ActivityRegularizer;
        foreach ((string key, object? penalty) in penalties)
        {
            if (penalty is not null || config.ContainsKey(key))
            {
                config[key] = penalty is null ? null : PenaltyConfig.ToJson(penalty);
            }
        }
        return config;
    }

    private static void Set<T>(Dictionary<string, T> byName, string weight, T? value)
        where T : class
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(weight);
        if (value is null)
        {
            byName.Remove(weight);
        }
        else
        {
            byName[weight] = value;
        }
    }
}
