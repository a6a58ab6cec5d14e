using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lamina;

/// <summary>
/// A path with placeholders for numbers: <c>{epoch:02d}-{val_loss:.2f}</c> as in Python, or .NET's
/// <c>{epoch:D2}-{val_loss:0.00}</c>. Doubled braces are literal.
/// </summary>
internal sealed partial class PathTemplate
{
    private readonly string _owner;
    private readonly List<(string Text, string? Format)> _parts = [];

    /// <exception cref="ArgumentException">A brace is unbalanced.</exception>
    public PathTemplate(string owner, string template)
    {
        ArgumentException.ThrowIfNullOrEmpty(template, "filepath");
        _owner = owner;
        var text = new StringBuilder();
        for (int i = 0; i < template.Length; i++)
        {
            char c = template[i];
            if (c is '{' or '}' && i + 1 < template.Length && template[i + 1] == c)
            {
                text.Append(c);
                i++;
            }
            else if (c == '{' && template.IndexOf('}', i) is > 0 and var end)
            {
                _parts.Add((text.ToString(), null));
                text.Clear();
                string[] field = template[(i + 1)..end].Split(':', 2);
                _parts.Add((field[0], field.Length > 1 ? field[1] : ""));
                i = end;
            }
            else if (c is '{' or '}')
            {
                throw new ArgumentException(
                    $"{owner}: '{template}' contains an unbalanced brace. Double it, or close it."
                );
            }
            else
            {
                text.Append(c);
            }
        }
        _parts.Add((text.ToString(), null));
    }

    /// <exception cref="LaminaException">A name is not among the values, or its format is invalid.</exception>
    public string Fill(IReadOnlyDictionary<string, double> values) =>
        string.Concat(_parts.Select(p => p.Format is null ? p.Text : Format(p.Text, p.Format, values)));

    private string Format(string key, string format, IReadOnlyDictionary<string, double> values)
    {
        if (!values.TryGetValue(key, out double value))
        {
            throw new LaminaException(
                $"{_owner}: the path names '{{{key}}}', but the values are {MonitoredValue.Names(values.Keys)}. Name one of these."
            );
        }
        try
        {
            return PythonFormat().Match(format) is { Success: true } python
                ? AsPython(value, python)
                : Whole(value)?.ToString(format, CultureInfo.InvariantCulture)
                    ?? value.ToString(format, CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            throw new LaminaException(
                $"{_owner}: '{{{key}:{format}}}' is not a number format. Use, for example, :02d or :.2f."
            );
        }
    }

    private static string AsPython(double value, Match format)
    {
        string places = format.Groups["places"].Value;
        string type = format.Groups["type"].Value;
        string text = type switch
        {
            "%" => (value * 100).ToString(places.Length > 0 ? $"F{places}" : "F6", CultureInfo.InvariantCulture) + "%",
            "f" => value.ToString(places.Length > 0 ? $"F{places}" : "F6", CultureInfo.InvariantCulture),
            "e" => value.ToString(
                $"0.{new string('0', places.Length > 0 ? int.Parse(places, CultureInfo.InvariantCulture) : 6)}e+00",
                CultureInfo.InvariantCulture
            ),
            "g" => value.ToString(places.Length > 0 ? $"g{places}" : "g6", CultureInfo.InvariantCulture),
            "d" => Whole(value)?.ToString(CultureInfo.InvariantCulture) ?? throw new FormatException(),
            _ => value.ToString(places.Length > 0 ? $"g{places}" : "R", CultureInfo.InvariantCulture),
        };
        string width = format.Groups["width"].Value;
        if (width.Length == 0)
        {
            return text;
        }
        int total = int.Parse(width, CultureInfo.InvariantCulture);
        // Zeros go between a sign and the digits.
        return width[0] != '0' ? text.PadLeft(total)
            : text[0] == '-' ? '-' + text[1..].PadLeft(total - 1, '0')
            : text.PadLeft(total, '0');
    }

    // .NET's D formats require an integer.
    private static long? Whole(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < 1e15 ? (long)value : null;

    [GeneratedRegex(@"^(?<width>0?[1-9]\d{0,2})?(\.(?<places>\d{1,2}))?(?<type>[dfeg%])?$")]
    private static partial Regex PythonFormat();
}
