using System.Globalization;
using Lamina.Runs.Transfer;

namespace Lamina.Runs.Training;

/// <summary>
/// Trains a new head with a hidden layer on features before its first epoch. Its batch normalization has the statistics of all
/// training features; the two dense layers begin at random, by AdamW with label smoothing.
/// </summary>
internal sealed class HiddenHeadFit
{
    private readonly Model _head;
    private readonly BatchNormalization _norm;

    private HiddenHeadFit(Model head, BatchNormalization norm) => (_head, _norm) = (head, norm);

    /// <summary>Finds out whether a head has a hidden layer that can be trained so.</summary>
    /// <param name="head">The head, from features to classes.</param>
    /// <returns>
    /// <see langword="null"/> unless it is batch normalization that has seen nothing and two Dense layers, with dropout or without.
    /// </returns>
    public static HiddenHeadFit? Of(Model head)
    {
        Layer[] layers = [.. head.Layers.Where(l => l is not (InputLayer or Dropout))];
        return
            head.Inputs[0].Shape.Rank == 2
            && layers is [BatchNormalization { Scale: true, Center: true } norm, Dense hidden, Dense dense]
            && hidden.Activation.Name == "relu"
            && dense.Activation.Name == "softmax"
            && hidden.Trainable
            && dense.Trainable
            && HeadFit.HasSeenNothing(norm)
            ? new HiddenHeadFit(head, norm)
            : null;
    }

    /// <summary>Freezes batch normalization, which is to normalize by the statistics of all features.</summary>
    public void Freeze() => _norm.Trainable = false;

    /// <summary>Trains the head.</summary>
    /// <param name="features">The training images' features.</param>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="cancellation">Ends the training.</param>
    /// <returns>A line about it.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public string Fit(FeatureSet features, TrainSettings settings, CancellationToken cancellation)
    {
        new FeatureScale(features.Rows).SetStatistics(_norm);
        Recipe recipe = HeadRecipe.Hidden(features.Count);
        var binding = new RecipeBinding(recipe);
        // The views of an image are as frequent here as in the epochs that follow.
        var batches = new FeatureBatches(
            new Lazy<FeatureSet>(features),
            features.Count,
            recipe.Batch,
            features.Views.Count > 1 ? 0.5 : 0,
            settings.Options.Seed
        );
        _ = _head.Compile(
            binding.NewOptimizer(features.Count),
            binding.NewLoss(_head),
            ["accuracy"],
            settings.Options.Seed,
            device: settings.Device
        );
        History history = _head.Fit(batches, recipe.Epochs, verbose: 0, cancellation: cancellation);
        if (history.Cancelled)
        {
            throw new OperationCanceledException(cancellation);
        }
        return string.Create(
            CultureInfo.InvariantCulture,
            $"head fitted to {features.Count:N0} images: a hidden layer, {recipe.Epochs} epochs, the last one {Text.Words.Percent(history.Epochs[^1].Logs["accuracy"])} with dropout"
        );
    }
}
