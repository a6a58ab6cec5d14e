namespace Lamina.Bench.Tests;

public class PageTests
{
    private const string Empty =
        "# Page\n\n<!-- bench a -->\n<!-- end -->\n\nbetween\n\n<!-- bench b -->\nold\n<!-- end -->\nlast\n";

    [Fact]
    public void ATextReplacesWhatStandsInItsPlaceAndNothingElse()
    {
        string page = Page.Filled(Page.Filled(Empty, "b", "new\n"), "a", "first");
        Assert.Equal(
            "# Page\n\n<!-- bench a -->\n\nfirst\n\n<!-- end -->\n\nbetween\n\n<!-- bench b -->\n\nnew\n\n<!-- end -->\nlast\n",
            page
        );
        Assert.Equal(page, Page.Filled(page, "a", "first"));
    }

    [Fact]
    public void AKeyWithoutAPlaceIsNamed()
    {
        var e = Assert.Throws<LaminaException>(() => Page.Filled(Empty, "c", "x"));
        Assert.Contains("<!-- bench c -->", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheRepositorysPageHasAPlaceForEveryTable()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "performance.md"));
        var settings = new BenchSettings
        {
            Rounds = 1,
            Seconds = 0,
            Only = [],
            Peers = [],
        };
        using var context = new SuiteContext(settings, new PeerCatalog("python3", TextWriter.Null), TextWriter.Null)
        {
            Models = ["walkthrough"],
            Input = 224,
        };
        foreach (Table table in BenchSuites.All.SelectMany(s => s.Tables(context, [])))
        {
            page = Page.Filled(page, table.Key, "figures");
        }
        Assert.DoesNotContain("-->\n<!-- end -->", page, StringComparison.Ordinal);
    }

    [Fact]
    public void ATableIsMarkdown()
    {
        var table = new Table("key", "What it is.", "name", "figure");
        table.Add("one", "1.0");
        table.Note("A note.");
        Assert.Equal(
            "What it is.\n\n| name | figure |\n| --- | ---: |\n| one | 1.0 |\n\nA note.\n",
            table.ToMarkdown()
        );
    }
}
