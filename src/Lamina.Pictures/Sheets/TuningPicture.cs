namespace Lamina;

/// <summary>The picture of a search for hyperparameters: scores against epochs or trials, and against each hyperparameter.</summary>
public sealed record TuningPicture
{
    /// <summary>The title.</summary>
    public required string Title { get; init; }

    /// <summary>A sentence below the title. Default: none.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The name of the score.</summary>
    public required string Objective { get; init; }

    /// <summary><see langword="true"/> if higher scores are better.</summary>
    public required bool IsMaximized { get; init; }

    /// <summary>The hyperparameters.</summary>
    public required IReadOnlyList<TuningAxis> Axes { get; init; }

    /// <summary>The trials, in the order in which they were begun.</summary>
    public required IReadOnlyList<TuningPoint> Points { get; init; }

    /// <summary><see langword="true"/> for a dark background. Default: <see langword="false"/>.</summary>
    public bool IsDark { get; init; }
}

/// <summary>The axis of a hyperparameter.</summary>
/// <param name="Name">The name.</param>
/// <param name="IsLogarithmic"><see langword="true"/> for a logarithmic axis; values must be above 0.</param>
/// <param name="Categories">The names of the positions 0, 1, …; <see langword="null"/> for an axis of numbers.</param>
public sealed record TuningAxis(string Name, bool IsLogarithmic, IReadOnlyList<string>? Categories);

/// <summary>A trial in the picture of a search.</summary>
/// <param name="Number">The number of the trial, from 1.</param>
/// <param name="Scores">The scores and the epochs after which they were taken, in order.</param>
/// <param name="Values">The position on each axis; <see langword="null"/> where the trial has no such value.</param>
/// <param name="IsFailed"><see langword="true"/> if the trial failed.</param>
/// <param name="IsBest"><see langword="true"/> for the best trial.</param>
public sealed record TuningPoint(
    int Number,
    IReadOnlyList<(int Epochs, double Score)> Scores,
    IReadOnlyList<double?> Values,
    bool IsFailed,
    bool IsBest
);
