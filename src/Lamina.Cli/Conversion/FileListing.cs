using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Descriptions of model files as text and JSON. Names from the file are escaped before they reach a terminal.</summary>
internal static class FileListing
{
    private const int LongestName = 60;
    private const int LongestValue = 160;

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Writes a description as text.</summary>
    public static void Write(TextWriter output, string path, FileDescription description)
    {
        output.WriteLine($"{Safe(path)}: {Safe(description.Format)}, {Bytes(SizeOf(path))}");
        foreach (string note in description.Notes)
        {
            output.WriteLine($"  {Safe(note, int.MaxValue)}");
        }
        if (description.Tensors.Count > 0)
        {
            output.WriteLine();
            WriteTable(output, description.Tensors);
        }
        output.WriteLine();
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{description.Tensors.Count} tensors, {description.Tensors.Sum(t => Count(t)):N0} values, {Bytes(description.Tensors.Sum(t => (decimal)t.Bytes))}"
            )
        );
        foreach ((string key, JsonNode? value) in description.Metadata ?? [])
        {
            output.WriteLine($"metadata {Safe(key)}: {Safe(value?.ToJsonString() ?? "null", LongestValue)}");
        }
    }

    /// <summary>Returns a description as JSON.</summary>
    public static string Json(string path, FileDescription description) =>
        new JsonObject
        {
            ["path"] = path,
            ["format"] = description.Format,
            ["bytes"] = SizeOf(path),
            ["notes"] = new JsonArray([.. description.Notes.Select(n => JsonValue.Create(n))]),
            ["tensors"] = new JsonArray([
                .. description.Tensors.Select(t => new JsonObject
                {
                    ["name"] = t.Name,
                    ["dtype"] = t.Dtype,
                    ["shape"] = new JsonArray([.. t.Shape.Select(d => JsonValue.Create(d))]),
                    ["bytes"] = t.Bytes,
                }),
            ]),
            ["metadata"] = description.Metadata?.DeepClone(),
        }.ToJsonString(s_indented);

    /// <summary>Returns the size of a file, or of all files in a folder.</summary>
    public static long SizeOf(string path) =>
        Directory.Exists(path)
            ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length)
            : new FileInfo(path).Length;

    /// <summary>Formats a number of bytes; exact below a kilobyte.</summary>
    public static string Bytes(decimal bytes) =>
        bytes switch
        {
            < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes:F0} bytes"),
            < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000:F1} kB"),
            < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000:F1} MB"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000_000:F1} GB"),
        };

    private static void WriteTable(TextWriter output, IReadOnlyList<TensorDescription> tensors)
    {
        List<string[]> rows =
        [
            ["tensor", "dtype", "shape", "bytes"],
        ];
        rows.AddRange(
            tensors.Select(t =>
                (string[])
                    [
                        Safe(t.Name),
                        Safe(t.Dtype),
                        t.Shape.Count == 0
                            ? "scalar"
                            : Safe(string.Join('×', t.Shape.Select(d => d.ToString(CultureInfo.InvariantCulture)))),
                        t.Bytes.ToString("N0", CultureInfo.InvariantCulture),
                    ]
            )
        );
        int[] widths = [.. Enumerable.Range(0, 4).Select(c => rows.Max(r => r[c].Length))];
        foreach (string[] row in rows)
        {
            output.WriteLine(
                $"  {row[0].PadRight(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadRight(widths[2])}  {row[3].PadLeft(widths[3])}"
            );
        }
    }

    private static decimal Count(TensorDescription tensor)
    {
        // The numbers of a malicious file may overflow.
        decimal count = 1;
        foreach (long size in tensor.Shape)
        {
            count = Math.Min(count * Math.Max(size, 0), long.MaxValue);
        }
        return count;
    }

    private static string Safe(string text, int longest = LongestName)
    {
        string line = OneLine.Of(text);
        return line.Length > longest ? string.Concat(line.AsSpan(0, longest), "…") : line;
    }
}
