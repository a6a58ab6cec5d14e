using Lamina.Runs.Sources;

namespace Lamina.Runs.Training;

/// <summary>Works out what a run begins from: loads starting weights, and fits the recipe to them.</summary>
internal static class StartingPoint
{
    /// <summary>By how much smaller the learning rate is that fine-tunes weights that are good already.</summary>
    public const double FineTuning = 0.1;

    /// <summary>Returns the settings of a run.</summary>
    /// <exception cref="LaminaException">A value is out of range, or the weights cannot be used.</exception>
    public static TrainSettings Resolve(TrainOptions options)
    {
        options.Validate();
        if (options.Weights is not { } weights)
        {
            SmallestInput.Require(options.Recipe.Model, options.Recipe.Input);
            return new TrainSettings(options);
        }
        Recipe recipe = options.Recipe with { Model = weights.Model ?? options.Recipe.Model };
        SourceModel source = weights.Loaded ?? Load(weights, recipe);
        if (weights.Model is null)
        {
            int size = InputOf(source.Model, weights.Path);
            recipe = RecipeSize.At(recipe, size) with { Channels = source.Model.Inputs[0].Shape[3] };
        }
        if (weights.UnfreezeAfter is < 1 || (recipe.Images is null && weights.UnfreezeAfter >= recipe.Epochs))
        {
            throw new LaminaException(
                $"unfreeze after {weights.UnfreezeAfter} epochs: the run has {recipe.Epochs}. Use fewer, at least 1, or more epochs."
            );
        }
        if (
            weights.FineTune
            && (
                weights.UnfreezeAfter is not null
                || weights.Unfreeze
                || weights.Freeze is not [TransferLearning.Backbone]
            )
        )
        {
            throw new LaminaException(
                "fine-tuning: unfreezes the layers of the backbone by itself. Freeze the backbone, and leave unfreezing out."
            );
        }
        double? rate =
            weights.UnfreezeAfter is null && !weights.FineTune
                ? null
                : weights.UnfreezeRate ?? (recipe.Rate * FineTuning);
        var transfer = new TransferSettings(
            Path.GetFullPath(weights.Path),
            TransferSettings.ChecksumOf(weights.Path),
            weights.Model,
            NameOf(weights.Path),
            weights.Freeze,
            weights.Unfreeze,
            weights.UnfreezeAfter,
            rate,
            weights.Preprocessing is { } name ? NamedPreprocessing.Read(source.Model, name) : Fitted(source)
        )
        {
            Loaded = source,
            Pretrained = weights.Pretrained?.Name,
            License = weights.Pretrained?.License,
            FineTune = weights.FineTune,
            Features = weights.Features,
            PreprocessingName =
                source.Preprocessing is null && weights.Pretrained is null ? weights.Preprocessing : null,
        };
        return new TrainSettings(options with { Recipe = recipe }) { Transfer = transfer };
    }

    /// <summary>Loads starting weights.</summary>
    /// <exception cref="LaminaException">There is no such file, it cannot be read or does not fit.</exception>
    public static SourceModel Load(StartingWeights weights, Recipe recipe)
    {
        if (!Path.Exists(weights.Path))
        {
            throw new LaminaException($"{weights.Path}: there is no such file or run.");
        }
        return SourceModel.Load(
            weights.Path,
            weights.Model,
            new ZooOptions
            {
                InputSize = recipe.Input,
                Channels = recipe.Channels,
                // Of a known network, the recipe's dropout is the new head's.
                Dropout = weights.Pretrained is null ? recipe.Dropout : 0,
            }
        );
    }

    /// <summary>Returns the side of a model's square input.</summary>
    /// <exception cref="LaminaException">The model's input is not square images.</exception>
    public static int InputOf(Model model, string path) =>
        model.Inputs is [{ Shape: { Rank: 4 } shape }]
        && shape[1] is { } height
        && shape[2] == height
        && shape[3] is 1 or 3
            ? height
            : throw new LaminaException(
                $"{path}: the model accepts {string.Join(", ", model.Inputs.Select(i => i.Shape))}; training needs square images, (None, size, size, 1 or 3)."
            );

    // A network that was trained at one size may be trained further at another, where its layers allow that.
    private static Preprocessing? Fitted(SourceModel source)
    {
        int?[] shape = [.. source.Model.Inputs[0].Shape];
        (int height, int width) = (shape[1]!.Value, shape[2]!.Value);
        if (source.Preprocessing is not { } preprocessing || preprocessing.Channels != shape[3])
        {
            return null;
        }
        if ((preprocessing.Height, preprocessing.Width) == (height, width))
        {
            return preprocessing;
        }
        return preprocessing.MeanImage is not null
            ? null
            : preprocessing with
            {
                Height = height,
                Width = width,
                ShortSide = preprocessing.ShortSide is { } side
                    ? (int)Math.Round((double)side * height / preprocessing.Height, MidpointRounding.AwayFromZero)
                    : null,
            };
    }

    private static string NameOf(string path)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return name.Length > 0 ? Path.GetFileNameWithoutExtension(name) : "model";
    }
}
