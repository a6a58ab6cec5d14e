using System.IO.Compression;
using System.Xml.Linq;

namespace Lamina.Packages.Tests;

/// <summary>What is in the packages.</summary>
public sealed class PackageTests(Feed feed)
{
    private static readonly string[] s_libraries =
    [
        "Lamina",
        "Lamina.Data",
        "Lamina.Formats",
        "Lamina.Hdf5",
        "Lamina.Distributed",
        "Lamina.Inspect",
        "Lamina.Pictures",
        "Lamina.Quantization",
        "Lamina.Runs",
        "Lamina.Serving",
        "Lamina.Torch",
        "Lamina.Tuning",
        "Lamina.Zoo",
    ];

    public static TheoryData<string> Libraries => [.. s_libraries];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_is_whole(string package)
    {
        using ZipArchive zip = feed.Open(package);
        foreach (string file in new[] { "README.md", "icon.png", "LICENSE", "THIRD-PARTY-NOTICES.md" })
        {
            Assert.NotNull(zip.GetEntry(file));
        }
        Assert.NotNull(zip.GetEntry($"lib/net10.0/{package}.xml"));
        XElement metadata = Metadata(zip);
        string Field(string name) => metadata.Elements().Single(e => e.Name.LocalName == name).Value;
        Assert.Equal("MIT", Field("license"));
        Assert.NotEmpty(Field("tags"));
        Assert.NotEmpty(Field("description"));
        Assert.StartsWith("https://", Field("projectUrl"), StringComparison.Ordinal);
        Assert.NotEmpty(metadata.Elements().Single(e => e.Name.LocalName == "repository").Attribute("url")!.Value);
        using ZipArchive symbols = feed.Open(package, "snupkg");
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{package}.pdb"));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_does_not_depend_on_the_platform_that_packed_it(string package)
    {
        using ZipArchive zip = feed.Open(package);
        string[] needs =
        [
            .. Metadata(zip)
                .Descendants()
                .Where(e => e.Name.LocalName == "dependency")
                .Select(e => e.Attribute("id")!.Value),
        ];
        Assert.DoesNotContain(needs, id => id.StartsWith("libtorch-", StringComparison.Ordinal));
        Assert.DoesNotContain(zip.Entries, e => e.FullName.StartsWith("runtimes/", StringComparison.Ordinal));
    }

    [Fact]
    public void The_package_for_CPUs_chooses_by_runtime_identifier()
    {
        using ZipArchive zip = feed.Open("Lamina.Torch.Cpu");
        using var reader = new StreamReader(zip.GetEntry("runtime.json")!.Open());
        string text = reader.ReadToEnd();
        foreach (string rid in new[] { "linux-x64", "win-x64", "win-arm64", "osx-arm64" })
        {
            Assert.Contains($"\"libtorch-cpu-{rid}\"", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_tool_has_libtorch_without_the_libraries_of_PyTorch_s_Python_module()
    {
        using ZipArchive zip = feed.Open($"alexnet.{Feed.Rid}");
        Assert.Contains(zip.Entries, e => e.Name.Contains("torch_cpu", StringComparison.Ordinal));
        Assert.DoesNotContain(
            zip.Entries,
            e =>
                e.Name.Contains("torch_python", StringComparison.Ordinal)
                || e.Name.Contains("_test.", StringComparison.Ordinal)
                || e.Name.Contains("nnapi", StringComparison.Ordinal)
        );
    }

    private static XElement Metadata(ZipArchive zip)
    {
        using Stream nuspec = zip.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(nuspec).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
    }
}
