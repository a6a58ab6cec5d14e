using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training flips each image with probability ½. In inference it is the identity. The shape does not change. Like Keras's RandomFlip, but both directions are drawn independently, as in Keras 2.</summary>
/// <param name="mode">The directions: <c>"horizontal"</c>, <c>"vertical"</c> or <c>"horizontal_and_vertical"</c>.</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>random_flip</c>.</param>
/// <exception cref="ArgumentException">The mode is unknown.</exception>
public sealed class RandomFlipLayer(string mode = "horizontal_and_vertical", int? seed = null, string? name = null)
    : Layer(name),
        IFromConfig<RandomFlipLayer>
{
    /// <inheritdoc/>
    public override string ClassName => "RandomFlip";

    /// <summary>The directions: <c>"horizontal"</c>, <c>"vertical"</c> or <c>"horizontal_and_vertical"</c>.</summary>
    public string Mode { get; } = RequireMode(mode);

    /// <summary>The layer's own seed; <see langword="null"/> for the run's seed.</summary>
    public int? Seed { get; } = seed;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        Shape shape = x.Shape.RequireImages("a flip");
        float[] last = [Mode == "horizontal" ? 0 : shape[1]!.Value - 1, Mode == "vertical" ? 0 : shape[2]!.Value - 1];
        Symbol isFlipped = Ops.RandomUniform(x, Shape.Of(1, 1, 2), 0, 1, Seed) < 0.5;
        Symbol turns = isFlipped * Constants.Of([Mode == "horizontal" ? 0 : 1, Mode == "vertical" ? 0 : 1], 2);
        Symbol points = (RandomTransform.Grid(shape) * (1 - (2 * turns))) + (turns * Constants.Of(last, 2));
        return Ops.InTraining(Ops.Sample(x, points, FillMode.Nearest, nearest: true), x);
    }

    /// <inheritdoc/>
    public static RandomFlipLayer FromConfig(LayerConfigReader config) =>
        new(config.String("mode", "horizontal_and_vertical"), config.OptionalInt("seed"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["mode"] = Mode;
        config["seed"] = Seed;
        return config;
    }

    private static string RequireMode(string mode) =>
        mode is "horizontal" or "vertical" or "horizontal_and_vertical"
            ? mode
            : throw new ArgumentException(
                $"RandomFlip: '{mode}' is not a mode. Use \"horizontal\", \"vertical\" or \"horizontal_and_vertical\".",
                nameof(mode)
            );
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.RandomFlipLayer"/>
    public static Call<RandomFlipLayer> RandomFlip(
        string mode = "horizontal_and_vertical",
        int? seed = null,
        string? name = null
    ) => new RandomFlipLayer(mode, seed, name).Apply;
}
