namespace Lamina.Packages.Tests;

/// <summary>The documentation site.</summary>
public sealed class SiteTests(Feed feed)
{
    [Fact]
    public async Task The_site_has_every_page_and_no_broken_link()
    {
        string folder = Path.Combine(feed.Empty(), "site");
        await Command.RunAsync(Feed.Repository, "dotnet", "tool", "restore");
        await Command.RunAsync(
            Feed.Repository,
            "dotnet",
            "msbuild",
            "packaging/site.proj",
            $"-p:Into={folder}",
            "-v:quiet"
        );
        string site = Path.Combine(folder, "_site");
        Assert.Contains("Two commands", await Read(site, "index.html"), StringComparison.Ordinal);
        Assert.Contains("api/Lamina.Model.html", await Read(site, "index.json"), StringComparison.Ordinal);
        foreach (
            string page in Directory.GetFiles(
                Path.Combine(Feed.Repository, "docs"),
                "*.md",
                SearchOption.AllDirectories
            )
        )
        {
            string relative = Path.GetRelativePath(Feed.Repository, Path.ChangeExtension(page, ".html"));
            Assert.True(File.Exists(Path.Combine(site, relative)), $"The site lacks {relative}.");
        }
        // Public types of each library, with the members of one.
        Assert.All(
            (string[])
                [
                    "Lamina.Model",
                    "Lamina.CompiledModel",
                    "Lamina.DataLoader",
                    "Lamina.Zoo",
                    "Lamina.Runs.RunClassifier",
                ],
            type => Assert.True(File.Exists(Path.Combine(site, "api", $"{type}.html")), $"The site lacks {type}.")
        );
        Assert.Contains("GetLayer", await Read(site, "api", "Lamina.Model.html"), StringComparison.Ordinal);
    }

    private static Task<string> Read(string site, params string[] parts) =>
        File.ReadAllTextAsync(Path.Combine([site, .. parts]), TestContext.Current.CancellationToken);
}
