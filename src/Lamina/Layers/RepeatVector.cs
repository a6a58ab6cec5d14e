using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that repeats vectors. Input: (N, C). Output: (N, n, C). Like Keras's RepeatVector.</summary>
/// <param name="n">The number of repetitions, at least 1.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>repeat_vector</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class RepeatVector(int n, string? name = null) : Layer(name), IFromConfig<RepeatVector>
{
    /// <summary>The number of repetitions.</summary>
    public int N { get; } = Argument.AtLeast(n, 1, nameof(RepeatVector), nameof(n));

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        if (inputs[0].Shape.Rank != 2)
        {
            throw new ShapeException($"needs vectors (batch, features), got {inputs[0].Shape}. Use Flatten before it.");
        }
        return Ops.Reshape(inputs[0], Shape.Of(1, inputs[0].Shape[1]!.Value)) * Constants.Ones(N, 1);
    }

    /// <inheritdoc/>
    public static RepeatVector FromConfig(LayerConfigReader config) => new(config.Int("n"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["n"] = N;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.RepeatVector"/>
    public static Call<RepeatVector> RepeatVector(int n, string? name = null) => new RepeatVector(n, name).Apply;
}
