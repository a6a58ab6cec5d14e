using System.Globalization;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Formats the progress of a training as lines of text.</summary>
internal static class ProgressLine
{
    private const string Gap = "  ";

    /// <summary>Returns the state of a training: epoch, step, images/s, time left, loss, accuracy.</summary>
    public static string Of(BatchLog log) => Whole(Fields(log));

    /// <summary>Returns the result of an epoch.</summary>
    public static string Of(EpochLog log) => Whole(Fields(log));

    /// <summary>Returns <see cref="Of(BatchLog)"/> shortened to a width: shorter words, then fewer values.</summary>
    /// <param name="log">The step.</param>
    /// <param name="width">The most columns.</param>
    public static string Fitted(BatchLog log, int width) => Fit(Fields(log), width);

    /// <inheritdoc cref="Fitted(BatchLog, int)"/>
    public static string Fitted(EpochLog log, int width) => Fit(Fields(log), width);

    private static List<Field> Fields(BatchLog log) =>
        [
            new(0, $"epoch {log.Epoch + 1}/{log.Epochs}", $"{log.Epoch + 1}/{log.Epochs}"),
            new(1, $"step {log.Batch}/{log.Batches}", $"{log.Batch}/{log.Batches}"),
            Rate(5, log.ImagesPerSecond),
            new(4, $"{Words.Clock(log.Remaining)} left", $"{Words.Clock(log.Remaining)} left"),
            .. Values(log.Logs, ["loss", "accuracy"], first: 2, others: 6),
        ];

    private static List<Field> Fields(EpochLog log) =>
        [
            new(0, $"epoch {log.Epoch + 1}/{log.Epochs}", $"{log.Epoch + 1}/{log.Epochs}"),
            new(6, Words.Clock(log.Elapsed), Words.Clock(log.Elapsed)),
            Rate(7, log.ImagesPerSecond),
            .. Values(log.Logs, ["val_accuracy", "accuracy", "val_loss", "loss"], first: 1, others: 5),
        ];

    private static Field Rate(int rank, double imagesPerSecond)
    {
        string rate = imagesPerSecond.ToString("F0", CultureInfo.InvariantCulture);
        return new(rank, $"{rate} images/s", $"{rate}/s");
    }

    private static IEnumerable<Field> Values(
        IReadOnlyDictionary<string, double> logs,
        string[] ranked,
        int first,
        int others
    ) =>
        logs.Select(l =>
        {
            string value = l.Value.ToString("F4", CultureInfo.InvariantCulture);
            string name = l.Key.Replace('_', ' ');
            int rank = Array.IndexOf(ranked, l.Key);
            return new Field(
                rank < 0 ? others : first + rank,
                $"{name} {value}",
                $"{name.Replace("accuracy", "acc", StringComparison.Ordinal)} {value}"
            );
        });

    private static string Whole(List<Field> fields) => string.Join(Gap, fields.Select(f => f.Text));

    private static string Fit(List<Field> fields, int width)
    {
        string text = Whole(fields);
        while (text.Length > width)
        {
            string shorter = string.Join(Gap, fields.Select(f => f.Short));
            if (shorter.Length <= width || fields.Count == 1)
            {
                return shorter;
            }
            fields.Remove(fields.MaxBy(f => f.Rank));
        }
        return text;
    }

    /// <summary>A part of a line.</summary>
    /// <param name="Rank">The rank in which fields are omitted: the highest first.</param>
    /// <param name="Text">The full text.</param>
    /// <param name="Short">The short text.</param>
    private readonly record struct Field(int Rank, string Text, string Short);
}
