using System.Text;
using System.Text.Json;
using Microsoft.VisualBasic.FileIO;

namespace Lamina;

/// <summary>A row of a table of images.</summary>
/// <param name="Path">The path of the image, as written.</param>
/// <param name="Label">The label.</param>
/// <param name="Part">The part of the data set: train, validation or test; <see langword="null"/> if not stated.</param>
internal sealed record ManifestRow(string Path, string Label, string? Part)
{
    private const long MostBytes = 1L << 30;
    private static readonly string[] s_paths = ["path", "file", "file_name", "filename", "image"];
    private static readonly string[] s_splits = ["split", "part"];

    /// <summary>Reads all rows.</summary>
    /// <exception cref="DataException">The table cannot be read or is malformed.</exception>
    public static List<ManifestRow> Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MostBytes)
            {
                throw new DataException(path, $"is larger than {MostBytes >> 30} GiB. Use shards (.tar) instead.");
            }
            return System.IO.Path.GetExtension(path).ToUpperInvariant() is ".CSV" or ".TSV"
                ? ReadTable(path)
                : ReadJson(path);
        }
        catch (FileNotFoundException e)
        {
            throw new DataException(path, "no such file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be read ({e.Message}).", e);
        }
    }

    private static List<ManifestRow> ReadTable(string path)
    {
        bool hasTabs = path.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase);
        using var parser = new TextFieldParser(path, Encoding.UTF8) { TextFieldType = FieldType.Delimited };
        parser.SetDelimiters(hasTabs ? "\t" : ",");
        (int Path, int Label, int Part)? columns = null;
        var rows = new List<ManifestRow>();
        while (Fields(parser, path) is { } fields)
        {
            if (columns is null)
            {
                columns = Columns(fields, path);
                if (columns is not null)
                {
                    continue;
                }
                columns = (0, 1, -1);
            }
            (int image, int label, int part) = columns.Value;
            if (fields.Length <= Math.Max(image, label))
            {
                throw Malformed(
                    path,
                    parser.LineNumber < 0 ? "the last row" : $"the row before line {parser.LineNumber}"
                );
            }
            rows.Add(Row(path, fields[image], fields[label], part >= 0 && part < fields.Length ? fields[part] : null));
        }
        return rows;
    }

    private static string[]? Fields(TextFieldParser parser, string path)
    {
        try
        {
            return parser.ReadFields();
        }
        catch (MalformedLineException e)
        {
            throw Malformed(path, $"line {e.LineNumber}", e);
        }
    }

    /// <summary>Returns the columns that the first row names; <see langword="null"/> if it is a row of data.</summary>
    private static (int Path, int Label, int Part)? Columns(string[] first, string path)
    {
        string[] names = [.. first.Select(f => f.Trim().ToLowerInvariant())];
        int image = Array.FindIndex(names, n => s_paths.Contains(n));
        int label = Array.FindIndex(names, n => LabelFields.Names.Contains(n));
        if (image < 0 && label < 0)
        {
            return null;
        }
        return image >= 0 && label >= 0
            ? (image, label, Array.FindIndex(names, n => s_splits.Contains(n)))
            : throw new DataException(
                path,
                $"the first row names no {(image < 0 ? "path" : "label")}. Use the columns path and label."
            );
    }

    private static List<ManifestRow> ReadJson(string path)
    {
        var rows = new List<ManifestRow>();
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }
            try
            {
                using var json = JsonDocument.Parse(line);
                JsonElement root = json.RootElement;
                if (
                    root.ValueKind is not JsonValueKind.Object
                    || TextIn(root, s_paths) is not { } image
                    || LabelFields.In(root) is not { } label
                )
                {
                    throw Malformed(path, $"line {number}");
                }
                rows.Add(Row(path, image, label, TextIn(root, s_splits)));
            }
            catch (JsonException e)
            {
                throw Malformed(path, $"line {number}", e);
            }
        }
        return rows;
    }

    private static string? TextIn(JsonElement json, string[] names) =>
        names
            .Select(n =>
                json.TryGetProperty(n, out JsonElement v) && v.ValueKind is JsonValueKind.String ? v.GetString() : null
            )
            .FirstOrDefault(t => t is not null);

    private static ManifestRow Row(string path, string image, string label, string? part) =>
        image.Length > 0 && label.Trim().Length > 0 && !image.Contains('\0', StringComparison.Ordinal)
            ? new ManifestRow(image, label.Trim(), part is { Length: > 0 } ? DataPart.Of(part) ?? part : null)
            : throw new DataException(path, $"a row has an empty path or label ('{image}', '{label}').");

    private static DataException Malformed(string path, string where, Exception? e = null) =>
        new(path, $"{where} has no path and label. Use CSV columns, or JSON objects, with path and label.", e);
}
