using System.Text.Json.Nodes;

namespace Lamina.Runs;

/// <summary>The state of a run before its first step.</summary>
public sealed record RunStart
{
    /// <summary>The run folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The origin of the images.</summary>
    public required DataOrigin Data { get; init; }

    /// <summary>The line about recognized folders of the data; <see langword="null"/> if there are none.</summary>
    public string? DataNote { get; init; }

    /// <summary>The number of training images.</summary>
    public required int TrainImages { get; init; }

    /// <summary>The number of validation images; <see langword="null"/> if the test images are used.</summary>
    public int? ValidationImages { get; init; }

    /// <summary>The number of test images.</summary>
    public required int TestImages { get; init; }

    /// <summary>The classes, in the order of the model's outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The baselines; <see langword="null"/> for a resumed run that was started without them.</summary>
    public Baselines? Baselines { get; init; }

    /// <summary>The model, before the first step.</summary>
    public required Model Model { get; init; }

    /// <summary>The name of the model: a zoo model, or the file with the starting weights.</summary>
    public required string ModelName { get; init; }

    /// <summary>The recipe.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The description of the recipe: epochs, batch size, optimizer, learning rate.</summary>
    public required string RecipeText { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The lines about the starting weights; empty if there are none.</summary>
    public IReadOnlyList<string> WeightNotes { get; init; } = [];

    /// <summary>
    /// The peak memory of a step in bytes, with recomputed and with kept activations; <see langword="null"/> if they are kept.
    /// </summary>
    public (long Recomputed, long Kept)? StepMemory { get; init; }

    /// <summary>All settings, as in the run's record.</summary>
    public required JsonObject Settings { get; init; }
}
