using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lamina.Cli.Tests;

/// <summary>The tutorial as a notebook: its cells, run in their order by the kernel that editors use, print what it shows.</summary>
public sealed partial class NotebookTests
{
    private const string Libraries = "../../src/Lamina.Cli/bin/Release/net10.0";

    private static readonly string s_folder = Path.Combine(RepositoryRoot(), "samples", "Notebook");

    [Fact]
    public async Task Cells_print_what_the_notebook_shows()
    {
        Assert.SkipUnless(
            await RunToolAsync("--version") == 0,
            "The tool dotnet-interactive is not installed: dotnet tool restore."
        );
        using Process kernel = Process.Start(Tool("stdio", "--default-kernel", "csharp"))!;
        try
        {
            string file = await File.ReadAllTextAsync(
                Path.Combine(s_folder, "tutorial.ipynb"),
                TestContext.Current.CancellationToken
            );
            JsonNode[] cells =
            [
                .. JsonNode.Parse(file)!["cells"]!
                    .AsArray()
                    .Where(c => (string)c!["cell_type"]! == "code")
                    .Select(c => c!),
            ];
            Assert.InRange(cells.Length, 6, 20);
            foreach ((int i, JsonNode cell) in cells.Index())
            {
                Assert.Equal(i + 1, (int)cell["execution_count"]!);
                // The test's own build of the libraries, which is there whatever else was built.
                string code = Text(cell["source"]!)
                    .Replace(Libraries, AppContext.BaseDirectory.TrimEnd('/'), StringComparison.Ordinal);
                string shown = string.Concat(cell["outputs"]!.AsArray().Select(o => Shown(o!)));
                // Numbers of a training differ by the machine.
                Assert.Equal(
                    Loss().Replace(shown, "#"),
                    Loss().Replace(await SubmitAsync(kernel, $"cell{i}", code), "#")
                );
            }
        }
        finally
        {
            kernel.Kill(entireProcessTree: true);
        }
    }

    private static string Shown(JsonNode output) => Text(output["text"] ?? output["data"]!.AsObject().First().Value!);

    private static string Text(JsonNode lines) => string.Concat(lines.AsArray().Select(l => (string)l!));

    /// <summary>Runs a cell, and returns what it prints and displays.</summary>
    private static async Task<string> SubmitAsync(Process kernel, string token, string code)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var command = new JsonObject
        {
            ["token"] = token,
            ["commandType"] = "SubmitCode",
            ["command"] = new JsonObject { ["code"] = code, ["targetKernelName"] = "csharp" },
        };
        await kernel.StandardInput.WriteLineAsync(command.ToJsonString());
        await kernel.StandardInput.FlushAsync(limit.Token);
        string printed = "";
        while (await kernel.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            JsonNode message = JsonNode.Parse(line)!;
            if ((string?)message["command"]?["token"] != token)
            {
                continue;
            }
            JsonNode data = message["event"]!;
            switch ((string)message["eventType"]!)
            {
                case "CommandSucceeded":
                    return printed;
                case "CommandFailed":
                    Assert.Fail($"{code}\n{data["message"]}");
                    break;
                case "StandardOutputValueProduced" or "DisplayedValueProduced" or "ReturnValueProduced":
                    printed += (string)data["formattedValues"]![0]!["value"]!;
                    break;
            }
        }
        throw new EndOfStreamException("The kernel ended.");
    }

    private static async Task<int> RunToolAsync(string argument)
    {
        using Process process = Process.Start(Tool(argument))!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static ProcessStartInfo Tool(params string[] arguments) =>
        new("dotnet", ["tool", "run", "dotnet-interactive", .. arguments])
        {
            WorkingDirectory = s_folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_ROLL_FORWARD"] = "Major",
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                ["DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT"] = "1",
            },
        };

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Lamina.slnx")))
        {
            folder = folder.Parent;
        }
        return folder!.FullName;
    }

    [GeneratedRegex(@"\d\.\d{4}\b")]
    private static partial Regex Loss();
}
