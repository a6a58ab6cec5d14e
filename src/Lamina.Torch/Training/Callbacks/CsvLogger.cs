using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Writes each epoch's logs as a row of a CSV file, like Keras's CSVLogger: the epoch from 0, then the logs by name.
/// The file is complete after each epoch.
/// </summary>
/// <param name="filename">The file.</param>
/// <param name="separator">The separator between values. Default: a comma.</param>
/// <param name="append">
/// <see langword="true"/> to append to an existing file; <see langword="false"/> to replace it.
/// </param>
public sealed class CsvLogger(string filename, char separator = ',', bool append = false) : Callback
{
    private const string Epoch = "epoch";
    private StringBuilder _text = new();
    private string[]? _columns;

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The file to append to cannot be read, or is not of this kind.</exception>
    public override void OnTrainBegin(CompiledModel model) => Start(append ? Existing() : "");

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public override void OnEpochEnd(EpochLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (_columns is null)
        {
            _columns = [Epoch, .. log.Logs.Keys.Order(StringComparer.Ordinal)];
            _text.AppendJoin(separator, _columns.Select(Checked)).Append('\n');
        }
        _text.AppendJoin(separator, _columns.Select(c => Value(c, log))).Append('\n');
        AtomicFile.WriteAllText(filename, _text.ToString());
    }

    /// <inheritdoc/>
    public override JsonObject? GetState() => new() { ["length"] = _text.Length };

    /// <summary>Continues after the rows that existed when the state was saved; later rows are dropped.</summary>
    /// <exception cref="LaminaException">The state is not of this callback, or the file has fewer rows.</exception>
    public override void SetState(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        int length = CallbackState.Value<int>(state, "length");
        string text = Existing();
        if (length < 0 || text.Length < length)
        {
            throw new LaminaException(
                $"{filename}: is shorter than when the run was saved. Restore it, or resume without the CsvLogger."
            );
        }
        Start(text[..length]);
    }

    private void Start(string text)
    {
        (_text, _columns) = (new StringBuilder(text), null);
        if (text.Length == 0)
        {
            return;
        }
        string header = text.Split('\n', 2)[0].TrimEnd('\r');
        _columns = header.Split(separator);
        if (_columns[0] != Epoch)
        {
            throw new LaminaException(
                $"{filename}: its first column is not '{Epoch}', so no rows can be added. Name another file, or append: false."
            );
        }
        if (!text.EndsWith('\n'))
        {
            _text.Append('\n');
        }
    }

    private string Existing()
    {
        try
        {
            return File.Exists(filename) ? File.ReadAllText(filename) : "";
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw new LaminaException($"{filename}: cannot be read: {FileErrors.Reason(e)}.", e);
        }
    }

    // Python's names of values that are not finite, which every reader of Keras's files knows.
    private static string Value(string column, EpochLog log) =>
        column == Epoch ? log.Epoch.ToString(CultureInfo.InvariantCulture)
        : !log.Logs.TryGetValue(column, out double value) ? "NA"
        : value switch
        {
            double.NaN => "nan",
            double.PositiveInfinity => "inf",
            double.NegativeInfinity => "-inf",
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        };

    private string Checked(string name) =>
        name.AsSpan().IndexOfAny([separator, '"', '\r', '\n']) < 0
            ? name
            : throw new LaminaException(
                $"{filename}: the log '{name}' contains the separator '{separator}' in its name. Use another separator."
            );
}
