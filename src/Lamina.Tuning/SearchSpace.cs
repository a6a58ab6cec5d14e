using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs.Text;

namespace Lamina.Tuning;

/// <summary>A list of hyperparameters, as text or as a JSON file.</summary>
/// <param name="parameters">The hyperparameters, each with another name.</param>
public sealed class SearchSpace(IReadOnlyList<HyperParameter> parameters)
{
    private const string Syntax =
        "Use NAME=LOW..HIGH, NAME=LOW..HIGH:log, NAME=LOW..HIGH:int, NAME=LOW..HIGH:STEP or NAME=A|B|C";

    /// <summary>The hyperparameters.</summary>
    public IReadOnlyList<HyperParameter> Parameters { get; } = Checked(parameters);

    /// <summary>
    /// Reads a hyperparameter such as <c>lr=1e-4..1e-2:log</c>, <c>dropout=0..0.5:0.1</c>, <c>units=32..512:int</c> or
    /// <c>batch=16|32|64</c>.
    /// </summary>
    /// <param name="text">The name, an equals sign, and a range or choices.</param>
    /// <exception cref="LaminaException">The text does not have this form, or the range is empty.</exception>
    public static HyperParameter Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string name = equals > 0 ? text[..equals].Trim() : "";
        return name.Length > 0
            ? Parse(name, text[(equals + 1)..].Trim())
            : throw new LaminaException($"'{text}' is not a hyperparameter. {Syntax}.");
    }

    /// <summary>
    /// Reads a JSON file: an object of names, each with a range as text (<c>"1e-4..1e-2:log"</c>) or a list of choices.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LaminaException">The file cannot be read, or is not such an object.</exception>
    public static SearchSpace Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        JsonNode? json;
        try
        {
            json = JsonNode.Parse(
                File.ReadAllText(path),
                documentOptions: new()
                {
                    AllowTrailingCommas = true,
                    CommentHandling = JsonCommentHandling.Skip,
                    AllowDuplicateProperties = false,
                }
            );
        }
        catch (JsonException e)
        {
            throw new LaminaException(
                FormattableString.Invariant(
                    $"{path}: is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}), or has a name twice."
                ),
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{path}: cannot be read ({OneLine.Of(e.Message)})", e);
        }
        try
        {
            return new SearchSpace([.. (json as JsonObject ?? []).Select(p => Of(p.Key, p.Value))]);
        }
        catch (LaminaException e)
        {
            throw new LaminaException($"{path}: {e.Message}", e);
        }
    }

    private static HyperParameter Of(string name, JsonNode? value) =>
        value switch
        {
            JsonArray choices => ChoiceOf(name, [.. choices.Select(HyperValue.FromJson)]),
            JsonValue text when text.TryGetValue(out string? range) => Parse(name, range),
            _ => throw new LaminaException($"{name}: is neither a range as text nor a list. {Syntax}."),
        };

    private static HyperParameter Parse(string name, string range)
    {
        int dots = range.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
        {
            return range.Contains('|', StringComparison.Ordinal)
                ? ChoiceOf(name, [.. range.Split('|').Select(c => Value(c.Trim()))])
                : throw new LaminaException($"{name}: '{range}' is neither a range nor a list of choices. {Syntax}.");
        }
        int colon = range.IndexOf(':', dots);
        string suffix = colon < 0 ? "" : range[(colon + 1)..].Trim();
        double low = Number(name, range[..dots]);
        double high = Number(name, range[(dots + 2)..(colon < 0 ? range.Length : colon)]);
        return suffix switch
        {
            "" => HyperParameter.Float(name, low, high),
            "log" => HyperParameter.Float(name, low, high, sampling: "log"),
            "int" => HyperParameter.Int(name, Whole(name, low), Whole(name, high)),
            "int:log" or "log:int" => HyperParameter.Int(name, Whole(name, low), Whole(name, high), sampling: "log"),
            _ when suffix.StartsWith("int:", StringComparison.Ordinal) => HyperParameter.Int(
                name,
                Whole(name, low),
                Whole(name, high),
                Whole(name, Number(name, suffix[4..]))
            ),
            _ => HyperParameter.Float(name, low, high, Number(name, suffix)),
        };
    }

    // One real number makes all numbers real.
    private static HyperParameter ChoiceOf(string name, object[] values) =>
        values.Length > 0 && values.All(v => v is int or double) && values.Any(v => v is double)
            ? HyperParameter.Choice(name, [.. values.Select(v => Convert.ToDouble(v, CultureInfo.InvariantCulture))])
            : HyperParameter.Choice(name, values);

    private static object Value(string text) =>
        text is "true" or "false" ? text == "true"
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int whole) ? whole
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) ? real
        : text;

    private static double Number(string name, string text) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
        && double.IsFinite(value)
            ? value
            : throw new LaminaException($"{name}: '{text.Trim()}' is not a number. {Syntax}.");

    private static int Whole(string name, double value) =>
        double.IsInteger(value) && Math.Abs(value) <= int.MaxValue
            ? (int)value
            : throw new LaminaException(
                FormattableString.Invariant(
                    $"{name}: {value} is not a whole number. Remove 'int', or change the range."
                )
            );

    private static IReadOnlyList<HyperParameter> Checked(IReadOnlyList<HyperParameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        string? twice = parameters.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1)?.Key;
        return twice is not null ? throw new LaminaException($"{twice}: is listed twice. Remove one.")
            : parameters.Count == 0
                ? throw new LaminaException("The search space contains no hyperparameters. Name at least one.")
            : parameters;
    }
}
