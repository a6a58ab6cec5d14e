using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that adds l1·|x| + l2·x² of its input to the loss: the sum over the elements of a sample, averaged over samples.
/// The output is the input. Like Keras's ActivityRegularization.
/// </summary>
/// <param name="l1">The factor of |x|, at least 0. Default: 0.</param>
/// <param name="l2">The factor of x², at least 0. Default: 0.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>activity_regularization</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A factor is negative or not finite.</exception>
public sealed class ActivityRegularization(double l1 = 0, double l2 = 0, string? name = null)
    : Layer(name),
        IFromConfig<ActivityRegularization>
{
    private readonly L1L2 _penalty = new(l1, l2);

    /// <summary>The factor of |x|.</summary>
    public double L1 => _penalty.Absolute;

    /// <summary>The factor of x².</summary>
    public double L2 => _penalty.Squared;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        AddActivityLoss(_penalty, inputs[0]);
        return inputs[0];
    }

    /// <inheritdoc/>
    public static ActivityRegularization FromConfig(LayerConfigReader config) =>
        new(config.Double("l1", 0), config.Double("l2", 0), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["l1"] = L1;
        config["l2"] = L2;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.ActivityRegularization"/>
    public static Call<ActivityRegularization> ActivityRegularization(
        double l1 = 0,
        double l2 = 0,
        string? name = null
    ) => new ActivityRegularization(l1, l2, name).Apply;
}
