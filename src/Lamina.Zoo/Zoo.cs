namespace Lamina;

/// <summary>
/// The AlexNet family, ready to build. Every model ends in a softmax: its outputs are probabilities, (N, classes).
/// </summary>
public static partial class Zoo
{
    private static readonly Dictionary<string, Func<ZooOptions, Model>> s_models = new(StringComparer.Ordinal)
    {
        ["walkthrough"] = o => Walkthrough(o.Classes, o.InputSize, o.Channels, o.Dropout),
        ["listing"] = o => Listing(o.Classes, o.InputSize, o.Channels, o.Dropout),
    };

    /// <summary>The names that <see cref="Build"/> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_models.Keys];

    /// <summary>Builds a model by its name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">What for; <see langword="null"/> for 1000 classes of 224×224 colour images.</param>
    /// <exception cref="LaminaException">No model has this name, or the images are too small for it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static Model Build(string name, ZooOptions? options = null) =>
        s_models.TryGetValue(name, out Func<ZooOptions, Model>? build)
            ? build(options ?? new ZooOptions())
            : throw new LaminaException(
                $"The zoo has no model '{name}'. Use one of {string.Join(", ", s_models.Keys)}."
            );

    private static Symbol InputImages(int size, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        return Layers.Input(size, size, channels);
    }
}
