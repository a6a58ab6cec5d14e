namespace Lamina.Cli;

/// <summary>The pictures of a run.</summary>
internal static class RunPictureFiles
{
    private const int Tiles = 16;
    private const int TilePixels = 296;
    private const int Bars = 5;

    /// <summary>The curves of the history and the first layer's kernels.</summary>
    public static void WriteTraining(RunFolder folder, Model model, History history)
    {
        if (history.Epochs.Count > 0)
        {
            RunPictures.Curves(folder.Curves, [.. history.Epochs.Select(Point)]);
        }
        // Of a convolution: (height, width, channels, filters).
        if (model.Layers.SelectMany(l => l.Weights).FirstOrDefault(w => w.Shape.Rank == 4) is { } kernel)
        {
            RunPictures.Filters(folder.Filters, kernel.GetValues(), kernel.Shape);
        }
    }

    /// <summary>The confusion matrix, and test images with what the model says of them.</summary>
    public static void WriteResults(
        RunFolder folder,
        Model model,
        Evaluation result,
        LabeledImages images,
        Preprocessing preprocessing
    )
    {
        RunPictures.ConfusionMatrix(folder.Confusion, result.Confusion, result.Classes);
        var tiles = new List<PredictionTile>();
        for (int i = 0; i < images.Count && tiles.Count < Tiles; i++)
        {
            // Evenly over the images, which are in the order of their classes, and further where one cannot be read.
            int index = (int)((long)i * Stride(images.Count) % images.Count);
            if (TryTile(model, images, index, preprocessing) is { } tile)
            {
                tiles.Add(tile);
            }
        }
        RunPictures.Predictions(folder.Predictions, tiles);
    }

    /// <summary>A step that meets every index once, a sixteenth of the count or little more.</summary>
    private static int Stride(int count)
    {
        int stride = Math.Max(1, count / Tiles);
        while (System.Numerics.BigInteger.GreatestCommonDivisor(stride, count) != 1)
        {
            stride++;
        }
        return stride;
    }

    private static PredictionTile? TryTile(Model model, LabeledImages images, int index, Preprocessing preprocessing)
    {
        if (Thumbnail.TryDecode(images, index, TilePixels) is not { } pixels)
        {
            return null;
        }
        NDArray scores = Classifier.Probabilities(model, Images.Prepare(pixels, preprocessing), 1);
        ClassProbability[] top =
        [
            .. Classifier
                .Top(scores.Values, Bars)
                .Select(t => new ClassProbability(images.ClassNames[t.Index], t.Probability)),
        ];
        (byte[] bytes, int height, int width) = Thumbnail.Shrunk(pixels, TilePixels);
        return new PredictionTile(bytes, height, width, pixels.Channels, images.ClassNames[images.Labels[index]], top);
    }

    private static CurvePoint Point(EpochLog log) =>
        new(
            log.Epoch + 1,
            log.Logs["loss"],
            Value(log, "accuracy"),
            Value(log, "val_loss"),
            Value(log, "val_accuracy")
        );

    private static double? Value(EpochLog log, string name) => log.Logs.TryGetValue(name, out double v) ? v : null;
}
