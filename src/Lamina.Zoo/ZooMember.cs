namespace Lamina;

/// <summary>A model of the <see cref="Zoo"/> and what its source builds it for.</summary>
public sealed record ZooMember
{
    private readonly Func<int, int, int, double, Model> _build;

    internal ZooMember(string name, string source, Func<int, int, int, double, Model> build) =>
        (Name, Source, _build) = (name, source, build);

    /// <summary>The name that <see cref="Zoo.Build"/> and the command line take.</summary>
    public string Name { get; }

    /// <summary>Who published it, on one line.</summary>
    public string Source { get; }

    /// <summary>The number of classes.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>The side of the square input images in pixels.</summary>
    public int InputSize { get; init; } = 224;

    /// <summary>The smallest <see cref="InputSize"/> whose windows all fit.</summary>
    public required int MinInputSize { get; init; }

    /// <summary>The input's channels.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>The probability that dropout zeroes a value.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>
    /// What PyTorch calls the modules that have weights, in the model's order, where the source has a state dict:
    /// torchvision's <c>features.0</c>… <see langword="null"/> for others.
    /// </summary>
    public IReadOnlyList<string>? PyTorchModules { get; init; }

    /// <summary>Builds the model.</summary>
    /// <param name="options">What to build it for instead; <see langword="null"/> for what the source does.</param>
    /// <exception cref="ShapeException">The images are too small for it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Model Build(ZooOptions? options = null) =>
        _build(
            options?.Classes ?? Classes,
            options?.InputSize ?? InputSize,
            options?.Channels ?? Channels,
            options?.Dropout ?? Dropout
        );
}
