using System.Text;

namespace Lamina.Formats.Tests;

public class ManifestTests
{
    private static readonly string s_sha = new('a', 64);

    private const string Json =
        """{"format":"lamina-model","format_version":1,"created_by":"Lamina 0.1.0","files":{"architecture.json":{"length":1,"sha256":"SHA"},"metadata.json":{"length":2,"sha256":"SHA"},"weights.safetensors":{"length":3,"sha256":"SHA"}}}""";

    private static string Good(string change = "SHA", string to = "SHA") =>
        Json.Replace("SHA", s_sha, StringComparison.Ordinal).Replace(change, to, StringComparison.Ordinal);

    private static Manifest Parse(string json) => Manifest.Parse(Encoding.UTF8.GetBytes(json), "m");

    [Fact]
    public void Reads_and_writes()
    {
        Manifest manifest = Parse(Good());
        Assert.Equal(new Checksum(3, s_sha), manifest.Files["weights.safetensors"]);
        Assert.Equal("Lamina 0.1.0", manifest.CreatedBy);
        Assert.Equal(manifest.Files, Manifest.Parse(Manifest.Of(manifest.Files).ToBytes(), "m").Files);
        Assert.StartsWith("Lamina ", Manifest.Of(manifest.Files).CreatedBy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lamina-model", "keras", "is not a Lamina model")]
    [InlineData("\"format\":\"lamina-model\",", "", "is not a Lamina model")]
    [InlineData("\"format_version\":1", "\"format_version\":2", "format 2 by Lamina 0.1.0")]
    [InlineData("\"format_version\":1", "\"format_version\":0", "format_version")]
    [InlineData("\"format_version\":1", "\"format_version\":\"1\"", "format_version")]
    [InlineData("\"format_version\":1", "\"format_version\":1.5", "format_version")]
    [InlineData("\"format_version\":1,", "", "format_version")]
    [InlineData("\"created_by\":\"Lamina 0.1.0\",", "", "created_by")]
    [InlineData("\"created_by\"", "\"made_by\"", "'made_by'")]
    [InlineData("weights.safetensors", "../weights.safetensors", "'../weights.safetensors'")]
    [InlineData("metadata.json", "optimizer.safetensors", "does not name metadata.json")]
    [InlineData("\"length\":3", "\"length\":-3", "weights.safetensors: length")]
    [InlineData("\"length\":3", "\"length\":3e0", "weights.safetensors: length")]
    [InlineData("\"length\":3", "\"size\":3", "'size'")]
    [InlineData("\"length\":3,\"sha256\":\"a", "\"length\":3,\"sha256\":\"A", "sha256 is not 64")]
    [InlineData("\"length\":3,\"sha256\":\"a", "\"length\":3,\"sha256\":\"", "sha256 is not 64")]
    [InlineData("\"length\":3,", "\"length\":3,\"length\":3,", "twice")]
    [InlineData("}}}", "}}", "malformed JSON")]
    [InlineData("}}}", "}}}}", "malformed JSON")]
    [InlineData("Lamina 0.1.0", "\\ud800", "escape")]
    public void Malformed_manifests_are_refused(string change, string to, string reason) =>
        OneLine.Error(() => Parse(Good(change, to)), "m: ", reason);

    [Fact]
    public void A_newer_format_may_have_other_keys() =>
        OneLine.Error(
            () => Parse("""{"format":"lamina-model","format_version":7,"new":[]}"""),
            "format 7",
            "Update Lamina"
        );

    [Fact]
    public void Deep_json_is_refused() => OneLine.Error(() => Parse(new string('[', 100_000)), "over 64 levels deep");
}
