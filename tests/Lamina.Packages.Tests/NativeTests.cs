using System.Globalization;
using System.Text.RegularExpressions;

namespace Lamina.Packages.Tests;

/// <summary>
/// A program that uses the packages, published by NativeAOT and trimmed without it. Warnings of trimming and AOT are errors. For
/// NativeAOT the libraries are kept as a whole, so that they are compiled to the last method; otherwise they are trimmed, so that
/// what only reflection finds would be missing.
/// </summary>
public sealed partial class NativeTests(Feed feed)
{
    // What supports AOT: Lamina.Pictures, .Runs, .Tuning and .Serving do not, because of what they depend on.
    private static readonly string[] s_libraries =
    [
        "Lamina",
        "Lamina.Hdf5",
        "Lamina.Formats",
        "Lamina.Torch",
        "Lamina.Data",
        "Lamina.Zoo",
        "Lamina.Inspect",
        "Lamina.Quantization",
    ];

    [Fact]
    public async Task A_native_program_trains_saves_loads_exports_and_predicts_as_the_JIT_does()
    {
        Assert.SkipUnless(HasLinker(), "NativeAOT needs clang or gcc to link.");
        string folder = await PublishAsync("PublishAot", s_libraries);
        Assert.False(File.Exists(Path.Combine(folder, "out", "NativeHost.dll")), "It was not compiled ahead of time.");
        await AssertSameAsJitAsync(folder, "JIT: False");
    }

    [Fact]
    public async Task A_trimmed_program_does_the_same()
    {
        string folder = await PublishAsync("PublishTrimmed", []);
        string trimmed = Path.Combine(folder, "out", "Lamina.Torch.dll");
        string whole = Path.Combine(Host, "bin", "Release", "net10.0", "Lamina.Torch.dll");
        Assert.True(new FileInfo(trimmed).Length < new FileInfo(whole).Length, "It was not trimmed.");
        await AssertSameAsJitAsync(folder, "JIT: True");
    }

    private async Task<string> PublishAsync(string property, string[] whole)
    {
        string folder = feed.Empty();
        foreach (string file in Directory.EnumerateFiles(Host, "*.cs"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
        await File.WriteAllTextAsync(
            Path.Combine(folder, "NativeHost.csproj"),
            Project(property, whole),
            TestContext.Current.CancellationToken
        );
        string publish = await Command.RunAsync(folder, "dotnet", "publish", "-o", "out", "-v:minimal");
        Assert.DoesNotMatch(TrimWarning(), publish);
        return folder;
    }

    private static async Task AssertSameAsJitAsync(string folder, string first)
    {
        string name = OperatingSystem.IsWindows() ? "NativeHost.exe" : "NativeHost";
        string[] native = Lines(await Command.RunAsync(folder, Path.Combine(folder, "out", name), "native"));
        string[] jit = Lines(
            await Command.RunAsync(
                folder,
                "dotnet",
                Path.Combine(Host, "bin", "Release", "net10.0", "NativeHost.dll"),
                "jit"
            )
        );
        Assert.Equal(first, native[0]);
        Assert.Equal("JIT: True", jit[0]);
        Assert.Equal("end", native[^1]);
        Assert.Equal(jit.Length, native.Length);
        for (int i = 1; i < jit.Length; i++)
        {
            AssertSame(jit[i], native[i]);
        }
        Assert.DoesNotContain(native, l => l.Contains("differs", StringComparison.Ordinal));
        AssertSameFiles(Path.Combine(folder, "jit"), Path.Combine(folder, "native"));
    }

    private static string Host => Path.Combine(Feed.Repository, "tests", "hosts", "NativeHost");

    private string Project(string property, string[] whole) =>
        $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <RuntimeIdentifier>{Feed.Rid}</RuntimeIdentifier>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <{property}>true</{property}>
                <StripSymbols>true</StripSymbols>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <TrimmerSingleWarn>false</TrimmerSingleWarn>
                <RestoreAdditionalProjectSources>{feed.Folder}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{feed.Cache}</RestorePackagesPath>
                <RestoreFallbackFolders>{Feed.UserCache}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
            {string.Join(
                '\n',
                s_libraries.Append("Lamina.Torch.Cpu").Select(l =>
                    $"    <PackageReference Include=\"{l}\" Version=\"{Feed.Version}\" />"
                )
            )}
            {string.Join('\n', whole.Select(l => $"    <TrimmerRootAssembly Include=\"{l}\" />"))}
              </ItemGroup>
            </Project>
            """;

    // Other vector widths add in another order, so numbers may differ in their last digits.
    private static void AssertSame(string expected, string actual)
    {
        (string[] a, string[] b) = (expected.Split(' '), actual.Split(' '));
        Assert.True(a.Length == b.Length, $"'{expected}', but '{actual}'");
        for (int i = 0; i < a.Length; i++)
        {
            bool same =
                a[i] == b[i]
                || (
                    double.TryParse(a[i], CultureInfo.InvariantCulture, out double x)
                    && double.TryParse(b[i], CultureInfo.InvariantCulture, out double y)
                    && Math.Abs(x - y) <= 1e-3 * Math.Max(1, Math.Abs(x))
                );
            Assert.True(same, $"'{expected}', but '{actual}'");
        }
    }

    private static void AssertSameFiles(string expected, string actual)
    {
        string[] Names(string folder) =>
            [
                .. Directory
                    .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                    .Select(f => Path.GetRelativePath(folder, f))
                    .Where(f => !f.StartsWith("logs", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal),
            ];
        Assert.Equal(Names(expected), Names(actual));
        Assert.Contains(
            Directory.EnumerateFiles(Path.Combine(actual, "logs"), "*", SearchOption.AllDirectories),
            f => new FileInfo(f).Length > 1000
        );
    }

    private static string[] Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool HasLinker() =>
        OperatingSystem.IsWindows()
        || (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(f => File.Exists(Path.Combine(f, "clang")) || File.Exists(Path.Combine(f, "gcc")));

    [GeneratedRegex(@"\bIL[23]\d{3}\b")]
    private static partial Regex TrimWarning();
}
