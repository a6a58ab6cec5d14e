using System.Globalization;
using System.Text;

namespace Lamina;

/// <summary>The summary of Keras 2.7 to 2.12, character for character.</summary>
internal static class Keras2Summary
{
    private static readonly string[] s_breaks = ["),", "},", "],", "',"];

    public static IEnumerable<string> Lines(Model model, int? lineLength)
    {
        bool chain = SummaryRows.IsChain(model);
        int length = lineLength ?? (chain ? 65 : 98);
        double[] columns = chain ? [0.45, 0.85, 1] : [0.33, 0.55, 0.67, 1];
        int[] ends = [.. columns.Select(c => (int)(length * c))];
        if (ends.Zip([0, .. ends], (end, start) => end - start).Any(width => width < 4))
        {
            throw new ArgumentOutOfRangeException(
                nameof(lineLength),
                $"lineLength is {length}, too narrow for the columns. Use 40 or more."
            );
        }
        List<string> lines = [$"Model: \"{model.Name}\"", new('_', length)];
        AddRow(
            lines,
            ["Layer (type)", "Output Shape", "Param #", .. chain ? Array.Empty<string>() : ["Connected to"]],
            ends
        );
        lines.Add(new string('=', length));
        foreach (Layer layer in SummaryRows.Layers(model))
        {
            List<string> fields = [layer.ToString(), OutputShape(layer), Plain(layer.CountParams())];
            if (!chain)
            {
                fields.Add($"[{string.Join(", ", SummaryRows.Connections(model, layer).Select(c => $"'{c}'"))}]");
            }
            AddRow(lines, fields, ends);
            lines.Add(new string(' ', length));
        }
        lines.Add(new string('=', length));
        lines.Add($"Total params: {Grouped(model.Weights)}");
        lines.Add($"Trainable params: {Grouped(model.TrainableWeights)}");
        lines.Add($"Non-trainable params: {Grouped(model.NonTrainableWeights)}");
        lines.Add(new string('_', length));
        return lines;
    }

    private static string OutputShape(Layer layer)
    {
        string[] shapes =
        [
            .. layer.InboundNodes.Select(n => SummaryRows.Shapes(n.Outputs)).Distinct(StringComparer.Ordinal),
        ];
        return layer is InputLayer ? $"[{shapes[0]}]"
            : shapes is [var one] ? one
            : "multiple";
    }

    private static void AddRow(List<string> lines, IEnumerable<string> fields, int[] ends)
    {
        string[] rest = [.. fields];
        while (rest.Any(f => f.Length > 0))
        {
            var line = new StringBuilder();
            for (int i = 0; i < rest.Length; i++)
            {
                // Columns are separated by two spaces; nothing follows the last.
                int gap = i < rest.Length - 1 ? 2 : 0;
                int take = Math.Min(rest[i].Length, ends[i] - (i > 0 ? ends[i - 1] : 0) - gap);
                string text = rest[i][..take];
                int cut = s_breaks
                    .Select(b => (At: text.IndexOf(b, StringComparison.Ordinal), b.Length))
                    .Where(b => b.At >= 0)
                    .Select(b => b.At + b.Length)
                    .DefaultIfEmpty(take)
                    .Min();
                // The first column's space is not counted in its width: a full first cell moves the next one right.
                line.Append(i == 0 ? " " : "").Append(text, 0, cut).Append(' ', gap);
                line.Append(' ', Math.Max(0, ends[i] - line.Length));
                rest[i] = rest[i][cut..];
            }
            lines.Add(line.ToString());
        }
    }

    private static string Plain(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Grouped(IReadOnlyList<Weight> weights) =>
        weights.Sum(w => w.Count).ToString("N0", CultureInfo.InvariantCulture);
}
