using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Prints explanations as text or JSON.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="isJson"><see langword="true"/> for a JSON array at the end.</param>
/// <param name="names">The methods by their names in options.</param>
internal sealed class ExplanationText(Terminal terminal, bool isJson, IReadOnlyDictionary<string, ExplainMethod> names)
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };
    private readonly JsonArray _all = [];

    /// <summary>Prints one explanation.</summary>
    public void Add(Explanation explanation, string picture)
    {
        if (isJson)
        {
            _all.Add(Json(explanation, picture));
            return;
        }
        TextWriter output = terminal.Output;
        ClassScore explained = explanation.Explained;
        output.WriteLine(OneLine.Of(explanation.Image));
        output.WriteLine($"  explains  {OneLine.Of(explained.Class)}, {Words.Percent(explained.Probability)}");
        output.WriteLine($"  picture   {picture}");
        if (explanation.Maps.Any(m => m.Deletion is not null))
        {
            output.WriteLine($"  {"areas", -22}{"deletion", 10}{"insertion", 11}");
        }
        foreach (ExplanationMap map in explanation.Maps)
        {
            if (map is { Deletion: { } deletion, Insertion: { } insertion })
            {
                output.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {NameOf(map.Method), -22}{deletion.Area, 10:F3}{insertion.Area, 11:F3}"
                    )
                );
            }
        }
    }

    /// <summary>Notes an image that cannot be read.</summary>
    public void AddError(string image, string error) =>
        _all.Add(new JsonObject { ["image"] = image, ["error"] = error });

    /// <summary>Prints the JSON.</summary>
    public void Finish()
    {
        if (isJson)
        {
            terminal.Output.WriteLine(_all.ToJsonString(s_indented));
        }
    }

    private JsonObject Json(Explanation explanation, string picture) =>
        new()
        {
            ["image"] = explanation.Image,
            ["picture"] = picture,
            ["explained"] = Json(explanation.Explained),
            ["predictions"] = new JsonArray([.. explanation.Predictions.Select(Json)]),
            ["maps"] = new JsonArray([
                .. explanation.Maps.Select(m => new JsonObject
                {
                    ["method"] = NameOf(m.Method),
                    ["deletion"] = m.Deletion?.Area,
                    ["insertion"] = m.Insertion?.Area,
                }),
            ]),
        };

    /// <summary>Returns a class with its probability as JSON.</summary>
    public static JsonObject Json(ClassScore score) =>
        new()
        {
            ["class"] = score.Class,
            ["index"] = score.Index,
            ["probability"] = score.Probability,
        };

    private string NameOf(ExplainMethod method) => names.First(n => n.Value == method).Key;
}
