using System.Globalization;

namespace Lamina.Runs.Results;

/// <summary>Training images as a network sees them, resized and augmented, in displayable colors.</summary>
internal static class TrainingSheet
{
    /// <summary>Returns images of the first training batch.</summary>
    /// <param name="train">The training loader.</param>
    /// <param name="most">The most images.</param>
    /// <param name="mix">Returns the mixed batches; null for no mixing.</param>
    public static IReadOnlyList<PredictionTile> Tiles(
        DataLoader train,
        int most,
        Func<IBatchSource, IBatchSource>? mix = null
    )
    {
        // The same seed, epoch and order make the same changes; only the scaling is omitted.
        var visible = new DataLoader(
            train.Source,
            train.Preprocessing with
            {
                Scale = 1,
                Mean = [0],
                Std = [1],
                MeanImage = null,
                // Pictures are red first, whatever the network wants.
                ChannelOrder = ChannelOrder.Rgb,
            },
            train.Options with
            {
                OnSkipped = null,
                Prefetch = 1,
            }
        );
        IBatchSource source = mix is null ? visible : mix(visible);
        return source.Batches(0).FirstOrDefault() is { } batch
            ? [.. Enumerable.Range(0, Math.Min(batch.Count, most)).Select(row => Tile(batch, row, train))]
            : [];
    }

    private static PredictionTile Tile(Batch batch, int row, DataLoader train)
    {
        (int height, int width, int channels) = (
            train.Preprocessing.Height,
            train.Preprocessing.Width,
            train.Preprocessing.Channels
        );
        int size = height * width * channels;
        ReadOnlySpan<float> values = batch.Inputs[0].Values.Slice(row * size, size);
        var bytes = new byte[size];
        for (int i = 0; i < size; i++)
        {
            bytes[i] = (byte)Math.Clamp(MathF.Round(values[i]), 0, byte.MaxValue);
        }
        return new PredictionTile(bytes, height, width, channels, TextOf(batch.Targets[0], row, train.ClassNames), []);
    }

    /// <summary>Returns the class of a row; for mixed images, each class with its weight.</summary>
    internal static string TextOf(NDArray targets, int row, IReadOnlyList<string> classes)
    {
        int width = targets.Shape[1]!.Value;
        if (width == 1)
        {
            return classes[(int)targets[row, 0]];
        }
        (int Class, float Share)[] shares =
        [
            .. Enumerable
                .Range(0, width)
                .Select(c => (c, targets[row, c]))
                .Where(s => s.Item2 > 0.005f)
                .OrderByDescending(s => s.Item2),
        ];
        return shares is [var only]
            ? classes[only.Class]
            : string.Join(
                " + ",
                shares.Select(s =>
                    string.Create(CultureInfo.InvariantCulture, $"{100 * s.Share:0} % {classes[s.Class]}")
                )
            );
    }
}
