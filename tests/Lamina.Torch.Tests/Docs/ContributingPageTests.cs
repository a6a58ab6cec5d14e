namespace Lamina.Torch.Tests;

/// <summary>The code that CONTRIBUTING.md shows is that of the repository, which compiles.</summary>
public sealed class ContributingPageTests
{
    [Fact]
    public void The_worked_example_is_the_repositorys_code()
    {
        string docs = Path.Combine(AppContext.BaseDirectory, "Docs");
        string[] sources =
        [
            .. Directory.GetFiles(Path.Combine(docs, "Quoted")).Select(f => Words(File.ReadAllText(f))),
        ];
        string[] parts = File.ReadAllText(Path.Combine(docs, "CONTRIBUTING.md"))
            .ReplaceLineEndings("\n")
            .Split("```csharp\n");
        Assert.Equal(7, parts.Length);
        Assert.Equal(5, sources.Length);
        foreach (string part in parts[1..])
        {
            string code = Words(part.Split("```")[0]);
            Assert.True(sources.Any(s => s.Contains(code, StringComparison.Ordinal)), $"not in the sources: {code}");
        }
    }

    private static string Words(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
