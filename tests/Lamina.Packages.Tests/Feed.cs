using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml.Linq;

[assembly: AssemblyFixture(typeof(Lamina.Packages.Tests.Feed))]

namespace Lamina.Packages.Tests;

/// <summary>The packages of this build in a folder, made once for all tests, and a place to work in.</summary>
public sealed class Feed : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-packages-").FullName;

    /// <summary>The repository's folder.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The version of the packages.</summary>
    public static string Version { get; } =
        XDocument.Load(Path.Combine(Repository, "Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>The platform that the tool is packed for.</summary>
    public static string Rid { get; } =
        RuntimeInformation.RuntimeIdentifier.Contains('-', StringComparison.Ordinal)
            ? $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-"
                + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()
            : RuntimeInformation.RuntimeIdentifier;

    /// <summary>The folder with the packages.</summary>
    public string Folder => Path.Combine(_root, "feed");

    /// <summary>Packages that restores of the tests extract; what is in the user's own cache is read from there.</summary>
    public string Cache => Path.Combine(_root, "packages");

    /// <summary>The user's own folder of packages, from which restores of the tests read.</summary>
    public static string UserCache =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Folder);
        await Command.RunAsync(
            Repository,
            "dotnet",
            "msbuild",
            "packaging/pack.proj",
            $"-p:Feed={Folder}",
            "-v:quiet",
            "-m:1"
        );
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Returns a new, empty folder.</summary>
    public string Empty()
    {
        string folder = Path.Combine(_root, Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Opens a package, by its name without version and extension.</summary>
    public ZipArchive Open(string package, string extension = "nupkg") =>
        ZipFile.OpenRead(Path.Combine(Folder, $"{package}.{Version}.{extension}"));

    /// <summary>Writes a package again under another version, which is what an update finds.</summary>
    public string Renumber(string package, string version, string folder)
    {
        string copy = Path.Combine(folder, $"{package}.{version}.nupkg");
        File.Copy(Path.Combine(Folder, $"{package}.{Version}.nupkg"), copy);
        using ZipArchive zip = ZipFile.Open(copy, ZipArchiveMode.Update);
        foreach (string name in zip.Entries.Select(e => e.FullName).ToList())
        {
            if (
                name.EndsWith(".nuspec", StringComparison.Ordinal)
                || Path.GetFileName(name) == "DotnetToolSettings.xml"
            )
            {
                string text;
                using (var reader = new StreamReader(zip.GetEntry(name)!.Open()))
                {
                    text = reader.ReadToEnd();
                }
                zip.GetEntry(name)!.Delete();
                using Stream stream = zip.CreateEntry(name).Open();
                stream.Write(
                    Encoding.UTF8.GetBytes(
                        text.Replace($"<version>{Version}<", $"<version>{version}<", StringComparison.Ordinal)
                            .Replace($"Version=\"{Version}\"", $"Version=\"{version}\"", StringComparison.Ordinal)
                    )
                );
            }
        }
        return copy;
    }

    private static string FindRepository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Lamina.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
