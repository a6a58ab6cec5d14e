namespace Lamina;

/// <summary>A model of the <see cref="Zoo"/> with the defaults of its source.</summary>
public sealed record ZooMember
{
    private readonly Func<int, int, int, double, Model> _build;

    internal ZooMember(string name, string source, Func<int, int, int, double, Model> build) =>
        (Name, Source, _build) = (name, source, build);

    /// <summary>The name for <see cref="Zoo.Build"/> and the command line.</summary>
    public string Name { get; }

    /// <summary>The publication, on one line.</summary>
    public string Source { get; }

    /// <summary>The number of classes.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>The side of the square input images in pixels.</summary>
    public int InputSize { get; init; } = 224;

    /// <summary>The smallest supported <see cref="InputSize"/>.</summary>
    public required int MinInputSize { get; init; }

    /// <summary>The number of input channels.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>The probability that dropout zeroes a value.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>
    /// The names of the PyTorch modules with weights, in the model's order, such as torchvision's <c>features.0</c>;
    /// <see langword="null"/> if the source has no state dict.
    /// </summary>
    public IReadOnlyList<string>? PyTorchModules { get; init; }

    /// <summary>Builds the model.</summary>
    /// <param name="options">The options; <see langword="null"/> for the defaults of the source.</param>
    /// <exception cref="ShapeException">The images are too small.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Model Build(ZooOptions? options = null) =>
        _build(
            options?.Classes ?? Classes,
            options?.InputSize ?? InputSize,
            options?.Channels ?? Channels,
            options?.Dropout ?? Dropout
        );
}
