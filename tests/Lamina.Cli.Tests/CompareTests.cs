using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary><c>alexnet compare</c>: what it prints, and the page that shows it.</summary>
public sealed class CompareTests
{
    // The memory is that of the kernels for this processor.
    private const double OtherProcessors = 0.15;

    [Fact]
    public void The_family_is_printed_side_by_side()
    {
        Outcome outcome = Alexnet.Run("compare");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.All(outcome.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        Golden.Near("compare.txt", outcome.Output, OtherProcessors);
    }

    [Fact]
    public void The_page_about_the_models_shows_what_the_command_prints()
    {
        Outcome outcome = Alexnet.Run("compare", "--markdown");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        const string begin = "<!-- alexnet compare --markdown -->\n";
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", "models.md"))
            .ReplaceLineEndings("\n");
        int start = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int end = page.IndexOf("<!-- end -->", start, StringComparison.Ordinal);
        Golden.AssertNear(page[start..end], outcome.Output, OtherProcessors);
        foreach (string name in Zoo.Names)
        {
            Assert.Contains($"| `{name}` | `Zoo.", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Json_has_numbers_that_add_up()
    {
        Outcome outcome = Alexnet.Run("compare", "paper", "d2l", "--json", "--classes", "7", "--input", "128");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        JsonArray models = JsonNode.Parse(outcome.Output)!.AsArray();
        Assert.Equal(["paper", "d2l"], models.Select(m => (string)m!["model"]!));
        Assert.Equal(["128×128×3", "128×128×1"], models.Select(m => (string)m!["input"]!));
        foreach (JsonNode? model in models)
        {
            Assert.Equal(7, (int)model!["classes"]!);
            JsonArray layers = model["layer_costs"]!.AsArray();
            Assert.Equal((int)model["layers"]!, layers.Count);
            foreach (string key in (string[])["parameters", "multiply_adds", "activation_bytes"])
            {
                Assert.Equal((long)model[key]!, layers.Sum(l => (long)l![key]!));
            }
        }
    }

    [Fact]
    public void Two_formats_at_once_and_unknown_models_are_refused()
    {
        Outcome both = Alexnet.Run("compare", "--json", "--markdown");
        Assert.Equal(2, both.Code);
        Assert.Equal(
            "--json and --markdown exclude each other. Use one of them. See: alexnet compare --help",
            both.ErrorLine
        );
        Outcome unknown = Alexnet.Run("compare", "paper", "lenet");
        Assert.Equal((1, ""), (unknown.Code, unknown.Output));
        Assert.StartsWith(
            "'lenet' is not one of the models (walkthrough, ",
            unknown.ErrorLine,
            StringComparison.Ordinal
        );
        Outcome small = Alexnet.Run("compare", "caffe", "--input", "64");
        Assert.Equal(1, small.Code);
        Assert.Contains(
            "64 is too small for caffe, whose smallest input is",
            small.ErrorLine,
            StringComparison.Ordinal
        );
    }
}
