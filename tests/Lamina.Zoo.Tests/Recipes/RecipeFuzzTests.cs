using System.Text.Json.Nodes;

namespace Lamina.ZooTests;

/// <summary>Damaged recipes are refused with one short line, whatever stands in them.</summary>
public sealed class RecipeFuzzTests
{
    private const int Mutants = 5_000;

    private static readonly string[] s_texts =
    [
        "two\nlines",
        "a\r\nb",
        "\u001b[31mred",
        "next\u2028line",
        "\u0085",
        "tab\t",
        "'quoted'",
        "",
        "\u202Eturned",
        new string('x', 5_000),
    ];

    [Fact]
    public void Five_thousand_mutants_are_read_or_refused_in_one_line()
    {
        var random = new Random(20);
        int refused = 0;
        int quoted = 0;
        for (int i = 0; i < Mutants; i++)
        {
            JsonNode recipe = JsonNode.Parse(Recipe.Get(Recipe.Names[random.Next(Recipe.Names.Count)]).ToJson())!;
            string text = s_texts[random.Next(s_texts.Length)];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                Mutate(recipe, text, random);
            }
            string json = recipe.ToJsonString();
            if (random.Next(5) == 0)
            {
                int at = random.Next(json.Length);
                json = $"{json[..at]}{text}{json[(at + random.Next(json.Length - at))..]}";
            }
            try
            {
                _ = Recipe.FromJson(json, "my recipe.json").ToJson();
            }
            catch (LaminaException e)
            {
                refused++;
                quoted += e.Message.Contains("two lines", StringComparison.Ordinal) ? 1 : 0;
                Assert.DoesNotContain(e.Message, c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u202E');
                Assert.True(e.Message.Length < 1_500, e.Message);
                Assert.StartsWith("my recipe.json: ", e.Message, StringComparison.Ordinal);
            }
        }
        Assert.True(refused > Mutants / 4, $"{refused} refused");
        Assert.True(quoted > 20, $"{quoted} quote a text of two lines");
    }

    // Replaces a value, or renames a key, somewhere in the tree.
    private static void Mutate(JsonNode recipe, string text, Random random)
    {
        JsonNode node = recipe;
        while (true)
        {
            JsonNode[] inner = [.. Children(node).Where(c => c is JsonObject or JsonArray)];
            if (inner.Length == 0 || random.Next(2) == 0)
            {
                break;
            }
            node = inner[random.Next(inner.Length)];
        }
        JsonNode? value = random.Next(6) switch
        {
            0 => null,
            1 => JsonValue.Create(random.NextDouble() * 1e9),
            2 => new JsonObject { [text] = text },
            3 => new JsonArray(text, 1),
            _ => JsonValue.Create(text),
        };
        if (node is JsonObject { Count: > 0 } members)
        {
            string key = members.ElementAt(random.Next(members.Count)).Key;
            if (random.Next(4) == 0)
            {
                JsonNode? moved = members[key];
                members.Remove(key);
                members[text] = moved;
                return;
            }
            members[key] = value;
        }
        else if (node is JsonArray { Count: > 0 } items)
        {
            items[random.Next(items.Count)] = value;
        }
    }

    private static IEnumerable<JsonNode> Children(JsonNode node) =>
        node switch
        {
            JsonObject members => members.Select(m => m.Value).OfType<JsonNode>(),
            JsonArray items => items.OfType<JsonNode>(),
            _ => [],
        };
}
