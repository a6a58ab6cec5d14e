using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Lamina.Runs.Text;

namespace Lamina.Runs.Folder;

/// <summary>Rewrites <c>history.csv</c> after each epoch, so that a killed run leaves its history.</summary>
internal sealed class HistoryFile(string path) : Callback
{
    private const string RateColumn = "learning_rate";
    private static readonly string[] s_columns = ["loss", "accuracy", "val_loss", "val_accuracy"];
    private readonly StringBuilder _text = new(
        $"epoch,{string.Join(',', s_columns)},{RateColumn},seconds,images_per_second\n"
    );
    private Optimizer? _optimizer;
    private double? _rate;
    private bool _hasRate = true;

    /// <summary>The learning rate of the last step of each epoch, from 1.</summary>
    public IReadOnlyDictionary<int, double> LearningRates
    {
        get
        {
            string[][] rows = [.. _text.ToString().Split('\n').Select(line => line.Split(','))];
            int column = Array.IndexOf(rows[0], RateColumn);
            return rows.Skip(1)
                .Where(row => column >= 0 && column < row.Length && row[column].Length > 0)
                .ToDictionary(
                    row => int.Parse(row[0], CultureInfo.InvariantCulture),
                    row => double.Parse(row[column], CultureInfo.InvariantCulture)
                );
        }
    }

    /// <inheritdoc/>
    public override void OnTrainBegin(CompiledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _optimizer = model.Optimizer;
    }

    /// <inheritdoc/>
    // Before the end of the epoch, where a callback may reduce the rate for the next.
    public override void OnTrainBatchEnd(BatchLog log) => _rate = _optimizer?.LearningRate;

    /// <inheritdoc/>
    public override void OnEpochEnd(EpochLog log)
    {
        _text.Append(CultureInfo.InvariantCulture, $"{log.Epoch + 1}");
        foreach (string column in s_columns)
        {
            _text.Append(',');
            if (log.Logs.TryGetValue(column, out double value))
            {
                _text.Append(value.ToString("R", CultureInfo.InvariantCulture));
            }
        }
        if (_hasRate)
        {
            _text.Append(',').Append(_rate?.ToString("R", CultureInfo.InvariantCulture));
        }
        _text.Append(CultureInfo.InvariantCulture, $",{log.Elapsed.TotalSeconds:F3},{log.ImagesPerSecond:F1}\n");
        Write();
    }

    /// <inheritdoc/>
    // Checkpoints of earlier versions contain this name.
    public override string StateName => "Lamina.Cli.HistoryFile";

    /// <inheritdoc/>
    public override JsonObject GetState() => new() { ["text"] = _text.ToString() };

    /// <inheritdoc/>
    public override void SetState(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        string text = state.Text("text");
        _text.Clear().Append(text);
        // A run of an earlier version keeps its columns.
        _hasRate = text.Split('\n', 2)[0].Contains(RateColumn, StringComparison.Ordinal);
        Write();
    }

    /// <summary>Writes the history so far; at first only the header.</summary>
    public void Write() => AtomicFile.WriteAllText(path, _text.ToString());
}
