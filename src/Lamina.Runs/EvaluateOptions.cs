namespace Lamina.Runs;

/// <summary>The images that a model is tested on, and how.</summary>
public sealed record EvaluateOptions
{
    /// <summary>A folder of images. Default: <see langword="null"/>, the test images of the model's run.</summary>
    public string? Data { get; init; }

    /// <summary>The format of <see cref="Data"/>. Default: <see langword="null"/>, recognized from the folder's content.</summary>
    public DataFormat? Format { get; init; }

    /// <summary>
    /// The crops of each image whose probabilities are averaged: 1, the center, or 10 as the paper tests: the corners, the
    /// center and their mirror images. Default: 1.
    /// </summary>
    public int Crops { get; init; } = 1;

    /// <summary>The rows that are computed at a time, at least 1. Default: 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary><see langword="true"/> if an image that cannot be read ends the test instead of being skipped. Default: no.</summary>
    public bool Strict { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="LaminaException">A value is out of its range.</exception>
    internal void Validate()
    {
        if (Crops is not (1 or 10))
        {
            throw new LaminaException($"{nameof(EvaluateOptions)}: {nameof(Crops)} is {Crops}; it must be 1 or 10.");
        }
        if (BatchSize < 1)
        {
            throw new LaminaException(
                $"{nameof(EvaluateOptions)}: {nameof(BatchSize)} is {BatchSize}; it must be at least 1."
            );
        }
    }
}
