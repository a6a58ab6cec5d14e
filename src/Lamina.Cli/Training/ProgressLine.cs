using System.Globalization;

namespace Lamina.Cli;

/// <summary>The progress of a training as lines of text.</summary>
internal static class ProgressLine
{
    /// <summary>Where a training is: epoch, step, images a second, time left, loss, accuracy.</summary>
    public static string Of(BatchLog log) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {log.Epoch + 1}/{log.Epochs}  step {log.Batch}/{log.Batches}  {log.ImagesPerSecond:F0} images/s  "
                + $"{Clock(log.Remaining)} left{Values(log.Logs)}"
        );

    /// <summary>What an epoch came to.</summary>
    public static string Of(EpochLog log) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {log.Epoch + 1}/{log.Epochs}  {Clock(log.Elapsed)}  {log.ImagesPerSecond:F0} images/s{Values(log.Logs)}"
        );

    /// <summary>A time as <c>m:ss</c>, or <c>h:mm:ss</c>.</summary>
    public static string Clock(TimeSpan time)
    {
        var rounded = TimeSpan.FromSeconds(Math.Max(0, Math.Round(time.TotalSeconds)));
        return rounded.ToString(rounded.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);
    }

    private static string Values(IReadOnlyDictionary<string, double> logs) =>
        string.Concat(
            logs.Select(l => string.Create(CultureInfo.InvariantCulture, $"  {l.Key.Replace('_', ' ')} {l.Value:F4}"))
        );
}
