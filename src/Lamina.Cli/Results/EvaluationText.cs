using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Text;
using Spectre.Console;

namespace Lamina.Cli;

/// <summary>Formats evaluations as text and JSON.</summary>
internal static class EvaluationText
{
    private const int MostClassesOfMatrix = 20;
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Writes loss, top-1, top-5, the table of classes and the confusion matrix.</summary>
    public static void Write(Terminal terminal, Evaluation result)
    {
        TextWriter output = terminal.Output;
        output.WriteLine(Invariant($"images  {result.Count}"));
        output.WriteLine(Invariant($"loss    {result.Loss:F4}"));
        if (result.Crops > 1)
        {
            output.WriteLine(Invariant($"crops   {result.Crops} of each image, averaged"));
        }
        output.WriteLine($"top-1   {Words.Percent(result.Top1)}, error {Words.Percent(result.Top1Error)}");
        output.WriteLine($"top-5   {Words.Percent(result.Top5)}, error {Words.Percent(result.Top5Error)}");
        if (terminal.Verbosity == Verbosity.Quiet)
        {
            return;
        }
        output.WriteLine();
        Table classes = NewTable();
        classes.AddColumn("class");
        foreach (string column in (string[])["images", "precision", "recall", "F1"])
        {
            classes.AddColumn(new TableColumn(column).RightAligned());
        }
        foreach (ClassReport row in ClassReport.Of(result.Classes, result.Confusion))
        {
            classes.AddRow(
                Markup.Escape(OneLine.Of(row.Name)),
                Invariant($"{row.Images}"),
                Share(row.Precision),
                Share(row.Recall),
                Share(row.F1)
            );
        }
        Render(terminal, classes);
        if (result.Classes.Count > MostClassesOfMatrix)
        {
            output.WriteLine($"The confusion matrix has {result.Classes.Count} classes; use --json to print it.");
            return;
        }
        output.WriteLine();
        output.WriteLine("confusion matrix (rows: true class; columns: predicted class, by number)");
        Render(terminal, Matrix(result));
    }

    public static string Json(Evaluation result)
    {
        int n = result.Classes.Count;
        var json = new JsonObject
        {
            ["images"] = result.Count,
            // JSON cannot represent NaN and infinity.
            ["loss"] = double.IsFinite(result.Loss) ? result.Loss : null,
            ["top1"] = result.Top1,
            ["top5"] = result.Top5,
            ["top1_error"] = result.Top1Error,
            ["top5_error"] = result.Top5Error,
            ["crops"] = result.Crops,
            ["classes"] = new JsonArray([
                .. ClassReport
                    .Of(result.Classes, result.Confusion)
                    .Select(c => new JsonObject
                    {
                        ["name"] = c.Name,
                        ["images"] = c.Images,
                        ["precision"] = c.Precision,
                        ["recall"] = c.Recall,
                        ["f1"] = c.F1,
                    }),
            ]),
            ["confusion"] = new JsonArray([
                .. Enumerable
                    .Range(0, n)
                    .Select(r => new JsonArray([
                        .. Enumerable.Range(0, n).Select(c => JsonValue.Create(result.Confusion[r, c])),
                    ])),
            ]),
        };
        return json.ToJsonString(s_indented);
    }

    private static Table Matrix(Evaluation result)
    {
        Table matrix = NewTable();
        matrix.AddColumn("");
        for (int c = 0; c < result.Classes.Count; c++)
        {
            matrix.AddColumn(new TableColumn(Invariant($"{c}")).RightAligned());
        }
        for (int r = 0; r < result.Classes.Count; r++)
        {
            string[] cells = [.. result.Classes.Select((_, c) => Invariant($"{result.Confusion[r, c]}"))];
            matrix.AddRow([Markup.Escape(OneLine.Of($"{r} {result.Classes[r]}")), .. cells]);
        }
        return matrix;
    }

    private static Table NewTable() => new() { Border = TableBorder.Simple };

    private static void Render(Terminal terminal, Table table) => terminal.Rich().Write(table);

    private static string Share(double? share) => share?.ToString("F3", CultureInfo.InvariantCulture) ?? "-";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
