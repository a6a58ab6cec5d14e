namespace Lamina.Packages.Tests;

/// <summary>The command as a .NET tool, from the packages alone.</summary>
public sealed class ToolTests(Feed feed)
{
    [Fact]
    public async Task The_tool_is_installed_run_updated_and_uninstalled()
    {
        string folder = feed.Empty();
        string tools = Path.Combine(folder, "tools");
        string tool = Path.Combine(tools, OperatingSystem.IsWindows() ? "alexnet.exe" : "alexnet");
        await Dotnet(
            folder,
            "install",
            "alexnet",
            "--tool-path",
            tools,
            "--source",
            feed.Folder,
            "--version",
            Feed.Version
        );
        Assert.Contains(Feed.Version, await Command.RunAsync(folder, tool, "--version"), StringComparison.Ordinal);
        Assert.Contains(
            "Total params",
            await Command.RunAsync(folder, tool, "summary", "small"),
            StringComparison.Ordinal
        );

        // libtorch is there and loads: a prediction of an untrained model of two classes.
        Images.Write(Path.Combine(folder, "photos"), perClass: 6);
        await Command.RunAsync(
            folder,
            tool,
            [
                "train",
                "photos",
                "--model",
                "small",
                "--input",
                "32",
                "--epochs",
                "1",
                "--batch",
                "4",
                "--validation-share",
                "0.5",
                "--output",
                "run",
            ]
        );
        Assert.True(File.Exists(Path.Combine(folder, "run", "report.html")));

        string next = $"{Feed.Version}.1";
        feed.Renumber("alexnet", next, folder);
        feed.Renumber($"alexnet.{Feed.Rid}", next, folder);
        await Dotnet(folder, "update", "alexnet", "--tool-path", tools, "--source", folder);
        Assert.Contains(next, await Dotnet(folder, "list", "--tool-path", tools), StringComparison.Ordinal);
        Assert.Contains(
            "Total params",
            await Command.RunAsync(folder, tool, "summary", "small"),
            StringComparison.Ordinal
        );

        await Dotnet(folder, "uninstall", "alexnet", "--tool-path", tools);
        Assert.False(File.Exists(tool));
    }

    private static Task<string> Dotnet(string folder, params string[] arguments) =>
        Command.RunAsync(folder, "dotnet", ["tool", .. arguments]);
}
