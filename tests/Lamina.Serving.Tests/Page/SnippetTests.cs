using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Lamina.Serving.Tests;

/// <summary>The programs that the page shows, run as they are.</summary>
public sealed class SnippetTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("curl", false)]
    [InlineData("Python", false)]
    [InlineData("C#", false)]
    [InlineData("curl", true)]
    [InlineData("Python", true)]
    [InlineData("C#", true)]
    public async Task A_program_of_the_page_prints_the_probabilities(string language, bool needsKey)
    {
        string path = PageModels.Write(_folder);
        await using TestServer server = await TestServer.StartAsync(
            models => models.AddRun(path, "colors"),
            options: new ServerOptions { ApiKeys = needsKey ? ["KEY"] : [] }
        );
        byte[] image = PageModels.Picture(20, 230, 40);
        await File.WriteAllBytesAsync(_folder["image.jpg"], image, TestContext.Current.CancellationToken);
        string program = await SnippetAsync(server, language, "colors", needsKey);
        string output = await RunAsync(language, program);
        JsonNode answer = JsonNode.Parse(output)!;
        JsonNode data = answer is JsonArray ? answer : answer["outputs"]![0]!["data"]!;
        float[] expected = Runs
            .RunClassifier.Load(path)
            .Probabilities(Images.Load(image, PageModels.Preprocessing), 1)
            .Values.ToArray();
        float[] got = [.. data.AsArray().Select(v => (float)v!)];
        Assert.Equal(expected.Length, got.Length);
        Assert.All(got.Zip(expected), p => Assert.Equal(p.Second, p.First, 1e-6));
    }

    [Theory]
    [InlineData("curl")]
    [InlineData("Python")]
    [InlineData("C#")]
    public async Task A_program_for_a_model_of_tensors_works_too(string language)
    {
        await using TestServer server = await TestServer.StartAsync(models =>
            models.AddModel("tensors", () => new FakeModel { AcceptsImages = false })
        );
        string output = await RunAsync(language, await SnippetAsync(server, language, "tensors", needsKey: false));
        JsonNode answer = JsonNode.Parse(output)!;
        Assert.True(answer is JsonArray { Count: 3 } || (string)answer["name"]! == "tensors", output);
    }

    /// <summary>Returns the text that the page shows.</summary>
    private async Task<string> SnippetAsync(TestServer server, string language, string model, bool needsKey)
    {
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        return await open.Page.EvaluateAsync<string>(
            """
            async ([model, language, needsKey]) => {
              const headers = needsKey ? { "X-API-Key": "KEY" } : {};
              const models = await (await fetch("page/models", { headers })).json();
              const { snippets } = await import("/page/snippets.js");
              const one = (models.models ?? models).find(m => m.name === model);
              return snippets(one, location.origin + "/", needsKey).find(([name]) => name === language)[1];
            }
            """,
            new object[] { model, language, needsKey }
        );
    }

    private async Task<string> RunAsync(string language, string program)
    {
        (string name, string[] arguments) = language switch
        {
            "curl" => ("bash", ["-c", $"set -o pipefail; {program}"]),
            "Python" => ("python3", new[] { "-c", program }),
            _ => ("dotnet", ["run", "snippet.cs"]),
        };
        Assert.SkipUnless(IsInstalled(language == "curl" ? "curl" : name), $"{name} is not installed.");
        await File.WriteAllTextAsync(_folder["snippet.cs"], program);
        var start = new ProcessStartInfo(name, arguments)
        {
            WorkingDirectory = Path.GetDirectoryName(_folder["snippet.cs"]),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The program is a person's, not a part of this build.
        foreach (
            string variable in start
                .Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
                .ToArray()
        )
        {
            start.Environment.Remove(variable);
        }
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}\n{output}\n{await error}");
        return output;
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
