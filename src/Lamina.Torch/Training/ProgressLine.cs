using System.Globalization;

namespace Lamina;

/// <summary>
/// Prints Keras's progress line: rewritten in place on a terminal, one line per epoch elsewhere. <c>32/100 ━━━━━━━━━━
/// 8s 118ms/step - accuracy: 0.9 - loss: 0.3</c>
/// </summary>
/// <param name="output">The writer of the line.</param>
/// <param name="live"><see langword="true"/> if the output is a terminal, on which a line can be rewritten.</param>
internal sealed class ProgressLine(TextWriter output, bool live) : Callback
{
    private const int Width = 20;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private long _last;
    private int _batches;

    public override void OnTrainBatchEnd(BatchLog log)
    {
        _batches = log.Batch;
        bool due = System.Diagnostics.Stopwatch.GetElapsedTime(_last) >= s_interval;
        if (!live || !due || log.Batch == log.Batches)
        {
            return;
        }
        _last = System.Diagnostics.Stopwatch.GetTimestamp();
        if (log.Batches == 0)
        {
            output.Write($"\r\e[K{log.Batch} - {Format(log.Logs)}");
            return;
        }
        int done = Math.Min(Width, log.Batch * Width / log.Batches);
        double stepTime = log.Samples / log.ImagesPerSecond / log.Batch;
        string rest = Time(stepTime * (log.Batches - log.Batch));
        output.Write(
            $"\r\e[K{log.Batch}/{log.Batches} {new string('━', done)}{new string('╶', Width - done)} "
                + $"{rest} {Milliseconds(stepTime)}/step - {Format(log.Logs)}"
        );
    }

    public override void OnEpochBegin(int epoch) => _last = 0;

    public override void OnEpochEnd(EpochLog log)
    {
        double stepTime = log.Elapsed.TotalSeconds / Math.Max(1, _batches);
        output.WriteLine(
            $"{(live ? "\r\e[K" : "")}Epoch {log.Epoch + 1}/{log.Epochs} {_batches}/{_batches} {new string('━', Width)} "
                + $"{Time(log.Elapsed.TotalSeconds)} {Milliseconds(stepTime)}/step - {Format(log.Logs)}"
        );
    }

    private static string Format(IReadOnlyDictionary<string, double> logs) =>
        string.Join(" - ", logs.Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Key}: {l.Value:0.0000}")));

    private static string Time(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0}s");

    private static string Milliseconds(double seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0}ms");
}
