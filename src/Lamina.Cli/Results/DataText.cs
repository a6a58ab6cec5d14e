using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>The text and the JSON of a report on a data set.</summary>
internal static class DataText
{
    private const int Listed = 10;
    private const int ListedOfGroup = 3;
    private const int MostInJson = 1000;

    /// <summary>Writes the report.</summary>
    public static void Write(Terminal terminal, DataReport report, string sheet)
    {
        if (report.Note is { } note)
        {
            terminal.Say(OneLine.Of(note));
        }
        ImageSurvey survey = report.Survey;
        Line("classes", Number(report.Classes.Count));
        for (int part = 0; part < report.Parts.Count; part++)
        {
            IReadOnlyList<int> counts = report.CountsOf(part);
            Line(
                report.PartNames[part],
                $"{Number(report.Parts[part].Count)} images, {Number(counts.Min())} to {Number(counts.Max())} per class"
            );
        }
        Line("sizes", $"{survey.Smallest} to {survey.Largest}, median {survey.Median} (height × width)");
        Line("colors", $"{Number(survey.Color)} in color, {Number(survey.Gray)} in gray");
        Line("mean", Values(survey.Mean));
        Line("std", Values(survey.Std));
        int across = survey.Duplicates.Count(d => d.IsAcrossParts);
        int labels = survey.Duplicates.Count(d => d.HasSeveralLabels);
        Line(
            "duplicates",
            $"{Number(survey.Duplicates.Count)} groups that look the same, {Number(across)} across parts, {Number(labels)} with different classes"
        );
        List(
            terminal,
            [
                .. survey
                    .Duplicates.OrderByDescending(d => d.IsAcrossParts)
                    .ThenByDescending(d => d.HasSeveralLabels)
                    .Select(Names),
            ]
        );
        Line("unreadable", Number(survey.Unreadable.Count));
        List(terminal, [.. survey.Unreadable.Select(u => $"{u.Name}: {u.Reason}")]);
        Line("sheet", sheet);

        void Line(string name, string value) => terminal.Output.WriteLine($"{name, -12} {OneLine.Of(value)}");
    }

    /// <summary>Returns the report as JSON.</summary>
    public static JsonObject Json(DataReport report, string sheet)
    {
        ImageSurvey survey = report.Survey;
        var parts = new JsonObject();
        for (int part = 0; part < report.Parts.Count; part++)
        {
            parts[report.PartNames[part]] = new JsonObject
            {
                ["images"] = report.Parts[part].Count,
                ["per_class"] = new JsonArray([.. report.CountsOf(part).Select(c => JsonValue.Create(c))]),
            };
        }
        return new JsonObject
        {
            ["classes"] = Texts(report.Classes),
            ["parts"] = parts,
            ["height"] = Range(s => s.Height),
            ["width"] = Range(s => s.Width),
            ["color"] = survey.Color,
            ["gray"] = survey.Gray,
            ["mean"] = new JsonArray([.. survey.Mean.Select(m => JsonValue.Create(m))]),
            ["std"] = new JsonArray([.. survey.Std.Select(s => JsonValue.Create(s))]),
            ["duplicate_groups"] = survey.Duplicates.Count,
            ["duplicates"] = new JsonArray([
                .. survey
                    .Duplicates.Take(MostInJson)
                    .Select(d => new JsonObject
                    {
                        ["images"] = Texts(d.Images),
                        ["across_parts"] = d.IsAcrossParts,
                        ["different_classes"] = d.HasSeveralLabels,
                    }),
            ]),
            ["unreadable"] = new JsonArray([
                .. survey.Unreadable.Select(u => new JsonObject { ["image"] = u.Name, ["reason"] = u.Reason }),
            ]),
            ["sheet"] = sheet,
        };

        JsonObject Range(Func<Size2, int> side) =>
            new()
            {
                ["min"] = side(survey.Smallest),
                ["median"] = side(survey.Median),
                ["max"] = side(survey.Largest),
            };
    }

    private static string Names(DuplicateGroup group)
    {
        // With at least one image of each part.
        string names = string.Join(" = ", group.Images.Take(ListedOfGroup - 1).Append(group.Images[^1]).Distinct());
        int more = group.Images.Count - ListedOfGroup;
        return more > 0 ? $"{names} and {Number(more)} more" : names;
    }

    private static void List(Terminal terminal, string[] lines)
    {
        int shown = terminal.Verbosity == Verbosity.Verbose ? lines.Length : Math.Min(lines.Length, Listed);
        foreach (string line in lines.Take(shown))
        {
            terminal.Output.WriteLine($"  {OneLine.Of(line)}");
        }
        if (shown < lines.Length)
        {
            terminal.Output.WriteLine($"  … and {Number(lines.Length - shown)} more (--verbose lists all).");
        }
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => JsonValue.Create(t))]);

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Values(IReadOnlyList<double> values) =>
        string.Join(", ", values.Select(v => v.ToString("F4", CultureInfo.InvariantCulture)));
}
