using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Lamina.Cli;

/// <summary>Writes <c>history.csv</c> anew after each epoch, whole, so that a killed run leaves what it has reached.</summary>
internal sealed class HistoryFile(string path) : Callback
{
    private static readonly string[] s_columns = ["loss", "accuracy", "val_loss", "val_accuracy"];
    private readonly StringBuilder _text = new($"epoch,{string.Join(',', s_columns)},seconds,images_per_second\n");

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
        _text.Append(CultureInfo.InvariantCulture, $",{log.Elapsed.TotalSeconds:F3},{log.ImagesPerSecond:F1}\n");
        Write();
    }

    /// <inheritdoc/>
    public override JsonObject GetState() => new() { ["text"] = _text.ToString() };

    /// <inheritdoc/>
    public override void SetState(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _text.Clear().Append(state["text"]!.GetValue<string>());
        Write();
    }

    /// <summary>Writes what there is; at first the header alone.</summary>
    public void Write() => AtomicFile.WriteAllText(path, _text.ToString());
}
