using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina.Cli;

/// <summary>Comparisons of models as text tables, Markdown tables or JSON.</summary>
internal static class ComparisonTables
{
    private sealed record Column(string Title, Func<ModelTraits, string> Cell, bool Right = false);

    private static readonly Column[][] s_tables =
    [
        [
            new("model", m => m.Name),
            new("input", m => m.Input),
            new("classes", m => Number(m.Classes), true),
            new("layers", m => Number(m.LayerCount), true),
            new("parameters", m => Number(m.Cost.Parameters), true),
            new("multiply-adds", m => Number(m.Cost.MultiplyAdds), true),
            new("activations", m => Number(m.Cost.ActivationBytes), true),
            new("training MB", m => m.TrainingBytes is { } b ? Number((long)Math.Round(b / 1e6)) : "none", true),
        ],
        [
            new("model", m => m.Name),
            new("conv1", m => m.FirstConvolution),
            new("filters", m => m.Widths),
            new("conv5", m => m.FifthConvolution),
            new("groups", m => m.Groups),
        ],
        [
            new("model", m => m.Name),
            new("normalization", m => m.Normalization),
            new("flattened", m => m.Flattened),
            new("dropout", m => m.Dropouts),
        ],
    ];

    /// <summary>Returns the tables as aligned text.</summary>
    public static string ToText(IReadOnlyList<ModelTraits> models)
    {
        var text = new StringBuilder();
        foreach (Column[] columns in s_tables)
        {
            string[][] rows =
            [
                [.. columns.Select(c => c.Title)],
                .. Rows(columns, models),
            ];
            int[] widths = [.. columns.Select((_, i) => rows.Max(r => r[i].Length))];
            foreach (string[] row in rows)
            {
                IEnumerable<string> cells = row.Select(
                    (cell, i) => columns[i].Right ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])
                );
                text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
            }
            text.Append('\n');
        }
        text.Append(
            "Multiply-adds (convolutions and dense layers, forward) and activations (bytes) are per image.\n"
                + $"Training is the peak memory of a step at batch size {ModelTraits.Batch}, computed from the plan.\n"
        );
        return text.ToString();
    }

    /// <summary>Returns the tables as Markdown.</summary>
    public static string ToMarkdown(IReadOnlyList<ModelTraits> models)
    {
        var text = new StringBuilder();
        foreach (Column[] columns in s_tables)
        {
            text.Append(text.Length > 0 ? "\n" : "");
            Line(columns.Select(c => c.Title));
            Line(columns.Select(c => c.Right ? "---:" : "---"));
            foreach (string[] row in Rows(columns, models))
            {
                Line(row);
            }
        }
        return text.ToString();

        void Line(IEnumerable<string> cells) => text.Append($"| {string.Join(" | ", cells)} |\n");
    }

    /// <summary>Returns a JSON list of objects, with the cost of each layer.</summary>
    public static string ToJson(IReadOnlyList<ModelTraits> models)
    {
        var list = new JsonArray([.. models.Select(ToJson)]);
        return list.ToJsonString(s_indented) + "\n";
    }

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static JsonObject ToJson(ModelTraits m) =>
        new()
        {
            ["model"] = m.Name,
            ["input"] = m.Input,
            ["classes"] = m.Classes,
            ["layers"] = m.LayerCount,
            ["parameters"] = m.Cost.Parameters,
            ["multiply_adds"] = m.Cost.MultiplyAdds,
            ["activation_bytes"] = m.Cost.ActivationBytes,
            ["training_batch"] = ModelTraits.Batch,
            ["training_bytes"] = m.TrainingBytes,
            ["conv1"] = m.FirstConvolution,
            ["filters"] = m.Widths,
            ["conv5"] = m.FifthConvolution,
            ["groups"] = m.Groups,
            ["normalization"] = m.Normalization,
            ["flattened"] = m.Flattened,
            ["dropout"] = m.Dropouts,
            ["layer_costs"] = new JsonArray([
                .. m.Cost.Layers.Select(l => new JsonObject
                {
                    ["layer"] = l.Layer.Name,
                    ["class"] = l.Layer.ClassName,
                    ["output"] = new JsonArray([.. l.Output.Skip(1).Select(d => (JsonNode?)d)]),
                    ["parameters"] = l.Parameters,
                    ["multiply_adds"] = l.MultiplyAdds,
                    ["activation_bytes"] = l.ActivationBytes,
                }),
            ]),
        };

    private static IEnumerable<string[]> Rows(Column[] columns, IReadOnlyList<ModelTraits> models) =>
        models.Select(m => columns.Select(c => c.Cell(m)).ToArray());

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
