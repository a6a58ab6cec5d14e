using System.Text.Json.Nodes;

namespace Lamina.Runs;

/// <summary>What a run begins with.</summary>
public sealed record RunStart
{
    /// <summary>The run folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The origin of the images.</summary>
    public required DataOrigin Data { get; init; }

    /// <summary>What was recognized in the data's folder, in a line; <see langword="null"/> if nothing.</summary>
    public string? DataNote { get; init; }

    /// <summary>The number of images to train on.</summary>
    public required int TrainImages { get; init; }

    /// <summary>The number of images to validate on; <see langword="null"/> if those of the test are used.</summary>
    public int? ValidationImages { get; init; }

    /// <summary>The number of images to test on.</summary>
    public required int TestImages { get; init; }

    /// <summary>The classes, in the order of the model's outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>What a model must exceed; <see langword="null"/> for a resumed run that began without them.</summary>
    public Baselines? Baselines { get; init; }

    /// <summary>The model, before the first step.</summary>
    public required Model Model { get; init; }

    /// <summary>The name of the model: one of the zoo, or that of the file with the starting weights.</summary>
    public required string ModelName { get; init; }

    /// <summary>The recipe.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The recipe in words: epochs, batch, optimizer, learning rate.</summary>
    public required string RecipeText { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>What became of the starting weights, in lines; empty if there are none.</summary>
    public IReadOnlyList<string> WeightNotes { get; init; } = [];

    /// <summary>
    /// The most memory of a step in bytes, with activations recomputed and if they were all kept; <see langword="null"/> if
    /// they are kept.
    /// </summary>
    public (long Recomputed, long Kept)? StepMemory { get; init; }

    /// <summary>All settings, as the run's record has them.</summary>
    public required JsonObject Settings { get; init; }
}
