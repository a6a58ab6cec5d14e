using System.Globalization;
using System.Text.RegularExpressions;

namespace Lamina.Packages.Tests;

/// <summary>The archive that checks a GPU: what needs none runs from it here.</summary>
public sealed partial class GpuArchiveTests(Feed feed)
{
    [Fact]
    public async Task The_archive_is_small_has_no_libtorch_and_its_parts_for_a_CPU_run()
    {
        Assert.SkipUnless(Feed.Rid == "linux-x64", "The archive is for Linux on x64.");
        string libtorch = Libtorch();
        Assert.SkipUnless(File.Exists(Path.Combine(libtorch, "libtorch_cpu.so")), $"{libtorch} has no libtorch.");
        string folder = feed.Empty();
        string packed = await Command.RunAsync(Feed.Repository, "bash", "tests/gpu/pack", folder);
        Assert.Contains("lamina-gpu-linux-x64.tar.gz: ", packed, StringComparison.Ordinal);
        string archive = Path.Combine(folder, "lamina-gpu-linux-x64.tar.gz");
        Assert.InRange(new FileInfo(archive).Length, 1_000_000, 60_000_000);
        await Command.RunAsync(folder, "tar", "-xzf", archive);
        string root = Path.Combine(folder, "lamina-gpu-linux-x64");
        Assert.DoesNotContain(
            Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(Path.GetFileName),
            f => f!.Contains("torch_c", StringComparison.Ordinal) || f.StartsWith("libc10", StringComparison.Ordinal)
        );
        string output = await Command.RunAsync(
            folder,
            "env",
            $"LAMINA_LIBTORCH={libtorch}",
            "bash",
            Path.Combine(root, "run"),
            "--device",
            "portable"
        );
        Assert.InRange(output.Length, 500, 8000);
        Match counts = Counts().Match(output);
        Assert.True(counts.Success, output);
        Assert.Equal(
            [6, 0, 2],
            counts.Groups.Values.Skip(1).Select(g => int.Parse(g.Value, CultureInfo.InvariantCulture))
        );
        Assert.DoesNotContain("FAIL", output, StringComparison.Ordinal);
        Assert.Contains("kernels compile to", output, StringComparison.Ordinal);
    }

    private static string Libtorch()
    {
        string? packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string root = string.IsNullOrEmpty(packages) ? Path.Combine(home, ".nuget", "packages") : packages;
        string package = Path.Combine(root, "libtorch-cpu-linux-x64");
        string? version = Directory.Exists(package) ? Directory.EnumerateDirectories(package).Max() : null;
        return Path.Combine(version ?? package, "runtimes", "linux-x64", "native");
    }

    [GeneratedRegex(@"(\d+) passed, (\d+) failed, (\d+) skipped, \d+ s")]
    private static partial Regex Counts();
}
