using System.Text.Json.Nodes;

namespace Lamina.Runs.Transfer;

/// <summary>The recipe of a new head on fixed features, if no recipe is set.</summary>
internal static class HeadRecipe
{
    /// <summary>Returns the recipe of fine-tuning: as many epochs as see 15,000 images, of which a few train the head alone.</summary>
    public static Recipe FineTuning() =>
        Get() with
        {
            Name = "finetune",
            Description =
                "A new head, then the stages of the trunk from the top: Adam, a cosine in each, mixed features.",
            Images = 15_000,
            Batch = 32,
            // Few images are soon learned by heart. Other changes would have the trunk computed anew in every epoch.
            Mixing = new Mixing { MixUp = 0.4, CutMix = 1 }.ToJson(),
        };

    /// <summary>The label smoothing of a head with a hidden layer, which soon knows all training images by heart.</summary>
    public const double HiddenSmoothing = 0.1;

    /// <summary>Returns the recipe of a head with a hidden layer, before the epochs of the run.</summary>
    /// <param name="images">The number of images.</param>
    public static Recipe Hidden(int images) =>
        Get() with
        {
            Name = "hidden",
            Description = "A head with a hidden layer on frozen features.",
            Epochs = Math.Clamp(90_000 / Math.Max(1, images), 15, 60),
            Optimizer = new JsonObject
            {
                ["name"] = "adamw",
                ["learning_rate"] = 0.002,
                ["weight_decay"] = 0.05,
            },
            LabelSmoothing = HiddenSmoothing,
        };

    /// <summary>Returns the recipe: no random changes, so that each image's features are computed once.</summary>
    public static Recipe Get() =>
        Recipe.Get("standard") with
        {
            Name = "head",
            Description = "A new head on frozen features: softmax regression, then Adam on the same penalty.",
            Source = "Lamina",
            Input = 224,
            Dropout = 0,
            Initializer = null,
            Epochs = 5,
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
