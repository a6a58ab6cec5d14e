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

    /// <summary>As <see cref="Of(BatchLog)"/>, shorter where the screen is narrow.</summary>
    public static string Fitted(BatchLog log, int width) =>
        Fit(
            width,
            Of(log),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{log.Epoch + 1}/{log.Epochs}  {log.Batch}/{log.Batches}  {log.ImagesPerSecond:F0}/s  {Clock(log.Remaining)} left"
            ) + Values(Short(log.Logs))
        );

    /// <summary>As <see cref="Of(EpochLog)"/>, shorter where the screen is narrow.</summary>
    public static string Fitted(EpochLog log, int width) =>
        Fit(
            width,
            Of(log),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{log.Epoch + 1}/{log.Epochs}  {Clock(log.Elapsed)}  {log.ImagesPerSecond:F0}/s"
            ) + Values(Short(log.Logs))
        );

    private static string Fit(int width, string text, string shorter) =>
        text.Length <= width ? text
        : shorter.Length <= width ? shorter
        : shorter[..Math.Max(1, width)];

    // In the order of the logs: loss, acc, and after them those of the validation.
    private static Dictionary<string, double> Short(IReadOnlyDictionary<string, double> logs) =>
        logs.ToDictionary(l => l.Key.Replace("accuracy", "acc", StringComparison.Ordinal), l => l.Value);

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
