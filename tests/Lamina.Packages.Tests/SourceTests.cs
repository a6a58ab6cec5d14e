using System.Diagnostics;
using System.Reflection.Metadata;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Lamina.Packages.Tests;

/// <summary>
/// What a release build makes of a commit: the same bytes in any folder, with links to the sources, and an API that is compared with
/// the last version's. The variable LAMINA_WHOLE=1 builds all libraries, which takes minutes.
/// </summary>
public sealed class SourceTests(Feed feed)
{
    private const string Origin = "https://github.com/lamina-net/lamina.git";
    private const string Raw = "https://raw.githubusercontent.com/lamina-net/lamina";

    // The GUID of Source Link's record in a PDB.
    private static readonly Guid s_sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private static string[] Projects =>
        Environment.GetEnvironmentVariable("LAMINA_WHOLE") == "1"
            ?
            [
                .. Directory
                    .EnumerateDirectories(Path.Combine(Feed.Repository, "src"))
                    .Select(d => Path.GetFileName(d)!)
                    .Where(n => n is not ("Lamina.Cli" or "Lamina.Templates" or "Lamina.Torch.Cpu"))
                    .OrderDescending(StringComparer.Ordinal),
            ]
            : ["Lamina.Hdf5", "Lamina"];

    [Fact]
    public async Task A_commit_has_the_same_bytes_in_any_folder_and_links_to_its_sources()
    {
        string commit = await CommitAsync();
        string root = feed.Empty();
        string[] clones = [Path.Combine(root, "a"), Path.Combine(root, "another", "longer folder")];
        var hashes = new List<string[]>();
        foreach (string clone in clones)
        {
            await CloneAsync(clone);
            // What others refer to is built with them.
            foreach (string project in Projects.Where(p => !File.Exists(Output(clone, p, "dll"))))
            {
                await BuildAsync(clone, project);
            }
            hashes.Add([
                .. Projects.SelectMany(p =>
                    new[] { "dll", "pdb", "xml" }.Select(extension =>
                        $"{p}.{extension} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Output(clone, p, extension))))}"
                    )
                ),
            ]);
        }
        Assert.Equal(hashes[0], hashes[1]);
        foreach (string project in Projects)
        {
            Assert.Equal($"{{\"/_/*\":\"{Raw}/{commit}/*\"}}", Compact(SourceLink(Output(clones[0], project, "pdb"))));
            string version = FileVersionInfo.GetVersionInfo(Output(clones[0], project, "dll")).ProductVersion!;
            Assert.Equal($"{Feed.Version}+{commit}", version);
            // A path of the machine that built it would be in one of the files.
            foreach (string extension in new[] { "dll", "pdb" })
            {
                string bytes = Encoding.Latin1.GetString(File.ReadAllBytes(Output(clones[0], project, extension)));
                Assert.DoesNotContain(root, bytes, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_break_of_the_API_of_the_last_version_fails_the_packing()
    {
        await CommitAsync();
        string root = feed.Empty();
        string clone = Path.Combine(root, "source");
        await CloneAsync(clone);
        string last = Path.Combine(root, "last");
        Directory.CreateDirectory(last);
        feed.Renumber("Lamina", "0.0.9", last);
        Assert.Equal((0, ""), await PackAsync(clone, last));
        string file = Path.Combine(clone, "src", "Lamina", "Graph", "Session.cs");
        string text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        const string method = "public static void Clear(";
        Assert.Contains(method, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            file,
            text.Replace(
                method,
                method.Replace("public", "internal", StringComparison.Ordinal),
                StringComparison.Ordinal
            ),
            TestContext.Current.CancellationToken
        );
        (int code, string errors) = await PackAsync(clone, last);
        Assert.NotEqual(0, code);
        Assert.Contains("CP0002", errors, StringComparison.Ordinal);
        Assert.Contains("Lamina.Session.Clear", errors, StringComparison.Ordinal);
    }

    private static async Task<string> CommitAsync()
    {
        Assert.SkipUnless(
            Path.Exists(Path.Combine(Feed.Repository, ".git")),
            "These sources are not a repository of Git."
        );
        try
        {
            return (await Command.RunAsync(Feed.Repository, "git", "rev-parse", "HEAD")).Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("Git is not installed.");
            throw;
        }
    }

    /// <summary>Clones the commit that is checked out, as if from its public address.</summary>
    private static async Task CloneAsync(string folder)
    {
        await Command.RunAsync(Feed.Repository, "git", "clone", "-q", "--shared", Feed.Repository, folder);
        await Command.RunAsync(folder, "git", "remote", "set-url", "origin", Origin);
    }

    private static Task BuildAsync(string clone, string project) =>
        Command.RunAsync(
            clone,
            "dotnet",
            "build",
            $"src/{project}",
            "-c",
            "Release",
            "-v:quiet",
            "-m:1",
            "-p:ContinuousIntegrationBuild=true",
            "-p:RunAnalyzers=false"
        );

    /// <summary>Packs the first library with a baseline; returns the exit code and the lines with errors.</summary>
    private async Task<(int Code, string Errors)> PackAsync(string clone, string last)
    {
        string cache =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        using Process process = Command.Start(
            clone,
            "dotnet",
            "pack",
            "src/Lamina",
            "-c",
            "Release",
            "-v:quiet",
            "-m:1",
            "-p:RunAnalyzers=false",
            "-p:LaminaLastVersion=0.0.9",
            $"-p:RestoreAdditionalProjectSources={last}",
            $"-p:RestorePackagesPath={feed.Cache}",
            $"-p:RestoreFallbackFolders={cache}",
            $"-p:PackageOutputPath={Path.Combine(last, "packed")}"
        );
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        string[] errors = [.. output.Split('\n').Where(l => l.Contains("error", StringComparison.Ordinal))];
        return (process.ExitCode, string.Join('\n', errors));
    }

    private static string Output(string clone, string project, string extension) =>
        Path.Combine(clone, "src", project, "bin", "Release", "net10.0", $"{project}.{extension}");

    private static string SourceLink(string pdb)
    {
        using FileStream stream = File.OpenRead(pdb);
        using var provider = MetadataReaderProvider.FromPortablePdbStream(stream);
        MetadataReader reader = provider.GetMetadataReader();
        CustomDebugInformation record = reader
            .GetCustomDebugInformation(EntityHandle.ModuleDefinition)
            .Select(reader.GetCustomDebugInformation)
            .Single(i => reader.GetGuid(i.Kind) == s_sourceLink);
        return Encoding.UTF8.GetString(reader.GetBlobBytes(record.Value));
    }

    private static string Compact(string json) =>
        JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement.GetProperty("documents"));
}
