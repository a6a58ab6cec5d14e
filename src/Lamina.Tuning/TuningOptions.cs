namespace Lamina.Tuning;

/// <summary>The options of a search.</summary>
public sealed record TuningOptions
{
    /// <summary>The plan: the method, the number of trials and their epochs.</summary>
    public required SearchPlan Plan { get; init; }

    /// <summary>
    /// The folder of the search: its journal, table and picture, and one folder per trial. A search with the same options in
    /// the same folder goes on where the last one ended.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>The value to optimize. Default: <c>val_accuracy</c>, maximized.</summary>
    public Objective Objective { get; init; } = "val_accuracy";

    /// <summary>The seed of the values that are tried, and of every trial's training. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>The number of trials, the best, that keep their weights; at least 1. Default: 3.</summary>
    public int Keep { get; init; } = 3;

    /// <summary>The command line of the search, for its journal. Default: empty.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <exception cref="LaminaException">A value is out of its range.</exception>
    internal void Validate()
    {
        if (Keep < 1)
        {
            throw new LaminaException($"{nameof(TuningOptions)}: {nameof(Keep)} is {Keep}; it must be at least 1.");
        }
    }
}
