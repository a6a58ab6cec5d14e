using System.Text.Json.Nodes;

namespace Lamina.Runs.Transfer;

/// <summary>How a new head is trained on features that do not change, where no recipe is named.</summary>
internal static class HeadRecipe
{
    /// <summary>Returns the recipe: no random changes, so that each image's features are computed once.</summary>
    public static Recipe Get() =>
        Recipe.Get("standard") with
        {
            Name = "head",
            Description = "A new head on frozen features: Adam, a cosine, no augmentation.",
            Source = "Lamina",
            Input = 224,
            Dropout = 0,
            Initializer = null,
            Epochs = 30,
            Batch = 64,
            MicroBatch = null,
            Optimizer = new JsonObject { ["name"] = "adam", ["learning_rate"] = 0.001 },
            Schedule = new RecipeSchedule { Name = "cosine" },
            LabelSmoothing = 0,
            Preprocessing = new RecipePreprocessing(),
            Augmentation = [],
            Mixing = null,
        };
}
