namespace Lamina.Cli.Tests;

/// <summary><c>alexnet export-page</c>: what it writes, and what it refuses.</summary>
public sealed class ExportPageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_page_is_written_with_its_network_and_runtime()
    {
        Outcome outcome = Alexnet.Run("export-page", SmallModel.Write(_folder), _folder["site"], "--name", "shade");
        Assert.Equal(0, outcome.Code);
        Assert.Contains("MB of page and runtime", outcome.Output, StringComparison.Ordinal);
        string network = File.ReadAllText(Path.Combine(_folder["site"], "model", "network.json"));
        Assert.Contains("\"name\":\"shade\"", network, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Root, network, StringComparison.Ordinal);
        foreach (string file in new[] { "index.html", "page/browser.js", "page/LICENSE-tensorflow-js.txt" })
        {
            Assert.True(File.Exists(Path.Combine(_folder["site"], file)), file);
        }
    }

    [Theory]
    [InlineData("NOWHERE", "site", "no such run folder or saved model")]
    [InlineData("SMALL", "SMALL", "is a file. Name a folder for the page.")]
    [InlineData("SMALL", "FULL", "the folder is not empty")]
    [InlineData("EMPTY", "site", "EMPTY")]
    public void What_cannot_be_exported_is_one_line(string run, string folder, string says)
    {
        string small = SmallModel.Write(_folder);
        File.WriteAllText(_folder["EMPTY"], "");
        Directory.CreateDirectory(_folder["FULL"]);
        File.WriteAllText(Path.Combine(_folder["FULL"], "kept.txt"), "kept");
        string[] before = Entries();
        Outcome outcome = Alexnet.Run(
            "export-page",
            run == "SMALL" ? small : _folder[run],
            folder == "SMALL" ? small : _folder[folder]
        );
        Assert.Equal(1, outcome.Code);
        Assert.Contains(says, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(before, Entries());
    }

    private string[] Entries() =>
        [
            .. Directory
                .GetFileSystemEntries(_folder.Root, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal),
        ];
}
