using System.Globalization;
using System.Text;

namespace Lamina;

/// <summary>The summary of Keras 3: a boxed table whose cells wrap at words.</summary>
internal static class Keras3Summary
{
    private static readonly string[] s_units = ["B", "KB", "MB", "GB", "TB", "PB"];

    public static IEnumerable<string> Lines(Model model, int? lineLength, bool toConsole)
    {
        bool chain = SummaryRows.IsChain(model);
        int length = lineLength ?? Math.Min(chain ? 88 : 108, (toConsole ? TerminalWidth() : 80) - 4);
        int[] widths = Widths(chain ? [0.45, 0.8, 1] : [0.3, 0.56, 0.74, 1], length);
        List<string> header = ["Layer (type)", "Output Shape", "Param #"];
        if (!chain)
        {
            header.Add("Connected to");
        }
        List<string> lines = [$"Model: \"{model.Name}\"", Rule('┏', '━', '┳', '┓', widths)];
        AddRow(lines, header, widths, '┃');
        char left = '┡';
        char middle = '╇';
        char right = '┩';
        char dash = '━';
        foreach (Layer layer in SummaryRows.Layers(model))
        {
            lines.Add(Rule(left, dash, middle, right, widths));
            (left, dash, middle, right) = ('├', '─', '┼', '┤');
            List<string> cells =
            [
                layer.ToString(),
                SummaryRows.Shapes(layer.InboundNodes[^1].Outputs),
                layer.CountParams().ToString("N0", CultureInfo.InvariantCulture),
            ];
            if (!chain)
            {
                string connections = string.Join(", ", SummaryRows.Connections(model, layer));
                cells.Add(connections.Length > 0 ? connections : "-");
            }
            AddRow(lines, cells, widths, '│');
        }
        lines.Add(Rule('└', '─', '┴', '┘', widths));
        lines.Add($" Total params: {Size(model.Weights)}");
        lines.Add($" Trainable params: {Size(model.TrainableWeights)}");
        lines.Add($" Non-trainable params: {Size(model.NonTrainableWeights)}");
        return lines;
    }

    // Each column has a space on either side. Borders and spaces exceed the requested length; the excess is taken from
    // the columns evenly, left to right, halves rounded to even.
    private static int[] Widths(double[] ends, int lineLength)
    {
        int[] widths = new int[ends.Length];
        int start = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            int end = (int)(ends[i] * lineLength);
            widths[i] = end - start + 2;
            start = end;
        }
        int excess = widths.Sum() + ends.Length + 1 - lineLength;
        for (int i = 0; i < widths.Length; i++)
        {
            int share = (int)Math.Round((double)excess / (widths.Length - i), MidpointRounding.ToEven);
            widths[i] -= share;
            excess -= share;
        }
        return widths.All(w => w > 3)
            ? widths
            : throw new ArgumentOutOfRangeException(
                nameof(lineLength),
                $"lineLength is {lineLength}, too narrow for the columns. Use 40 or more."
            );
    }

    private static string Rule(char left, char dash, char middle, char right, int[] widths) =>
        left + string.Join(middle, widths.Select(w => new string(dash, w))) + right;

    private static void AddRow(List<string> lines, List<string> cells, int[] widths, char bar)
    {
        List<string>[] wrapped = [.. cells.Select((c, i) => Wrap(c, widths[i] - 2))];
        for (int row = 0; row < wrapped.Max(w => w.Count); row++)
        {
            var line = new StringBuilder().Append(bar);
            for (int i = 0; i < wrapped.Length; i++)
            {
                string text = row < wrapped[i].Count ? wrapped[i][row] : "";
                // The third column contains numbers and is right-aligned.
                text = i == 2 ? text.PadLeft(widths[i] - 2) : text.PadRight(widths[i] - 2);
                line.Append(' ').Append(text).Append(' ').Append(bar);
            }
            lines.Add(line.ToString());
        }
    }

    // Breaks between words; a word longer than a line gets its own line and ends in an ellipsis.
    private static List<string> Wrap(string text, int width)
    {
        List<string> lines = [];
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length <= width)
            {
                line += $" {word}";
                continue;
            }
            if (line.Length > 0)
            {
                lines.Add(line);
            }
            line = word;
        }
        lines.Add(line);
        return [.. lines.Select(l => l.Length <= width ? l : $"{l[..(width - 1)]}…")];
    }

    private static string Size(IReadOnlyList<Weight> weights)
    {
        long count = weights.Sum(w => w.Count);
        double bytes = count * (double)sizeof(float);
        int unit = 0;
        for (; bytes >= 1024 && unit < s_units.Length - 1; unit++)
        {
            bytes /= 1024;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{count:N0} ({bytes:F2} {s_units[unit]})");
    }

    private static int TerminalWidth()
    {
        if (Console.IsOutputRedirected)
        {
            return 80;
        }
        int width = Console.WindowWidth;
        return width >= 44 ? width : 80;
    }
}
