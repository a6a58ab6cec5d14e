namespace Lamina.Packages.Tests;

/// <summary>The archive that needs no .NET.</summary>
public sealed class ArchiveTests(Feed feed)
{
    [Fact]
    public async Task The_archive_unpacks_and_runs_without_dotnet()
    {
        string folder = feed.Empty();
        await Command.RunAsync(
            Feed.Repository,
            "dotnet",
            "msbuild",
            "packaging/archive.proj",
            $"-p:Into={folder}",
            "-v:quiet",
            "-m:1"
        );
        string name = $"alexnet-{Feed.Rid}";
        Directory.Delete(Path.Combine(folder, name), recursive: true);
        await Command.RunAsync(folder, "tar", "-xzf", $"{name}.tar.gz");
        string program = Path.Combine(folder, name, OperatingSystem.IsWindows() ? "alexnet.exe" : "alexnet");
        string text = OperatingSystem.IsWindows()
            ? await Command.RunAsync(folder, program, "summary", "small")
            : await Command.RunAsync(
                folder,
                "env",
                "-i",
                "PATH=/nowhere",
                $"HOME={folder}",
                program,
                "summary",
                "small"
            );
        Assert.Contains("Total params", text, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, name, "LICENSE")));
        Assert.True(File.Exists(Path.Combine(folder, name, "alexnet.service")));
    }
}
