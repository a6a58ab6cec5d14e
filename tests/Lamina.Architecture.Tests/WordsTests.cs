namespace Lamina.Architecture.Tests;

/// <summary>The words of the sources: documentation, messages, comments and names.</summary>
public sealed class WordsTests
{
    [Fact]
    public void Sources_are_in_plain_American_English()
    {
        string src = Path.Combine(Sources.Root, "src");
        string[] files = [.. Sources.Paths];
        Assert.True(files.Length > 100, "The sources were not found.");
        string[] faults =
        [
            .. files.SelectMany(p =>
                Words.Faults(File.ReadAllText(p)).Select(f => $"{Path.GetRelativePath(src, p)}, {f}")
            ),
        ];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("/// <summary>What it is.</summary>", "line 1: a summary begins with \"What\"")]
    [InlineData("\n    /// <summary>\n    /// Whether it is on.\n", "line 2: a summary begins with \"Whether\"")]
    [InlineData("/// <param name=\"x\">How many.</param>", "line 1: a param begins with \"How\"")]
    [InlineData("Run(kernel, KernelOurs);", "line 1: the name \"KernelOurs\" does not say what it is")]
    [InlineData("help: \"The rate. Standard: 0.1.\"", "line 1: \"Standard:\" instead of \"Default:\"")]
    [InlineData("bool isNormalised;", "line 1: British spelling \"isNormalised\"")]
    [InlineData("// The nearest neighbour.", "line 1: British spelling \"neighbour\"")]
    [InlineData("int greyLevel;", "line 1: British spelling \"grey\"")]
    public void Faults_are_found(string text, string fault) => Assert.Equal([fault], Words.Faults(text));

    [Theory]
    [InlineData("/// <summary>Whatever is stored.</summary>")]
    [InlineData("/// <summary>Returns what a standard optimizer normalizes: gray neighbors, centered.</summary>")]
    [InlineData("/// <summary><see langword=\"true\"/> if the color is labeled.</summary>")]
    public void Plain_text_passes(string text) => Assert.Empty(Words.Faults(text));
}
