namespace Lamina;

/// <summary>
/// The AlexNet family. Every model ends in a softmax: its outputs are probabilities, (N, classes).
/// </summary>
public static partial class Zoo
{
    /// <summary>The models, in the order of tables.</summary>
    public static IReadOnlyList<ZooMember> Members { get; } =
    [
        new("walkthrough", "the Keras document that Lamina ports, sections 2 to 7", Walkthrough) { MinInputSize = 57 },
        new("listing", "the same document's \"Final code\"", Listing) { MinInputSize = 153 },
        new("paper", "Krizhevsky, Sutskever and Hinton 2012", Paper) { MinInputSize = 64 },
        new("caffe", "Caffe's models/bvlc_alexnet", Caffe) { MinInputSize = 67, InputSize = 227 },
        new("caffenet", "Caffe's models/bvlc_reference_caffenet", CaffeNet) { MinInputSize = 67, InputSize = 227 },
        new("owt", "torchvision, after Krizhevsky 2014, One weird trick", OneWeirdTrick)
        {
            MinInputSize = 63,
            PyTorchModules =
            [
                "features.0",
                "features.3",
                "features.6",
                "features.8",
                "features.10",
                "classifier.1",
                "classifier.4",
                "classifier.6",
            ],
        },
        new("d2l", "Zhang et al., Dive into Deep Learning, section 8.1", D2l)
        {
            MinInputSize = 65,
            Classes = 10,
            Channels = 1,
            // Its class contains an nn.Sequential named net.
            PyTorchModules = ["net.0", "net.3", "net.6", "net.8", "net.10", "net.14", "net.17", "net.20"],
        },
        new("small", "Lamina, for small images", Small) { MinInputSize = 29, InputSize = 64 },
    ];

    /// <summary>The names of the models.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Members.Select(m => m.Name)];

    /// <summary>Returns the model with a name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="LaminaException">No model has this name.</exception>
    public static ZooMember Member(string name) =>
        Members.FirstOrDefault(m => m.Name == name)
        ?? throw new LaminaException($"The zoo has no model '{name}'. Use one of {string.Join(", ", Names)}.");

    /// <summary>Builds a model by its name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults of the model's source.</param>
    /// <exception cref="LaminaException">No model has this name, or the images are too small for it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static Model Build(string name, ZooOptions? options = null) => Member(name).Build(options);

    private static Symbol InputImages(int size, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        return Layers.Input(size, size, channels);
    }

    /// <summary>
    /// Returns PyTorch's default initializer, U(±1/√fanIn), for kernels (kaiming_uniform with a = √5) and biases.
    /// </summary>
    private static RandomUniform PyTorchUniform(int fanIn) => new(-1 / Math.Sqrt(fanIn), 1 / Math.Sqrt(fanIn));
}
