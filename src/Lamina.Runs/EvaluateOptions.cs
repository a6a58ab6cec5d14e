namespace Lamina.Runs;

/// <summary>The options for evaluating a model.</summary>
public sealed record EvaluateOptions
{
    /// <summary>A folder of images. Default: <see langword="null"/>, the test images of the model's run.</summary>
    public string? Data { get; init; }

    /// <summary>The format of <see cref="Data"/>. Default: <see langword="null"/>, detected from the content.</summary>
    public DataFormat? Format { get; init; }

    /// <summary>
    /// The number of crops per image whose probabilities are averaged: 1 (center), 2 (center and its mirror image), or 10 as in
    /// the paper: the corners, the center and their mirror images. Default: 1.
    /// </summary>
    public int Crops { get; init; } = 1;

    /// <summary>The number of rows to compute at a time, at least 1. Default: 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary><see langword="true"/> to throw on an unreadable image instead of skipping it. Default: <see langword="false"/>.</summary>
    public bool Strict { get; init; }

    /// <summary>Checks the ranges of the values.</summary>
    /// <exception cref="LaminaException">A value is out of its range.</exception>
    internal void Validate()
    {
        if (Crops is not (1 or 2 or 10))
        {
            throw new LaminaException($"{nameof(EvaluateOptions)}: {nameof(Crops)} is {Crops}; it must be 1, 2 or 10.");
        }
        if (BatchSize < 1)
        {
            throw new LaminaException(
                $"{nameof(EvaluateOptions)}: {nameof(BatchSize)} is {BatchSize}; it must be at least 1."
            );
        }
    }
}
