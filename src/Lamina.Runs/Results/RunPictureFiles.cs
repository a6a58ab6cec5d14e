using Lamina.Runs.Folder;

namespace Lamina.Runs.Results;

/// <summary>Draws the pictures of a run.</summary>
internal static class RunPictureFiles
{
    private const int FewestTiles = 16;
    private const int MostTiles = 40;
    private const int TilePixels = 296;
    private const int SheetTiles = 32;
    private const int Bars = 5;

    /// <summary>Draws the curves of the history and the kernels of the first layer.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="model">The model.</param>
    /// <param name="history">The epochs.</param>
    /// <param name="learningRates">The learning rate of each epoch, from 1.</param>
    public static void WriteTraining(
        RunFolder folder,
        Model model,
        History history,
        IReadOnlyDictionary<int, double> learningRates
    )
    {
        if (history.Epochs.Count > 0)
        {
            RunPictures.Curves(folder.Curves, [.. history.Epochs.Select(log => Point(log, learningRates))]);
        }
        // The kernel of a convolution: (height, width, channels, filters).
        if (model.Layers.SelectMany(l => l.Weights).FirstOrDefault(w => w.Shape.Rank == 4) is { } kernel)
        {
            RunPictures.Filters(folder.Filters, kernel.GetValues(), kernel.Shape);
        }
    }

    /// <summary>Draws images of the first training batch as the network saw them, after augmentation.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="train">The loader of the training images.</param>
    /// <param name="mix">Returns the mixed batches, if they are mixed.</param>
    public static void WriteTrainingImages(RunFolder folder, DataLoader train, Func<IBatchSource, IBatchSource> mix)
    {
        if (TrainingSheet.Tiles(train, SheetTiles, mix) is { Count: > 0 } tiles)
        {
            RunPictures.ImageSheet(folder.TrainingImages, tiles);
        }
    }

    /// <summary>Draws the confusion matrix, and test images with their predictions.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="model">The model.</param>
    /// <param name="result">The results of the test.</param>
    /// <param name="images">The images of the test.</param>
    /// <param name="load">Creates a loader that prepares test images as in the test.</param>
    public static void WriteResults(
        RunFolder folder,
        Model model,
        Evaluation result,
        LabeledImages images,
        Func<LabeledImages, DataLoader> load
    )
    {
        RunPictures.ConfusionMatrix(folder.Confusion, result.Confusion, result.Classes);
        int count = Math.Clamp(result.Classes.Count, FewestTiles, MostTiles);
        LabeledImages chosen = images.Subset([.. result.Examples.Choose(count, result.Top1Error).Select(e => e.Image)]);
        var tiles = new List<PredictionTile>();
        DataLoader loader = load(chosen);
        foreach (Batch batch in loader.Batches(0))
        {
            NDArray rows = Classifier.Probabilities(model, batch.Inputs[0], loader.BatchSize * batch.Crops);
            NDArray scores = CropAverage.Of(rows, batch.Crops);
            int width = scores.Shape[1]!.Value;
            for (int row = 0; row < batch.Count; row++)
            {
                if (TryTile(chosen, batch.Indices![row], scores.Values.Slice(row * width, width)) is { } tile)
                {
                    tiles.Add(tile);
                }
            }
        }
        RunPictures.Predictions(folder.Predictions, tiles);
    }

    private static PredictionTile? TryTile(LabeledImages images, int index, ReadOnlySpan<float> scores)
    {
        if (Thumbnail.TryDecode(images, index, TilePixels) is not { } pixels)
        {
            return null;
        }
        ClassProbability[] top =
        [
            .. Classifier
                .Top(scores, Bars)
                .Select(t => new ClassProbability(images.ClassNames[t.Index], t.Probability)),
        ];
        (byte[] bytes, int height, int width) = Thumbnail.Shrunk(pixels, TilePixels);
        return new PredictionTile(bytes, height, width, pixels.Channels, images.ClassNames[images.Labels[index]], top);
    }

    private static CurvePoint Point(EpochLog log, IReadOnlyDictionary<int, double> learningRates) =>
        new(
            log.Epoch + 1,
            log.Logs["loss"],
            Value(log, "accuracy"),
            Value(log, "val_loss"),
            Value(log, "val_accuracy"),
            learningRates.TryGetValue(log.Epoch + 1, out double rate) ? rate : null
        );

    private static double? Value(EpochLog log, string name) => log.Logs.TryGetValue(name, out double v) ? v : null;
}
